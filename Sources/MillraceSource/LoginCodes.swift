import MillraceCore

// A table of data: each code with its own meaning and its own advice.

extension LoginCode {
  /// Every code that operators of collectors were seen to meet.
  package static let all = credentials + applications + tenants + resources + policies + passing

  /// The credential must be replaced or its use mended.
  private static let credentials: [LoginCode] = [
    LoginCode(
      7_000_215, .credentialRefused, "the client secret is wrong",
      "give the secret's value, not its id, and a secret of this very application"),
    LoginCode(
      7_000_222, .credentialRefused, "every secret or certificate of the application has expired",
      "add a new one to the application, then configure it"),
    LoginCode(
      7_000_218, .misconfigured, "the request carried neither a secret nor an assertion",
      "check that the configured secret is not empty"),
    LoginCode(
      7_000_216, .misconfigured, "the client secret was missing from the request",
      "check the configured credential and that no proxy changes requests"),
    LoginCode(
      7_000_217, .misconfigured, "the client assertion was missing from the request",
      "check the configured certificate or token and that no proxy changes requests"),
    LoginCode(
      700_027, .credentialRefused, "the signature does not fit a certificate of the application",
      "upload the configured certificate to the application, and check that it has not expired"),
    LoginCode(
      700_024, .credentialRefused, "the assertion is outside its span of time",
      "set this machine's clock right; with a token file, see that it is renewed"),
    LoginCode(
      50_012, .credentialRefused, "the assertion was not accepted (span of time or audience)",
      "check this machine's clock, then that the login URL is that of the tenant's cloud"),
    LoginCode(
      50_013, .credentialRefused, "the assertion is not valid (signature, issuer or audience)",
      "check that certificate and key belong together, or which issuer made the token"),
    LoginCode(
      500_133, .credentialRefused, "the assertion is not within its time of validity",
      "set this machine's clock right and see that outside tokens are fetched anew"),
    LoginCode(
      50_027, .misconfigured, "the assertion is not a token the service can read",
      "check what the token's file or identity endpoint really gives"),
    LoginCode(
      700_025, .misconfigured, "the application is registered as a public client",
      "turn off \"Allow public client flows\" under Authentication"),
    LoginCode(
      700_030, .credentialRefused, "the certificate's issuer or subject is not allowed",
      "use a certificate that was uploaded to the application itself"),
    LoginCode(
      70_002, .credentialRefused, "the credential could not be validated",
      "make a new secret or certificate for the application and configure that"),
    LoginCode(
      70_021, .misconfigured, "no federated credential fits the outside token",
      "compare issuer, subject and audience with the application's; a new one takes minutes to work"
    ),
    LoginCode(
      700_211, .misconfigured, "no federated credential has the outside token's issuer",
      "enter the issuer exactly as the token has it, the slash at its end included"),
    LoginCode(
      700_212, .misconfigured, "no federated credential has the outside token's audience",
      "configure the audience that the application names, usually api://AzureADTokenExchange"),
    LoginCode(
      700_213, .misconfigured, "no federated credential has the outside token's subject",
      "enter the subject that the service quotes above; there are no wildcards"),
    LoginCode(
      7_002_138, .misconfigured, "the outside token's subject differs in its letter case alone",
      "enter the subject with the capitals that the service quotes above"),
    LoginCode(
      700_229, .misconfigured, "the outside token is not that of an application",
      "use a token of a managed identity, not one of a person who signed in"),
  ]

  /// The application is not as it should be.
  private static let applications: [LoginCode] = [
    LoginCode(
      700_016, .misconfigured, "the application is not known in this tenant",
      "check client id and tenant; in a customer's tenant, an administrator grants consent first"),
    LoginCode(
      700_011, .misconfigured, "the application was not found in the directory",
      "check the client id letter by letter, and whether the application was deleted"),
    LoginCode(
      7_000_112, .misconfigured, "the application is disabled",
      "enable it under Enterprise applications, Properties, \"Enabled for users to sign-in\""),
    LoginCode(
      70_001, .misconfigured, "the application is disabled or not present here",
      "look for it under Enterprise applications of this tenant; grant consent if it is missing"),
    LoginCode(
      65_001, .misconfigured, "consent to the application is missing",
      "have an administrator grant admin consent (millrace consent prints the link)"),
    LoginCode(
      90_094, .misconfigured, "consent of an administrator is required",
      "open the admin-consent link as Cloud Application Administrator or higher"),
    LoginCode(
      650_051, .misconfigured, "the application asks for permissions that no longer exist",
      "remove outdated ones, such as ActivityReports.Read, from its API permissions"),
    LoginCode(
      650_052, .misconfigured, "the organisation has no principal of the API",
      "check that the tenant has Office 365 licences, then grant admin consent once more"),
    LoginCode(
      650_056, .misconfigured, "the application's registration is incomplete",
      "add ActivityFeed.Read of Office 365 Management APIs to it and grant admin consent"),
    LoginCode(
      650_057, .misconfigured, "the API is not among those the application asks for",
      "add Office 365 Management APIs to its API permissions and grant admin consent"),
    LoginCode(
      50_011, .misconfigured, "the reply URL of the consent is not registered",
      "add the redirect URI to the application, exactly as the consent link has it"),
    LoginCode(
      50_003, .misconfigured, "no signing key is configured for the sign-in",
      "make sure that the application does not use SAML for this sign-in"),
    LoginCode(
      50_048, .misconfigured, "subject and issuer of the assertion do not agree",
      "configure the client id of the application whose certificate this is"),
    LoginCode(
      70_003, .misconfigured, "the kind of sign-in is not supported",
      "check that nothing on the way changes requests to the login URL"),
  ]

