import Glibc
import MillraceConfiguration
import MillraceCore

/// `init`: writes a commented configuration to begin with.
enum InitCommand {
  static let declaration = CommandDeclaration(
    name: "init",
    summary: "write a commented configuration to begin with",
    details: [
      "Writes ./millrace.yaml, or the file that --config names, with the keys that most want to "
        + "know, their defaults and what they mean. It asks nothing: what no option says stays a "
        + "sample to be filled in. A file that exists is never touched."
    ],
    options: [
      .text("tenant", "TENANT", "the tenant, by GUID or domain"),
      .text("name", "NAME", "what paths, metrics and events call it"),
      .choice(
        "cloud", CloudConfiguration.Name.allCases.map(\.rawValue), "the tenant's cloud"),
      .text("login", "URL", "another cloud: where tokens come from"),
      .text("api", "URL", "another cloud: where content comes from"),
      .text("resource", "URL", "another cloud: what tokens are for (default: the same as --api)"),
      .text("client-id", "GUID", "the application's id"),
      .text("secret", "FILE", "the file of its client secret"),
      .text("certificate", "FILE", "its certificate, as \"credentials new\" makes it"),
      .text("key", "FILE", "the certificate's key"),
      .text("token-file", "FILE", "a token of a trusted issuer (workload identity)"),
      .flag("managed-identity", "the identity of the Azure machine this runs on"),
      .choice(
        "content-type", ContentType.allCases.map(\.rawValue),
        "collect this content type alone (default: all)", isRepeatable: true),
      .text("store", "FOLDER", "where content is kept"),
      .text("output", "PATH", "where events go, such as /var/log/millrace/{tenant}-{date}.ndjson"),
      .text("listen", "ADDRESS", "where the status page is, such as 127.0.0.1:8365"),
    ],
    examples: [
      ("init --config /etc/millrace/millrace.yaml", "begins where the service looks"),
      (
        "init --tenant contoso.com --client-id 9b2c1d7e-0000-4000-8000-000000000001 "
          + "--certificate millrace.pem --key millrace.key", "says it all"
      ),
    ])

  static func run(_ invoked: Invoked) throws(CommandFailure) -> ExitCode {
    let path = invoked.arguments.string("config") ?? "millrace.yaml"
    let text = SampleConfiguration.text(try choices(invoked.arguments))
    // What was given is checked as it will be read, before anything is written.
    do throws(ConfigurationError) {
      _ = try Configuration.parse(Array(text.utf8), name: path, environment: invoked.environment)
    } catch {
      throw CommandFailure(
        error.issues.map { issue in
          "\(issue.path): \(issue.message)" + (issue.hint.isEmpty ? "" : "; \(issue.hint)")
        }.joined(separator: "\nmillrace: "), .badUsage)
    }
    try write(Array(text.utf8), to: path)
    let option = path == "millrace.yaml" ? "" : " --config \(path)"
    Output.say(
      "millrace: wrote \(path); " + (isWhole(invoked.arguments) ? "" : "fill in the tenant, then ")
        + "try \"millrace check\(option)\"")
    return .done
  }

  private static func choices(_ arguments: Arguments) throws(CommandFailure) -> SampleChoices {
    var choices = SampleChoices()
    choices.tenant = arguments.string("tenant")
    // A name that is not given follows the tenant that is.
    choices.name = arguments.string("name") ?? choices.tenant
    choices.cloud = arguments.choice("cloud")
    choices.hosts = try hosts(arguments)
    choices.clientID = arguments.string("client-id")
    choices.credential = try credential(arguments)
    let types = arguments.strings("content-type")
    choices.contentTypes = types.isEmpty ? nil : types
    choices.store = arguments.string("store")
    choices.output = arguments.string("output")
    choices.console = arguments.string("listen")
    return choices
  }

  private static func hosts(
    _ arguments: Arguments
  ) throws(CommandFailure) -> SampleChoices.Hosts? {
    let login = arguments.string("login")
    let api = arguments.string("api")
    let resource = arguments.string("resource")
    guard login != nil || api != nil || resource != nil else { return nil }
    guard let login, let api else {
      throw CommandFailure("another cloud takes --login and --api, both", .badUsage)
    }
    guard !arguments.isGiven("cloud") else {
      throw CommandFailure("give --cloud, or --login and --api", .badUsage)
    }
    return SampleChoices.Hosts(login: login, api: api, resource: resource)
  }

  private static func credential(
    _ arguments: Arguments
  ) throws(CommandFailure) -> SampleChoices.Credential? {
    let given = ["secret", "certificate", "token-file", "managed-identity"].filter {
      arguments.isGiven($0)
    }
    guard given.count <= 1 else {
      throw CommandFailure(
        "an application has one credential, not \(given.map { "--" + $0 }.joined(separator: " and "))",
        .badUsage)
    }
    if arguments.isGiven("key"), given != ["certificate"] {
      throw CommandFailure("--key belongs to --certificate", .badUsage)
    }
    if let file = arguments.string("secret") { return .secret(file: file) }
    if let path = arguments.string("certificate") {
      return .certificate(path: path, key: arguments.string("key"))
    }
    if let file = arguments.string("token-file") { return .tokenFile(file) }
    return arguments.flag("managed-identity") ? .managedIdentity : nil
  }

  /// Whether nothing of the tenant is left to be filled in.
  private static func isWhole(_ arguments: Arguments) -> Bool {
    arguments.isGiven("tenant")
      && (arguments.isGiven("client-id") || arguments.flag("managed-identity"))
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason =
        switch errno {
        case EEXIST: "it exists and is left as it is"
        case ENOENT: "its folder is not there; make it first"
        default: String(cString: strerror(errno))
        }
      throw CommandFailure("\(path): \(reason)", .failed)
    }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      let reason = String(cString: strerror(errno))
      // What is there is no configuration, and would keep the next try from writing one.
      unlink(path)
      throw CommandFailure("\(path): \(reason)", .failed)
    }
  }
}
