internal import MillraceCore

/// Everything an operator says to Millrace, checked and with its defaults filled in.
///
/// Paths may be relative; they are then so to the working directory of the process, as with Vector
/// and most shells, not to the folder of the file.
package struct Configuration: Sendable {
  /// Where content is kept.
  package var store: StoreConfiguration
  /// How long an event is remembered to recognize its repetition; nil when that is switched off.
  package var deduplicate: Duration?
  /// The tenants in the order of the file; at least one, no two the same.
  package var tenants: [TenantConfiguration]
  /// The sinks in the order of the file; at least one, names unique.
  package var sinks: [SinkConfiguration]
  /// Constants that every event carries, in the order of the file.
  package var labels: [(name: String, value: String)]
  /// What says where addresses are; nil when nobody was asked to.
  package var location: LocationConfiguration?
  /// The status page; nil when there is none.
  package var console: ConsoleConfiguration?
  /// The way to the service, unless a tenant says otherwise.
  package var network: NetworkConfiguration
  /// What works and should be changed, such as a secret in plain text.
  package var warnings: [ConfigurationIssue]

  /// Reads a configuration file. Blocks while reading it.
  ///
  /// - Parameters:
  ///   - path: the file, named in errors as it is given here.
  ///   - environment: the variables that `${NAME}` takes, and `CREDENTIALS_DIRECTORY`.
  /// - Throws: every finding at once: the file cannot be read, or what is in it is wrong.
  package static func load(
    path: String, environment: [String: String]
  ) throws(ConfigurationError) -> Configuration {
    let file: FileContents
    do {
      file = try FileContents(path: path, limit: Limits.configurationBytesMax)
    } catch {
      throw ConfigurationError([
        ConfigurationIssue(
          file: path, message: "the configuration cannot be read: \(error.message)",
          hint: error.isMissing ? "\"millrace init\" writes one, --config names another" : "")
      ])
    }
    return try parse(file.bytes, name: path, environment: environment)
  }

  /// Reads a configuration from the bytes of its file.
  ///
  /// - Parameters:
  ///   - text: YAML in UTF-8, at most `Limits.configurationBytesMax` bytes.
  ///   - name: how errors name the file.
  ///   - environment: as for `load`.
  /// - Throws: every finding at once, in the order of the file. After an error of YAML syntax
  ///   nothing else can be found.
  package static func parse(
    _ text: [UInt8], name: String, environment: [String: String]
  ) throws(ConfigurationError) -> Configuration {
    let reading = Reading(file: name, environment: environment)
    guard text.count <= Limits.configurationBytesMax else {
      reading.fail(at: nil, "it is larger than \(Limits.configurationBytesMax) bytes")
      throw reading.error()
    }
    guard let root = YAMLReader.document(text, reading: reading) else { throw reading.error() }
    let top = MappingReader(root, section: .configuration, path: "", reading: reading)
    let configuration = Configuration(top)
    guard !reading.hasFailed else { throw reading.error() }
    return configuration
  }

  private init(_ top: MappingReader) {
    store = StoreConfiguration(top.section("store", .store))
    deduplicate = Self.deduplication(top)
    network = NetworkConfiguration.read(top)
    tenants = Self.tenants(top, network: network)
    sinks = SinkConfiguration.all(top, tenants: tenants)
    labels = LabelsConfiguration.read(top)
    location = top.sectionIfGiven("location", .location).map { LocationConfiguration($0) }
    console = top.sectionIfGiven("console", .console).flatMap { ConsoleConfiguration($0) }
    if console == nil {
      for (index, tenant) in tenants.enumerated() where tenant.webhook != nil {
        top.reading.fail(
          at: top.place, path: "tenants[\(index)].webhook", "there is no console to answer it",
          hint: "add console: {listen: 127.0.0.1:8365}, and a proxy that speaks TLS before it")
      }
    }
    top.finish()
    warnings = top.reading.warnings
  }

  private static func deduplication(_ top: MappingReader) -> Duration? {
    if case .scalar(let text, _)? = top.node("deduplicate")?.content,
      // Tools that rewrite YAML 1.1 turn `off` into `false`.
      text == "off" || text == "false"
    {
      return nil
    }
    return top.duration(
      "deduplicate", default: .seconds(8 * 86_400), in: .seconds(1)...Limits.durationMax)
  }

  private static func tenants(
    _ top: MappingReader, network: NetworkConfiguration
  ) -> [TenantConfiguration] {
    let hint = "tenants is a list, each with id, client_id and credential"
    top.requireKey("tenants", hint: hint)
    guard let node = top.node("tenants") else { return [] }
    guard case .sequence(let elements) = node.content else {
      let message = node.isNull ? "it is empty" : "a list is expected, this is \(node.kindName)"
      top.reading.fail(at: node.place, path: "tenants", message, hint: hint)
      return []
    }
    if elements.isEmpty {
      top.reading.fail(at: node.place, path: "tenants", "the list is empty", hint: hint)
    }
    var seen = SeenTenants()
    return elements.enumerated().compactMap { index, element in
      let mapping = MappingReader(
        element, section: .tenant, path: "tenants[\(index)]", reading: top.reading)
      let tenant = TenantConfiguration(mapping, network: network)
      if let tenant { seen.insert(tenant, mapping) }
      return tenant
    }
  }

  /// What `check` wants to know about secrets beyond the file: each one that cannot be read, each
  /// file of a secret or key that others may read, each client secret whose value is a GUID.
  ///
  /// Blocks while reading the files. The findings hold no secret.
  package func secretIssues() -> [ConfigurationIssue] {
    let credentials = tenants.map(\.credential) + sinks.compactMap(\.settings.credential)
    var secrets = network.secrets
    for tenant in tenants where tenant.hasOwnNetwork { secrets += tenant.network.secrets }
    secrets += sinks.flatMap(\.settings.secrets)
    secrets += tenants.compactMap(\.webhook?.authID)
    secrets += sinks.compactMap(\.pseudonyms).flatMap(\.secrets)
    return credentials.flatMap { $0.secretIssues() } + secrets.flatMap { $0.issues() }
  }
}

/// Refuses a tenant, or a name, that has been given before.
private struct SeenTenants {
  private var lineByIdentifier: [String: Int] = [:]
  private var lineByName: [String: Int] = [:]

  mutating func insert(_ tenant: TenantConfiguration, _ mapping: MappingReader) {
    let place = mapping.place
    if let line = lineByIdentifier[tenant.identifier] {
      mapping.reading.fail(
        at: place, path: mapping.path, "the tenant \(tenant.identifier) is given twice",
        hint: "it stands in line \(line) already")
      return
    }
    lineByIdentifier[tenant.identifier] = place.line
    // Names become parts of paths, where letter case may not tell two apart.
    if let line = lineByName[tenant.name.lowercased()] {
      mapping.reading.fail(
        at: place, path: mapping.path, "two tenants have the name \"\(tenant.name)\"",
        hint: "the other begins in line \(line)")
      return
    }
    lineByName[tenant.name.lowercased()] = place.line
  }
}
