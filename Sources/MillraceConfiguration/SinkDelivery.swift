package import MillraceCore

/// The section `filter` of a sink. An event passes when `include` is empty or one of its patterns
/// fits, and no pattern of `exclude` fits.
package struct EventFilterConfiguration: Sendable {
  /// Patterns of what passes; empty lets everything pass.
  package let include: [EventPatternConfiguration]
  /// Patterns of what does not pass, stronger than `include`.
  package let exclude: [EventPatternConfiguration]
  /// The share of what passes that is let through, more than 0 and at most 1; nil for all.
  package let sample: Double?

  /// Whether every event passes.
  package var isEmpty: Bool { include.isEmpty && exclude.isEmpty && sample == nil }

  init(_ mapping: MappingReader) {
    sample = mapping.share("sample")
    include = Self.patterns(mapping, "include")
    exclude = Self.patterns(mapping, "exclude")
    mapping.finish()
  }

  /// One pattern, or a list of them.
  private static func patterns(
    _ mapping: MappingReader, _ key: String
  ) -> [EventPatternConfiguration] {
    guard let node = mapping.node(key) else { return [] }
    func pattern(_ node: YAMLNode, _ path: String) -> EventPatternConfiguration {
      EventPatternConfiguration(
        MappingReader(node, section: .eventPattern, path: path, reading: mapping.reading))
    }
    let path = mapping.path(of: key)
    if case .sequence(let elements) = node.content {
      return elements.enumerated().map { pattern($0.element, "\(path)[\($0.offset)]") }
    }
    return [pattern(node, path)]
  }
}

/// One pattern of a filter. It fits an event that has one of the values for each key that is given.
package struct EventPatternConfiguration: Sendable {
  /// A record type by number or by name; which names exist is not known here.
  package enum RecordType: Hashable, Sendable {
    case number(Int)
    case name(ConfiguredName)
  }

  /// The feeds.
  package let contentTypes: [ContentType]
  /// Workloads such as `Exchange`. Meant without regard to letter case, with `*` for any run of
  /// characters; so are operations and users.
  package let workloads: [String]
  /// Operations such as `FileAccessed` or `File*`.
  package let operations: [String]
  /// Record types such as 15 or `AzureActiveDirectoryStsLogon`.
  package let recordTypes: [RecordType]
  /// Users such as `*@example.com`.
  package let users: [String]
  /// Results such as `failure`.
  package let outcomes: [Outcome]
  /// The share of the events it fits that it is to fit; nil for all.
  package let sample: Double?

  /// What `outcome.result` of an event may be.
  package enum Outcome: String, CaseIterable, Sendable {
    case success
    case failure
    case partial
    case interrupted
    case unknown
  }

  init(_ mapping: MappingReader) {
    if Section.eventPattern.keys.allSatisfy({ !mapping.has($0) }), !mapping.hasComplained {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path, "the pattern says nothing",
        hint: "keys here: " + Section.eventPattern.keys.joined(separator: ", "))
    }
    contentTypes = mapping.contentTypes("content_types") ?? []
    workloads = mapping.texts("workloads")
    operations = mapping.texts("operations")
    recordTypes = mapping.names("record_types").map { name in
      decimalNumber(name.text).map { .number($0) } ?? .name(name)
    }
    users = mapping.texts("users")
    outcomes = (mapping.scalars("outcomes") ?? []).compactMap { mapping.choice($0) }
    sample = mapping.share("sample")
    mapping.finish()
  }
}

/// The section `batch` of a sink: a batch goes out when the first of these is reached.
package struct BatchConfiguration: Sendable {
  /// Events of one batch.
  package let events: Int
  /// Encoded bytes of one batch.
  package let bytes: Int
  /// How long an event waits for others, after a batch that was not full.
  package let time: Duration

  init(
    _ mapping: MappingReader, waits: Duration, events: Int = Limits.batchEventsMax,
    bytes: Int = Limits.batchBytesMax
  ) {
    self.events = mapping.integer("events", default: events, in: 1...Limits.batchEventsMax)
    self.bytes = Int(
      mapping.size("bytes", default: Int64(bytes), in: 1024...Int64(Limits.batchBytesMax)))
    time = mapping.duration("time", default: waits, in: .zero...(.seconds(3600)))
    mapping.finish()
  }
}

/// The section `retry` of a sink: how long it waits after a failure, and whether it ever gives up.
package struct RetryConfiguration: Sendable {
  /// The first wait; each further one is twice as long.
  package let initial: Duration
  /// The longest wait.
  package let max: Duration
  /// How long a batch is tried before its events become dead letters; nil for ever.
  package let giveUpAfter: Duration?

  init(_ mapping: MappingReader) {
    let initial = mapping.duration(
      "initial", default: .seconds(1), in: .milliseconds(1)...(.seconds(3600)))
    let max = mapping.duration(
      "max", default: Swift.max(.seconds(300), initial), in: .milliseconds(1)...(.seconds(86_400)))
    if max < initial, let node = mapping.node("max") {
      mapping.reading.fail(
        at: node.place, path: mapping.path(of: "max"), "it is less than \"initial\"")
    }
    self.initial = initial
    self.max = max
    giveUpAfter =
      mapping.has("give_up_after")
      ? mapping.duration(
        "give_up_after", default: .seconds(86_400), in: .seconds(1)...(.seconds(31_536_000)))
      : nil
    if giveUpAfter == nil { _ = mapping.node("give_up_after") }
    mapping.finish()
  }
}

extension MappingReader {
  /// A share: a number above 0 and up to 1, or a percentage such as `5%`.
  func share(_ key: String) -> Double? {
    guard let value = scalar(key) else { return nil }
    let percent = value.text.hasSuffix("%")
    guard let number = Double(percent ? String(value.text.dropLast()) : value.text),
      number > 0, number <= (percent ? 100 : 1)
    else {
      fail(
        value, "\(value.shown) is not a share",
        hint: "a number above 0 and up to 1, such as 0.05, or 5%")
      return nil
    }
    return percent ? number / 100 : number
  }
}
