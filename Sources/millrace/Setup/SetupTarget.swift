import Glibc
import MillraceConfiguration
import MillraceCore
import MillraceDoctor
import MillraceSource

/// Which application of which tenant a command is about: as the command line says, else as it is
/// configured.
struct SetupTarget {
  /// The GUID or a domain of the tenant; nil for whichever an administrator is of.
  var tenant: String?
  /// The application; nil while there is none.
  var clientID: String?
  var cloud = CloudConfiguration(.worldwide)
  /// Whether `DLP.All` is to be collected.
  var wantsDLP = true
  /// The words of `consent` that name it again.
  var words = ""

  /// The options that name it.
  static let options: [OptionDeclaration] = [
    .text("tenant", "TENANT", "the tenant, by GUID or domain, or by its name in the configuration"),
    .text("client-id", "GUID", "the application's id, in place of the configured one"),
    .choice(
      "cloud", CloudConfiguration.Name.allCases.map(\.rawValue),
      "the tenant's cloud, in place of the configured one"),
  ]

  /// Reads options and, where they do not name the application, the configuration.
  ///
  /// - Parameter isNeeded: whether an application must be named; else a configuration that is
  ///   missing, or has other tenants, is no error.
  static func read(_ invoked: Invoked, isNeeded: Bool) throws(CommandFailure) -> SetupTarget {
    let arguments = invoked.arguments
    var target = SetupTarget()
    let tenant = arguments.string("tenant")
    if arguments.string("client-id") == nil {
      let isThere = access(invoked.configurationPath, F_OK) == 0
      if isNeeded || isThere {
        target = try configured(invoked, tenant: tenant, isNeeded: isNeeded)
      }
    }
    if let given = arguments.string("client-id") {
      guard isGUID(given) else {
        throw CommandFailure(
          "--client-id is a GUID, the \"Application (client) ID\" of the portal", .badUsage)
      }
      target.clientID = given.lowercased()
      target.words = " --client-id \(given)"
    }
    if let tenant, target.tenant == nil {
      guard isGUID(tenant) || tenant.contains(".") else {
        throw CommandFailure(
          "--tenant \(tenant) is neither a GUID nor a domain, nor the name of a configured tenant",
          .badUsage)
      }
      target.tenant = tenant.lowercased()
      target.words += " --tenant \(ShellWord.quoted(tenant))"
    }
    if let name: CloudConfiguration.Name = arguments.choice("cloud") {
      target.cloud = CloudConfiguration(name)
      target.words += " --cloud \(name.rawValue)"
    }
    if let path = arguments.string("config") {
      target.words += " --config \(ShellWord.quoted(path))"
    }
    if target.clientID == nil { target.words += " --client-id CLIENT-ID" }
    return target
  }

  private static func configured(
    _ invoked: Invoked, tenant: String?, isNeeded: Bool
  ) throws(CommandFailure) -> SetupTarget {
    let configuration = try invoked.configuration()
    let found = configuration.tenants.filter { candidate in
      tenant == nil || candidate.name == tenant || candidate.identifier == tenant?.lowercased()
    }
    guard found.count == 1, let chosen = found.first else {
      guard isNeeded else { return SetupTarget() }
      let known = configuration.tenants.map(\.name).joined(separator: ", ")
      throw CommandFailure("say which one with --tenant: \(known)", .badUsage)
    }
    if chosen.clientID == nil, isNeeded {
      throw CommandFailure(
        "tenant \(chosen.name) has a managed identity, to which nobody consents in a browser: "
          + "its permissions are assigned with Microsoft Graph", .badUsage)
    }
    return SetupTarget(
      tenant: chosen.identifier, clientID: chosen.clientID, cloud: chosen.cloud,
      wantsDLP: chosen.contentTypes.contains(.dlp),
      words: configuration.tenants.count > 1 ? " --tenant \(ShellWord.quoted(chosen.name))" : "")
  }

  /// The hosts of the cloud.
  func endpoints() throws(CommandFailure) -> ServiceEndpoints {
    do throws(ServiceFailure) {
      return try ServiceEndpoints(login: cloud.login, api: cloud.api, resource: cloud.resource)
    } catch {
      throw CommandFailure("\(error)", .badConfiguration)
    }
  }

  /// Where the answer to a request for consent goes, on this machine.
  static func redirectURI(port: Int) -> String { "http://localhost:\(port)/" }

  /// The port of that, unless another is given.
  static let redirectPort = 8367
}
