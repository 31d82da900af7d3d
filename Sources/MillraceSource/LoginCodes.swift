import MillraceCore

/// What the AADSTS codes of the login service mean, and what to do about them (Microsoft identity
/// platform, "Microsoft Entra authentication and authorization error codes").
struct LoginCode: Sendable {
  let kind: ServiceFailure.Kind
  let advice: String

  /// The meaning of a code; nil when it is not in the table.
  static func find(_ number: Int) -> LoginCode? { table[number] }

  private static let table: [Int: LoginCode] = {
    var table: [Int: LoginCode] = [:]
    for (numbers, kind, advice) in rows {
      for number in numbers { table[number] = LoginCode(kind: kind, advice: advice) }
    }
    return table
  }()

  private static let rows: [(numbers: [Int], kind: ServiceFailure.Kind, advice: String)] = [
    // The credential must be replaced.
    (
      [7_000_215], .credentialRefused,
      "the secret is wrong: give the secret's value, not its id, and the secret of this application"
    ),
    (
      [7_000_222], .credentialRefused,
      "the secret or certificate has expired: add a new one to the application and configure it"
    ),
    (
      [700_027], .credentialRefused,
      "upload the certificate to the application, and check that it has not expired"
    ),
    (
      [700_024], .credentialRefused,
      "the assertion is outside its validity: check this machine's clock and the token file's age"
    ),
    (
      [50_012, 50_013, 500_133], .credentialRefused,
      "the assertion is not accepted: check certificate, issuer, audience and this machine's clock"
    ),
    ([700_030], .credentialRefused, "the certificate's issuer is not allowed by this tenant"),
    ([70_002], .credentialRefused, "the credential is not valid: configure a new one"),

    // The configuration cannot be right.
    (
      [7_000_218, 7_000_216, 7_000_217], .misconfigured,
      "no credential arrived: check that the secret is not empty"
    ),
    (
      [700_016, 700_011, 7_000_112, 70_001], .misconfigured,
      "the application is not known or is disabled in this tenant: check client id and tenant, and"
        + " grant admin consent"
    ),
    (
      [90_002, 900_023, 50_059, 50_128], .misconfigured,
      "the tenant is not found: check its GUID or domain, and that the cloud is the right one"
    ),
    (
      [9_001_023, 50_194, 90_019, 900_971], .misconfigured,
      "applications need their tenant: give a GUID or a domain, not 'common'"
    ),
    (
      [500_011, 50_001], .misconfigured,
      "the API is not found in the tenant: check the cloud and resource, and that the tenant has"
        + " Office 365 licences"
    ),
    (
      [70_011, 700_022, 700_023, 901_002], .misconfigured,
      "the resource is not accepted: it must be the API's URL and nothing else"
    ),
    ([900_144], .misconfigured, "a field of the token request got lost: check proxies on the way"),
    ([65_001, 90_094], .misconfigured, "an administrator must grant consent to the application"),
    (
      [650_051], .misconfigured,
      "the application asks for permissions that no longer exist, such as ActivityReports.Read:"
        + " remove them"
    ),
    (
      [650_052, 650_056, 650_057], .misconfigured,
      "add the permissions of Office 365 Management APIs to the application and grant consent"
    ),
    ([50_027], .misconfigured, "the assertion cannot be read: check the file it comes from"),
    (
      [700_025], .misconfigured,
      "the application is registered as a public client: turn that off under Authentication"
    ),
    (
      [70_021, 700_211, 700_212, 700_213, 7_002_138], .misconfigured,
      "no federated credential matches issuer, subject and audience; a new one takes some minutes"
        + " to work"
    ),
    (
      [700_229], .misconfigured,
      "only tokens of applications can be exchanged: check the token file"
    ),
    (
      [53_003], .misconfigured,
      "Conditional Access blocks the application: allow this machine's outgoing address"
    ),
    ([530_032, 530_035], .misconfigured, "a security policy of the tenant blocks the application"),
    (
      [90_038, 900_382, 900_432], .misconfigured,
      "the tenant belongs to another national cloud: configure that cloud"
    ),
    (
      [50_003, 50_048, 50_049, 50_011], .misconfigured,
      "the application's registration is incomplete: compare it with the set-up instructions"
    ),

    // It passes.
    ([90_055], .throttled, "too many token requests for this tenant"),
    ([50_196], .throttled, "too many equal token requests: check for a second collector in a loop"),
    ([50_033, 90_006, 90_012, 90_024, 90_033], .serviceTrouble, ""),
  ]
}
