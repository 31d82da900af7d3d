package import MillraceCore

/// One entry of `sinks`: a place events go, and what goes there.
package struct SinkConfiguration: Sendable {
  /// The types of sinks that a configuration may name.
  package enum Kind: String, CaseIterable, Sendable {
    case file
    case syslog
    case http
    case splunk = "splunk_hec"
    case elasticsearch
    case sentinel
    case kafka
    case stdout
  }

  /// How an event is spelled.
  package enum Format: String, CaseIterable, Sendable {
    case native
    case raw
    case ecs
    case ecsO365 = "ecs_o365"
    case ocsf
    case cef
  }

  /// How the untouched record rides along with the event.
  package enum RawRecord: String, CaseIterable, Sendable {
    case off
    case string
    case object
  }

  /// Where a sink begins whose name the store has not seen.
  package enum Start: Hashable, Sendable {
    /// With what is fetched from now on.
    case now
    /// With everything the store still has.
    case oldest
    /// With what was created at this time or later.
    case time(Timestamp)
  }

  /// The sink's identity: its cursor is kept under this name. 1 to 64 letters, digits, `.-_`.
  package let name: String
  /// What only this type of sink knows.
  package let settings: SinkSettings
  /// How its events are spelled.
  package let format: Format
  /// Whether the record rides along.
  package let raw: RawRecord
  /// Where it begins when it is new.
  package let from: Start
  /// Which events it gets.
  package let filter: EventFilterConfiguration
  /// How events are grouped.
  package let batch: BatchConfiguration
  /// How it comes back from a failure.
  package let retry: RetryConfiguration
  /// What of its events is written as pseudonyms; nil when nothing is.
  package let pseudonyms: PseudonymConfiguration?

  /// Its type.
  package var kind: Kind { settings.kind }

  /// The sinks of the file in its order; what cannot be used is noted and left out.
  static func all(_ top: MappingReader, tenants: [TenantConfiguration]) -> [SinkConfiguration] {
    let hint = "sinks are named: NAME: {type: file, path: …}"
    top.requireKey("sinks", hint: hint)
    guard let node = top.node("sinks") else { return [] }
    guard case .mapping(let entries) = node.content else {
      let message =
        node.isNull ? "it is empty" : "a mapping of names is expected, this is \(node.kindName)"
      top.reading.fail(at: node.place, path: "sinks", message, hint: hint)
      return []
    }
    if entries.isEmpty {
      top.reading.fail(at: node.place, path: "sinks", "it is empty", hint: hint)
    }
    var outputs = SeenOutputs(tenants: tenants)
    return entries.compactMap { entry in
      guard isName(entry.key) else {
        top.reading.fail(
          at: entry.keyPlace, path: "sinks",
          "\"\(Reading.shownKey(entry.key))\" cannot name a sink",
          hint: "1 to 64 letters, digits, \".\", \"-\" and \"_\"")
        return nil
      }
      guard let sink = SinkConfiguration(entry, reading: top.reading) else { return nil }
      outputs.insert(sink, entry, top.reading)
      return sink
    }
  }

  private init?(_ entry: YAMLNode.Entry, reading: Reading) {
    let path = "sinks.\(entry.key)"
    guard let kind = Self.kind(entry, path: path, reading: reading) else { return nil }
    let mapping = MappingReader(
      entry.value, section: kind.section, path: path, reading: reading)
    _ = mapping.node("type")
    name = entry.key
    let settings = SinkSettings(kind, mapping)
    let format: Format = mapping.choice(
      "format", default: kind == .elasticsearch ? .ecs : .native)
    self.format = format
    raw = Self.rawRecord(mapping, format)
    from = Self.start(mapping)
    filter = EventFilterConfiguration(mapping.section("filter", .filter))
    batch = BatchConfiguration(
      mapping.section("batch", .batch), waits: kind.waits, events: kind.batchEvents,
      bytes: kind.batchBytes)
    retry = RetryConfiguration(mapping.section("retry", .retry))
    pseudonyms = mapping.sectionIfGiven("pseudonymise", .pseudonyms).flatMap {
      PseudonymConfiguration($0)
    }
    Self.refuseRecords(mapping, format, raw)
    mapping.finish()
    guard let settings else { return nil }
    self.settings = settings
  }

  /// The type decides which keys are known, so it is read before anything else.
  private static func kind(_ entry: YAMLNode.Entry, path: String, reading: Reading) -> Kind? {
    let kinds = Kind.allCases.map(\.rawValue)
    let hint = "one of \(kinds.joined(separator: ", "))"
    guard case .mapping(let entries) = entry.value.content else {
      reading.fail(
        at: entry.value.place, path: path,
        "a mapping (key: value) is expected, this is \(entry.value.kindName)", hint: "type: " + hint
      )
      return nil
    }
    guard let type = entries.first(where: { $0.key == "type" }) else {
      reading.fail(at: entry.keyPlace, path: path, "\"type\" is missing", hint: hint)
      return nil
    }
    guard let value = reading.scalar(type.value, path: path + ".type") else { return nil }
    guard let kind = Kind(rawValue: value.text) else {
      let match = value.usesEnvironment ? nil : suggestion(for: value.text, among: kinds)
      reading.fail(
        at: value.place, path: value.path, "\(value.shown) is no type of sink",
        hint: match.map { "did you mean \"\($0)\"?" } ?? hint)
      return nil
    }
    return kind
  }

  private static func rawRecord(_ mapping: MappingReader, _ format: Format) -> RawRecord {
    guard let value = mapping.scalar("raw") else { return .off }
    // Tools that rewrite YAML 1.1 turn `off` into `false`.
    guard value.text != "false", let raw: RawRecord = mapping.choice(value) else { return .off }
    if raw != .off, format == .raw || format == .cef {
      mapping.fail(
        value, "the format \(format.rawValue) has no room for the record beside the event",
        hint: "remove \"raw\", or choose native, ecs or ocsf")
    }
    return raw
  }

  /// A record beside the event, or in its place, would say what pseudonyms hide.
  private static func refuseRecords(
    _ mapping: MappingReader, _ format: Format, _ raw: RawRecord
  ) {
    guard let node = mapping.node("pseudonymise") else { return }
    let path = mapping.path(of: "pseudonymise")
    if format == .raw || format == .ecsO365 {
      mapping.reading.fail(
        at: node.place, path: path,
        "the format \(format.rawValue) carries the record, which says what pseudonyms hide",
        hint: "use the format native, ecs, ocsf or cef")
    }
    if raw != .off {
      mapping.reading.fail(
        at: node.place, path: path,
        "the record rides along under \"raw\", and says what pseudonyms hide",
        hint: "remove \"raw\"")
    }
  }

  private static func start(_ mapping: MappingReader) -> Start {
    guard let value = mapping.scalar("from") else { return .oldest }
    switch value.text {
    case "now": return .now
    case "oldest": return .oldest
    default:
      guard let time = Timestamp(value.text) else {
        mapping.fail(
          value, "\(value.shown) is neither now, oldest nor a time",
          hint: "a time is a day such as 2026-03-04, or 2026-03-04T08:15:00Z, in UTC")
        return .oldest
      }
      return .time(time)
    }
  }

  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
  }
}

