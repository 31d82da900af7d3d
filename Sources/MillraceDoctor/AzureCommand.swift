package import MillraceConfiguration
package import MillraceSource

/// Commands of Azure's command line that set an application up.
package enum AzureCommand {
  /// Points the command line at a cloud; nil for the one it uses by itself.
  package static func selectCloud(_ cloud: CloudConfiguration) -> String? {
    switch cloud.name {
    case .gccHigh, .dod: "az cloud set --name AzureUSGovernment"
    case .china: "az cloud set --name AzureChinaCloud"
    case .worldwide, .gcc, nil: nil
    }
  }

  /// Registers an application for one tenant and prints its client id.
  package static func register(redirectURI: String) -> String {
    "az ad app create --display-name millrace --sign-in-audience AzureADMyOrg"
      + " --web-redirect-uris \(redirectURI) --query appId --output tsv"
  }

  /// Makes the application known in the tenant, so that consent has something to hold on to.
  package static func makePrincipal(_ clientID: String?) -> String {
    "az ad sp create --id \(named(clientID))"
  }

  /// Adds a certificate beside those that are there.
  package static func upload(_ path: String, to clientID: String?) -> String {
    "az ad app credential reset --id \(named(clientID)) --append --cert "
      + ShellWord.quoted("@" + path)
  }

  /// Grants application permissions; consent is another matter.
  package static func grant(_ permissions: [ServicePermission], to clientID: String?) -> String {
    "az ad app permission add --id \(named(clientID))"
      + " --api \(ServicePermission.apiApplication) --api-permissions"
      + permissions.map { " \($0.roleID)=Role" }.joined()
  }

  /// Consents, for an administrator who is signed in.
  package static func consent(_ clientID: String?) -> String {
    "az ad app permission admin-consent --id \(named(clientID))"
  }

  private static func named(_ clientID: String?) -> String { clientID ?? "CLIENT-ID" }
}
