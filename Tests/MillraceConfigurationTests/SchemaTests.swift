import Foundation
import MillraceConfiguration
import MillraceCore
import Testing

/// Keeps `Schemas/config.schema.json` and the parser in step.
struct SchemaTests {
  private let schema: [String: Any]
  private let definitions: [String: [String: Any]]

  init() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Schemas/config.schema.json")
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: path))
    schema = try #require(json as? [String: Any])
    definitions = try #require(schema["$defs"] as? [String: [String: Any]])
  }

  /// The definitions that list keys; `sink` only chooses among the types.
  private var sections: [String: [String: Any]] {
    definitions.filter { $0.value["properties"] != nil && $0.key != "sink" }
  }

  @Test func `schema and parser know the same sections`() {
    #expect(Set(sections.keys) == Set(Section.allCases.filter(\.isOfConfiguration).map(\.rawValue)))
    #expect(schema["$ref"] as? String == "#/$defs/configuration")
  }

  @Test(arguments: Section.allCases.filter(\.isOfConfiguration))
  func `schema and parser know the same keys`(section: Section) throws {
    let definition = try #require(sections[section.rawValue])
    let properties = try #require(definition["properties"] as? [String: [String: Any]])
    #expect(Set(properties.keys) == Set(section.keys))
    #expect(section.keys.count == Set(section.keys).count)
    #expect(definition["additionalProperties"] as? Bool == false)
    for (key, property) in properties {
      let referred = (property["$ref"] as? String)?.split(separator: "/").last.map(String.init)
      let text = property["description"] ?? referred.flatMap { definitions[$0]?["description"] }
      #expect(text is String, "\(section.rawValue).\(key) has a description")
    }
  }

  @Test func `the parser accepts every key, and refuses the same key misspelled`() {
    for section in Section.allCases where section.rawValue.hasPrefix("sink_") {
      let type = section.rawValue.dropFirst("sink_".count)
      let body = section.keys.filter { $0 != "type" }.map { "\($0): {zz: 1}" }
      let text =
        oneTenant + "sinks: {a: {type: \(type), \(body.joined(separator: ", ")), nonsense: 1}}"
      let unknown = complaints(text).filter { $0.contains(" sinks.a: unknown key") }
      #expect(unknown.count == 1 && unknown[0].contains("nonsense"))
    }
  }

  @Test func `schema and parser know the same words`() {
    expectWords(
      ["$defs", "certificate", "properties", "algorithm"],
      CertificateConfiguration.Algorithm.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "workload_identity", "properties", "provider"],
      WorkloadIdentityConfiguration.Provider.allCases.map(\.rawValue))
    expectWords(["$defs", "format"], SinkConfiguration.Format.allCases.map(\.rawValue))
    expectWords(["$defs", "content_type"], ContentType.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "tenant", "properties", "cloud"], CloudConfiguration.Name.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "store", "properties", "when_full"],
      StoreConfiguration.FullPolicy.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "sink", "properties", "type"], SinkConfiguration.Kind.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "sink_http", "properties", "compression"],
      HTTPSinkSettings.Compression.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "sink_file", "properties", "compression"],
      FileSinkSettings.Compression.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "sink_kafka", "properties", "mechanism"],
      KafkaSinkSettings.Mechanism.allCases.map(\.rawValue))
    let syslog = ["$defs", "sink_syslog", "properties"]
    expectWords(syslog + ["protocol"], SyslogSinkSettings.Form.allCases.map(\.rawValue))
    expectWords(syslog + ["framing"], SyslogSinkSettings.Framing.allCases.map(\.rawValue))
    expectWords(syslog + ["oversize"], SyslogSinkSettings.Oversize.allCases.map(\.rawValue))
    expectWords(syslog + ["utf8_bom"], SyslogSinkSettings.ByteOrderMark.allCases.map(\.rawValue))
    expectWords(syslog + ["facility"], SyslogSinkSettings.Facility.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "sink_kafka", "properties", "key"],
      KafkaSinkSettings.Key.allCases.map(\.rawValue))
    expectWords(
      ["$defs", "sink_kafka", "properties", "compression"],
      KafkaSinkSettings.Compression.allCases.map(\.rawValue))
    for kind in SinkConfiguration.Kind.allCases {
      expectWords(
        ["$defs", "sink_\(kind.rawValue)", "properties", "raw"],
        SinkConfiguration.RawRecord.allCases.map(\.rawValue))
    }
  }

  @Test func `the defaults the schema names are those of the parser`() throws {
    let configuration = try parsed(oneTenant + oneSink + "console: {}\n")
    let tenant = configuration.tenants[0]
    let sink = configuration.sinks[0]
    let console = try #require(configuration.console)
    let defaults: [(section: String, key: String, value: String)] = [
      ("store", "path", configuration.store.path),
      ("store", "when_full", configuration.store.whenFull.rawValue),
      ("tenant", "requests_per_minute", "\(tenant.requestsPerMinute)"),
      ("batch", "events", "\(sink.batch.events)"),
      ("console", "listen", "\(console.host):\(console.port)"),
    ]
    for (section, key, value) in defaults {
      #expect("\(standard(section, key))" == value, "\(section).\(key)")
    }
    let durations: [(section: String, key: String, value: Duration?)] = [
      ("store", "retention", configuration.store.retention),
      ("configuration", "deduplicate", configuration.deduplicate),
      ("tenant", "poll_interval", tenant.pollInterval), ("relist", "span", tenant.relist.span),
      ("relist", "every", tenant.relist.every),
      ("retry", "initial", sink.retry.initial), ("retry", "max", sink.retry.max),
    ]
    for (section, key, value) in durations {
      #expect(Quantity.duration("\(standard(section, key))") == value, "\(section).\(key)")
    }
    #expect(Quantity.size("\(standard("store", "max_size"))") == configuration.store.maxSize)
    #expect(Quantity.size("\(standard("batch", "bytes"))") == Int64(sink.batch.bytes))
  }

  private func standard(_ section: String, _ key: String) -> Any {
    let properties = definitions[section]?["properties"] as? [String: [String: Any]]
    return properties?[key]?["default"] ?? "none"
  }

  private func expectWords(
    _ path: [String], _ words: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var node: Any? = schema
    for key in path { node = (node as? [String: Any])?[key] }
    let alternatives = (node as? [String: Any])?["anyOf"] as? [[String: Any]]
    let listed = alternatives?.compactMap { $0["enum"] as? [Any] }.first ?? []
    #expect(listed.compactMap { $0 as? String } == words, sourceLocation: sourceLocation)
  }
}