extension SinkConfiguration.Kind {
  /// How long its events wait for others unless told: where each request costs, a second.
  fileprivate var waits: Duration {
    switch self {
    case .file, .syslog, .stdout: .zero
    case .http, .splunk, .elasticsearch, .sentinel, .kafka: .seconds(1)
    }
  }

  /// Whether a batch is what goes in one request.
  private var sendsRequests: Bool {
    switch self {
    case .http, .splunk, .elasticsearch, .sentinel: true
    case .file, .syslog, .kafka, .stdout: false
    }
  }

  /// Events of one batch unless configured.
  fileprivate var batchEvents: Int {
    sendsRequests ? Limits.requestEventsDefault : Limits.batchEventsMax
  }

  /// Encoded bytes of one batch unless configured.
  fileprivate var batchBytes: Int {
    sendsRequests ? Limits.requestBodyBytesDefault : Limits.batchBytesMax
  }

  /// The section of the keys of such a sink.
  var section: Section {
    switch self {
    case .file: .fileSink
    case .syslog: .syslogSink
    case .http: .httpSink
    case .splunk: .splunkSink
    case .elasticsearch: .elasticsearchSink
    case .sentinel: .sentinelSink
    case .kafka: .kafkaSink
    case .stdout: .stdoutSink
    }
  }
}
