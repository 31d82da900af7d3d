// A table of data: the codes of the login service, OAuth's words for them, and their texts.

extension LoginRefusal {
  /// Every code that can be asked for by name.
  static let table: [Int: (error: String, text: String)] = [
    7_000_215: (
      "invalid_client",
      "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."
    ),
    7_000_222: ("invalid_client", "The provided client secret keys are expired."),
    7_000_218: (
      "invalid_client",
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    ),
    7_000_216: (
      "invalid_client",
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
    ),
    7_000_217: ("invalid_client", "The request is missing the client assertion."),
    700_016: ("unauthorized_client", "Application was not found in the directory."),
    700_011: ("unauthorized_client", "Application was not found in directory."),
    7_000_112: ("unauthorized_client", "Application is disabled."),
    70_001: ("invalid_client", "The application is disabled or was not found in the directory."),
    90_002: (
      "invalid_request",
      "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
    ),
    900_023: (
      "invalid_request",
      "Specified tenant identifier is neither a valid DNS name, nor a valid external domain."
    ),
    50_059: (
      "invalid_request",
      "No tenant-identifying information found in either the request or implied by any provided credentials."
    ),
    50_128: (
      "invalid_request",
      "Invalid domain name. No tenant-identifying information found in the request."
    ),
    9_001_023: (
      "invalid_request", "The grant type is not supported over the /common or /consumers endpoints."
    ),
    50_194: (
      "invalid_request",
      "Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported."
    ),
    90_019: (
      "invalid_request",
      "No tenant-identifying information found in either the request or implied by any provided credentials."
    ),
    900_971: ("invalid_request", "No reply address provided."),
    500_011: ("invalid_resource", "The resource principal was not found in the tenant."),
    50_001: ("invalid_resource", "The resource is disabled or does not exist."),
    70_011: ("invalid_scope", "The provided value for the input parameter 'scope' is not valid."),
    70_003: ("unsupported_grant_type", "The app requested an unsupported grant type."),
    700_022: ("invalid_request", "The scope contains more than one resource."),
    700_023: ("invalid_scope", "'.default' cannot be combined with resource-specific scopes."),
    901_002: ("invalid_request", "The 'resource' request parameter is not supported."),
    900_144: ("invalid_request", "The request body must contain the following parameter."),
    65_001: (
      "invalid_grant", "The user or administrator has not consented to use the application."
    ),
    90_094: ("invalid_grant", "An administrator must consent to use the application."),
    650_051: (
      "invalid_request", "The application needs permissions that are invalid or out of date."
    ),
    650_052: (
      "invalid_request",
      "The app needs access to a service that your organization has not subscribed to or enabled."
    ),
    650_056: ("invalid_request", "Misconfigured application."),
    650_057: (
      "invalid_client",
      "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions."
    ),
    700_027: ("invalid_client", "Client assertion failed signature validation."),
    700_024: ("invalid_client", "Client assertion is not within its valid time range."),
    50_012: ("invalid_client", "Authentication failed."),
    50_013: ("invalid_client", "Assertion is not valid."),
    500_133: ("invalid_grant", "Assertion is not within its valid time range."),
    50_027: ("invalid_request", "JWT token is invalid or malformed."),
    700_025: (
      "invalid_client",
      "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
    ),
    700_030: (
      "invalid_client",
      "Invalid certificate - subject name or issuer in certificate is not authorized."
    ),
    70_002: ("invalid_client", "Error validating credentials."),
    70_021: (
      "invalid_client", "No matching federated identity record found for presented assertion."
    ),
    700_211: (
      "invalid_client",
      "No matching federated identity record found for presented assertion issuer."
    ),
    700_212: (
      "invalid_client",
      "No matching federated identity record found for presented assertion audience."
    ),
    700_213: (
      "invalid_client",
      "No matching federated identity record found for presented assertion subject."
    ),
    7_002_138: (
      "invalid_client",
      "No matching federated identity record found for presented assertion subject. The comparison is case-sensitive."
    ),
    700_229: (
      "unauthorized_client",
      "Only app-only tokens can be used as Federated Identity Credentials for AAD issuer."
    ),
    53_003: ("invalid_grant", "Access has been blocked by Conditional Access policies."),
    530_032: ("invalid_grant", "Blocked by security policy."),
    530_035: ("invalid_grant", "Access has been blocked by security defaults."),
    90_055: (
      "temporarily_unavailable", "Tenant requests throttled due to excessive incoming requests."
    ),
    50_196: (
      "invalid_grant",
      "The server terminated an operation because it encountered a client request loop."
    ),
    50_033: ("temporarily_unavailable", "A transient error occurred. Please try again."),
    90_006: ("temporarily_unavailable", "External server is retryable. Please try again."),
    90_012: ("temporarily_unavailable", "Request time out."),
    90_024: (
      "temporarily_unavailable",
      "Request budget exceeded. A transient error occurred. Please try again."
    ),
    90_033: ("temporarily_unavailable", "A transient error has occurred. Please try again."),
    90_038: ("invalid_request", "The tenant is in another national cloud."),
    900_382: ("invalid_request", "Confidential client is not supported in cross cloud request."),
    900_432: ("invalid_request", "Confidential client is not supported in cross cloud request."),
    50_003: ("invalid_request", "Signing key or certificate is not configured."),
    50_048: ("invalid_client", "Subject must match Issuer claim in the client assertion."),
    50_049: ("invalid_request", "Unknown or invalid cloud instance."),
    50_011: (
      "invalid_request",
      "The redirect URI specified in the request does not match the redirect URIs configured."
    ),
  ]
}
