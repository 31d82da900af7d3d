/// A federated credential in the registration of a simulated application: whose tokens it trusts.
/// All three must agree to the letter.
package struct SimulatedFederation: Sendable, Hashable {
  /// The token's `iss`.
  package var issuer: String
  /// The token's `sub`.
  package var subject: String
  /// The token's `aud`.
  package var audience: String

  /// A federated credential.
  package init(
    issuer: String, subject: String, audience: String = "api://AzureADTokenExchange"
  ) {
    self.issuer = issuer
    self.subject = subject
    self.audience = audience
  }

  /// A service account of a simulated Kubernetes cluster.
  package static let kubernetes = SimulatedFederation(
    issuer: "https://cluster.example.com/", subject: "system:serviceaccount:audit:millrace")
  /// The workflow that the simulated GitHub endpoint speaks for.
  package static let github = SimulatedFederation(
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:contoso/audit:ref:refs/heads/main")
  /// The service account that the simulated metadata server of Google Cloud speaks for.
  package static let google = SimulatedFederation(
    issuer: "https://accounts.google.com", subject: "104729000000000000001")
  /// The role that the simulated AWS STS speaks for.
  package static let awsAccount = SimulatedFederation(
    issuer: "https://00000000-0000-4000-8000-00000000a115.tokens.sts.global.api.aws",
    subject: "arn:aws:iam::111122223333:role/millrace")
  /// The identity that the simulated Cognito pool speaks for; the audience is the pool.
  package static let awsIdentityPool = SimulatedFederation(
    issuer: "https://cognito-identity.amazonaws.com",
    subject: "eu-central-1:00000000-0000-4000-8000-0000000000c0",
    audience: "eu-central-1:00000000-0000-4000-8000-000000000b00")
  /// The managed identity that the simulated Azure endpoints speak for.
  package static let azure = SimulatedFederation(
    issuer: "https://login.microsoftonline.com/41463f53-8812-40f4-890f-865bf6e35190/v2.0",
    subject: "00000000-0000-4000-8000-0000000000aa")

  /// One for each simulated platform.
  package static let platforms: [SimulatedFederation] = [
    .kubernetes, .github, .google, .awsAccount, .awsIdentityPool, .azure,
  ]
}

/// What the simulated platforms want to be asked with.
package enum SimulatedPlatform {
  /// The bearer token of the GitHub endpoint, as `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
  package static let githubToken = "simulated-request-token"
  /// The header of the App Service endpoint, as `IDENTITY_HEADER`.
  package static let appServiceHeader = "simulated-identity-header"
  /// The access key of AWS.
  package static let awsAccessKeyID = "AKIASIMULATED0000000"
  /// The secret key of AWS.
  package static let awsSecretAccessKey = "simulated/secret+key"
  /// The session token of AWS, which goes with the keys that the simulated machine gives.
  package static let awsSessionToken = "simulated-session-token"
  /// The client id of the managed identity; it may be named or not.
  package static let managedIdentityClientID = "00000000-0000-4000-8000-0000000000cc"
}
