package import MillraceConfiguration
package import MillraceSource

/// The steps that give an application the least it needs, in the portal or with commands.
package struct SetupGuide: Sendable {
  /// One step.
  package struct Step: Codable, Hashable, Sendable {
    /// What is done, and by whom.
    package let title: String
    /// How, by hand.
    package let portal: String
    /// How, with commands; one a line.
    package let commands: [String]
  }

  /// The permissions to grant.
  package let permissions: [ServicePermission]
  /// The steps, in their order.
  package let steps: [Step]

  /// The steps for a certificate that was made.
  ///
  /// - Parameters:
  ///   - clientID: the application; nil while there is none.
  ///   - certificate: the path of the certificate.
  ///   - thumbprint: its SHA-1 in hexadecimal, as the portal shows it.
  ///   - wantsDLP: whether `DLP.All` is collected.
  ///   - redirectURI: where the answer of a consent goes.
  ///   - consentCommand: what asks for consent on this machine.
  ///   - consentURL: what an administrator opens; nil while the client id is not known.
  package init(
    clientID: String?, cloud: CloudConfiguration, certificate: String,
    thumbprint: String,
    wantsDLP: Bool, redirectURI: String, consentURL: String?,
    consentCommand: String
  ) {
    permissions = wantsDLP ? ServicePermission.allCases : [.readActivity]
    let names = permissions.map(\.rawValue).joined(separator: " and ")
    var steps: [Step] = []
    if clientID == nil {
      steps.append(
        Step(
          title: "Register an application; it needs no user account",
          portal: "Entra admin center > App registrations > New registration: this organizational"
            + " directory only, redirect URI \"Web\" \(redirectURI)",
          commands: [AzureCommand.selectCloud(cloud)].compactMap { $0 }
            + [
              AzureCommand.register(redirectURI: redirectURI), AzureCommand.makePrincipal(nil),
            ]))
    }
    steps += [
      Step(
        title: "Upload the certificate, never the key",
        portal: "the application > Certificates & secrets > Certificates > Upload \(certificate);"
          + " the portal then shows the thumbprint \(thumbprint)",
        commands: [AzureCommand.upload(certificate, to: clientID)]),
      Step(
        title: "Grant the application permissions \(names), and nothing else",
        portal: "the application > API permissions > Add > Office 365 Management APIs >"
          + " Application permissions: \(names); remove User.Read, which is not needed",
        commands: [AzureCommand.grant(permissions, to: clientID)]),
      Step(
        title: "Consent, as Cloud Application Administrator, Application Administrator or"
          + " Privileged Role Administrator; a Global Administrator is not needed",
        portal: consentURL.map { "open \($0)" }
          ?? "the application > API permissions > Grant admin consent",
        commands: [consentCommand]),
      Step(
        title: "See that audit logging is on, in Exchange Online PowerShell; where it is not,"
          + " the second command switches it on within the hour",
        portal: "Purview portal > Audit",
        commands: [FailureAdvice.auditingQuery, FailureAdvice.auditingSwitch]),
    ]
    self.steps = steps
  }

  /// The steps as text.
  package var text: String {
    steps.enumerated().map { index, step in
      (["\(index + 1). \(step.title)", "   by hand: \(step.portal)"]
        + step.commands.map { "   $ \($0)" }).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}
