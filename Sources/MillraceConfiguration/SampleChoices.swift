/// What an operator has decided already of the configuration to begin with.
package struct SampleChoices: Sendable {
  /// How the application proves who it is, by the names of files.
  package enum Credential: Sendable {
    /// The file of a client secret.
    case secret(file: String)
    /// The files of a certificate and, unless it is in the same one, of its key.
    case certificate(path: String, key: String?)
    /// The file of a token of a trusted issuer.
    case tokenFile(String)
    /// The identity of the machine.
    case managedIdentity
  }

  /// A cloud by its addresses.
  package struct Hosts: Sendable {
    /// Where tokens come from.
    package var login: String
    /// Where content comes from.
    package var api: String
    /// What tokens are asked for; nil for the same as `api`.
    package var resource: String?

    /// A cloud by its addresses.
    package init(login: String, api: String, resource: String?) {
      self.login = login
      self.api = api
      self.resource = resource
    }

    fileprivate var mapping: String {
      let fields = [("login", login), ("api", api)] + (resource.map { [("resource", $0)] } ?? [])
      return "{" + fields.map { "\($0.0): \(YAMLScalar.quoted($0.1))" }.joined(separator: ", ")
        + "}"
    }
  }

  /// The tenant's GUID or domain.
  package var tenant: String?
  /// What it is called.
  package var name: String?
  /// The cloud.
  package var cloud: CloudConfiguration.Name?
  /// A cloud by its addresses, in place of a name.
  package var hosts: Hosts?
  /// The application's GUID.
  package var clientID: String?
  /// The credential.
  package var credential: Credential?
  /// What to collect, as the service spells it; nil for everything.
  package var contentTypes: [String]?
  /// The folder of the store.
  package var store: String?
  /// The path of the first sink's files.
  package var output: String?
  /// The address of the console.
  package var console: String?

  /// Nothing decided.
  package init() {}
}

extension SampleConfiguration {
  /// The configuration to begin with, as far as it is decided; what is not stays a sample.
  package static func text(_ choices: SampleChoices) -> String {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func set(_ beginning: String, _ value: String?) {
      guard let value else { return }
      let index = lines.firstIndex { $0.hasPrefix(beginning) }
      guard let index else { preconditionFailure("the sample has a line \(beginning)") }
      let comment = lines[index].firstRange(of: " # ").map { lines[index][$0.lowerBound...] } ?? ""
      let line = beginning + " " + value
      let padding = String(repeating: " ", count: max(1, 33 - line.count))
      lines[index] = comment.isEmpty ? line : line + padding + "#" + comment.dropFirst(2)
    }
    set("  path:", choices.store.map(YAMLScalar.quoted))
    set("  - id:", choices.tenant.map(YAMLScalar.quoted))
    set("    name:", choices.name.map(YAMLScalar.quoted))
    set("    cloud:", choices.hosts?.mapping ?? choices.cloud?.rawValue)
    set("    client_id:", choices.clientID.map(YAMLScalar.quoted))
    set("    path:", choices.output.map(YAMLScalar.quoted))
    set("  listen:", choices.console.map(YAMLScalar.quoted))
    if let types = choices.contentTypes,
      let index = lines.firstIndex(where: { $0.hasPrefix("    # content_types:") })
    {
      lines[index] = "    content_types: [\(types.joined(separator: ", "))]"
    }
    if let credential = choices.credential { choose(credential, in: &lines) }
    if choices.clientID == nil, case .managedIdentity? = choices.credential {
      // The machine's own identity needs none.
      lines.removeAll { $0.hasPrefix("    client_id:") }
    }
    return lines.joined(separator: "\n")
  }

  private static func choose(_ credential: SampleChoices.Credential, in lines: inout [String]) {
    let line =
      switch credential {
      case .secret(let file):
        "client_secret: " + YAMLScalar.quoted("file:" + file)
      case .certificate(let path, let key):
        "certificate: {path: \(YAMLScalar.quoted(path))"
          + (key.map { ", key: \(YAMLScalar.quoted($0))" } ?? "") + "}"
      case .tokenFile(let path):
        "federated_token_file: " + YAMLScalar.quoted(path)
      case .managedIdentity:
        "managed_identity: {}"
      }
    guard let index = lines.firstIndex(where: { $0.hasPrefix("      client_secret:") }) else {
      preconditionFailure("the sample has a client_secret")
    }
    lines[index] = "      " + line
    // The others are of no use to someone who has decided.
    lines.removeAll { $0.hasPrefix("      # ") && credentialKeys.contains(key(of: $0)) }
  }

  private static let credentialKeys: Set<String> = [
    "client_secret", "certificate", "federated_token_file", "managed_identity",
  ]

  private static func key(of comment: String) -> String {
    String(comment.drop { $0 == " " || $0 == "#" }.prefix { $0 != ":" })
  }
}