  /// The tenant, or the cloud it is looked for in, is wrong.
  private static let tenants: [LoginCode] = [
    LoginCode(
      90_002, .misconfigured, "the tenant was not found",
      "check its GUID or domain, and that the configured cloud is the tenant's"),
    LoginCode(
      900_023, .misconfigured, "the tenant is given in a form that is neither GUID nor domain",
      "write the tenant's GUID as id"),
    LoginCode(
      50_059, .misconfigured, "the request named no tenant",
      "configure the tenant's GUID or domain as id, and a login URL without a path"),
    LoginCode(
      50_128, .misconfigured, "the domain is not known to the login service",
      "use a verified domain of the tenant, or its GUID"),
    LoginCode(
      9_001_023, .misconfigured, "applications cannot sign in over 'common' or 'organizations'",
      "give the tenant's own GUID or domain"),
    LoginCode(
      50_194, .misconfigured, "the application is for one tenant and was used over 'common'",
      "give that tenant's GUID, or register the application as multi-tenant"),
    LoginCode(
      90_019, .misconfigured, "no tenant could be told from the request",
      "put the tenant's GUID where a domain or alias stands"),
    LoginCode(
      900_971, .misconfigured, "no reply address was given",
      "register a redirect URI for the consent; app-only sign-ins need a tenant's own endpoint"),
    LoginCode(
      90_038, .misconfigured, "the tenant belongs to another national cloud",
      "configure its cloud: gcc-high, dod or china"),
    LoginCode(
      900_382, .misconfigured, "applications with credentials cannot sign in across clouds",
      "register the application in the tenant's own cloud and configure that cloud"),
    LoginCode(
      900_432, .misconfigured, "the credential is not supported across clouds",
      "use the login URL of the cloud that the application is registered in"),
    LoginCode(
      50_049, .misconfigured, "the cloud instance is not known",
      "use one of the named clouds, or check the login URL"),
  ]

  /// The API asked for is wrong, or the request was spoiled.
  private static let resources: [LoginCode] = [
    LoginCode(
      500_011, .misconfigured, "the API was not found in the tenant",
      "check the cloud and resource, and that the tenant has Office 365 licences"),
    LoginCode(
      50_001, .misconfigured, "the API is missing or disabled in the tenant",
      "look for Office 365 Management APIs under Enterprise applications"),
    LoginCode(
      70_011, .misconfigured, "the scope is malformed",
      "give as resource the API's URL and nothing else"),
    LoginCode(
      700_022, .misconfigured, "the scope names more than one resource",
      "give one resource in the cloud's mapping"),
    LoginCode(
      700_023, .misconfigured, "the scope mixes '.default' with others",
      "remove scopes from resource; the program adds /.default itself"),
    LoginCode(
      901_002, .misconfigured, "the field 'resource' was sent to the v2.0 endpoint",
      "check what rewrites requests between here and the login service"),
    LoginCode(
      900_144, .misconfigured, "a field of the token request got lost",
      "check proxies on the way: one of them drops or rewrites the form"),
  ]

  /// A policy of the tenant is in the way.
  private static let policies: [LoginCode] = [
    LoginCode(
      53_003, .misconfigured, "Conditional Access blocks the application",
      "have the policy for workload identities allow this machine's outgoing address"),
    LoginCode(
      530_032, .misconfigured, "a security policy of the tenant blocks the sign-in",
      "ask the tenant's administrators which policy applies to this application"),
    LoginCode(
      530_035, .misconfigured, "security defaults block the sign-in",
      "leave them on, and check that the application signs in as itself and not as a user"),
  ]

  /// It passes.
  private static let passing: [LoginCode] = [
    LoginCode(
      90_055, .throttled, "there were too many token requests for this tenant",
      "look for other programs that ask for tokens without keeping them"),
    LoginCode(
      50_196, .throttled, "the service takes equal requests for a loop",
      "look for a second collector with this client id that restarts again and again"),
    LoginCode(
      50_033, .serviceTrouble, "the login service has a fault that passes",
      "nothing to do, as the request is repeated"),
    LoginCode(
      90_006, .serviceTrouble, "a part of the login service was unavailable",
      "wait, as the request is repeated; see the service health if it lasts"),
    LoginCode(
      90_012, .serviceTrouble, "the request took the login service too long",
      "wait, as the request is repeated; check the line if it comes again and again"),
    LoginCode(
      90_024, .serviceTrouble, "the login service is too busy for a moment",
      "wait, as the request is repeated with growing pauses"),
    LoginCode(
      90_033, .serviceTrouble, "the login service is unavailable for a moment",
      "wait, as the request is repeated until it answers"),
  ]
}
