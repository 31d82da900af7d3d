package import MillraceCore

/// A file that scripts a simulated service: which fault strikes when, and whom.
///
/// Read like the configuration, with all findings at once. The words that faults and requests are
/// called by belong to the simulator, which passes them in.
package struct SimulationPlan: Sendable {
  /// The words of the simulator.
  package struct Words: Sendable {
    /// The names of the faults.
    package let faults: [String]
    /// The names of the requests.
    package let requests: [String]
    /// The forms of a throttling answer.
    package let refusals: [String]
    /// Whose requests may be counted together.
    package let buckets: [String]

    /// The words a plan may use.
    package init(faults: [String], requests: [String], refusals: [String], buckets: [String]) {
      self.faults = faults
      self.requests = requests
      self.refusals = refusals
      self.buckets = buckets
    }
  }

  /// A quota.
  package struct Quota: Sendable {
    /// Requests in each span.
    package var requests: Int
    /// The span.
    package var per: Duration
    /// One of the words for refusals; nil for the simulator's own choice.
    package var answer: String?
    /// One of the words for buckets; nil for the simulator's own choice.
    package var by: String?
  }

  /// A fault and its bounds.
  package struct Fault: Sendable {
    /// One of the words for faults.
    package var name: String
    /// The share of requests, 0 to 1; nil for the simulator's own choice.
    package var rate: Double?
    /// GUIDs or domains, in lower case; empty for all.
    package var tenants: [String]
    /// Feeds; empty for all.
    package var contentTypes: [ContentType]
    /// Words for requests; empty for all.
    package var requests: [String]
    /// Since the start.
    package var from: Duration
    /// Since the start; nil for ever.
    package var until: Duration?
    /// How often at most; nil for any number.
    package var times: Int?
  }

  /// The seed of the faults; nil for the simulator's own choice.
  package var seed: Int?
  /// How far the service's clock is ahead; negative when it is behind.
  package var clockAhead: Duration
  /// How fast the service's clock runs, as a multiple.
  package var clockSpeed: Int
  /// By how much windows may break the rules.
  package var windowSlack: Duration
  /// The quota; nil for none.
  package var quota: Quota?
  /// The faults in the order of the file.
  package var faults: [Fault]

  /// Reads a plan file. Blocks while reading it.
  ///
  /// - Throws: every finding at once: the file cannot be read, or what is in it is wrong.
  package static func load(
    path: String, words: Words, environment: [String: String]
  ) throws(ConfigurationError) -> SimulationPlan {
    let file: FileContents
    do {
      file = try FileContents(path: path, limit: Limits.configurationBytesMax)
    } catch {
      throw ConfigurationError([
        ConfigurationIssue(file: path, message: "the plan cannot be read: \(error.message)")
      ])
    }
    return try parse(file.bytes, name: path, words: words, environment: environment)
  }

  /// Reads a plan from the bytes of its file: YAML, of which JSON is a part.
  package static func parse(
    _ text: [UInt8], name: String, words: Words, environment: [String: String]
  ) throws(ConfigurationError) -> SimulationPlan {
    let reading = Reading(file: name, environment: environment)
    guard let root = YAMLReader.document(text, reading: reading) else { throw reading.error() }
    let plan = SimulationPlan(
      MappingReader(root, section: .simulation, path: "", reading: reading), words: words)
    guard !reading.hasFailed else { throw reading.error() }
    return plan
  }

  private init(_ top: MappingReader, words: Words) {
    seed = top.has("seed") ? top.integer("seed", default: 1, in: 0...Int.max) : nil
    if seed == nil { _ = top.node("seed") }
    let clock = top.section("clock", .simulationClock)
    let ahead = clock.duration("ahead", default: .zero, in: .zero...Limits.durationMax)
    clockAhead =
      ahead - clock.duration("behind", default: .zero, in: .zero...Limits.durationMax)
    clockSpeed = clock.integer("speed", default: 1, in: 1...100_000)
    clock.finish()
    windowSlack = top.duration("window_slack", default: .zero, in: .zero...Limits.windowReach)
    quota = top.sectionIfGiven("quota", .simulationQuota).map { Quota($0, words: words) }
    faults = Self.faults(top, words: words)
    top.finish()
  }

  private static func faults(_ top: MappingReader, words: Words) -> [Fault] {
    guard let node = top.node("faults") else { return [] }
    guard case .sequence(let elements) = node.content else {
      top.reading.fail(
        at: node.place, path: "faults", "a list is expected, this is \(node.kindName)",
        hint: "faults is a list, each with fault")
      return []
    }
    return elements.enumerated().compactMap { index, element in
      Fault(
        MappingReader(
          element, section: .simulationFault, path: "faults[\(index)]", reading: top.reading),
        words: words)
    }
  }
}

extension SimulationPlan.Quota {
  fileprivate init(_ mapping: MappingReader, words: SimulationPlan.Words) {
    mapping.requireKey("requests", hint: "how many requests are answered in each span")
    requests = mapping.integer("requests", default: 2000, in: 0...1_000_000)
    per = mapping.duration("per", default: .seconds(60), in: .milliseconds(1)...Limits.durationMax)
    answer = mapping.scalar("answer").flatMap { mapping.word($0, among: words.refusals) }
    by = mapping.scalar("by").flatMap { mapping.word($0, among: words.buckets) }
    mapping.finish()
  }
}

extension SimulationPlan.Fault {
  fileprivate init?(_ mapping: MappingReader, words: SimulationPlan.Words) {
    mapping.requireKey("fault", hint: "\"millrace simulate --help\" lists them")
    let name = mapping.scalar("fault").flatMap { mapping.word($0, among: words.faults) }
    rate = mapping.scalar("rate").flatMap { mapping.share($0) }
    tenants = mapping.texts("tenants").map { $0.lowercased() }
    contentTypes = mapping.contentTypes("content_types") ?? []
    requests = (mapping.scalars("requests") ?? []).compactMap {
      mapping.word($0, among: words.requests)
    }
    from = mapping.duration("from", default: .zero, in: .zero...Limits.durationMax)
    let hasEnd = mapping.has("until")
    let end = mapping.duration("until", default: .zero, in: .zero...Limits.durationMax)
    until = hasEnd ? end : nil
    let isCounted = mapping.has("times")
    let count = mapping.integer("times", default: 0, in: 0...Int.max)
    times = isCounted ? count : nil
    mapping.finish()
    guard let name else { return nil }
    self.name = name
  }
}

extension MappingReader {
  /// One of some words; what is none of them is noted.
  fileprivate func word(_ value: ScalarValue, among words: [String]) -> String? {
    if words.contains(value.text) { return value.text }
    let match = value.usesEnvironment ? nil : suggestion(for: value.text, among: words)
    let list = words.count > 12 ? "a word that is known here" : words.joined(separator: ", ")
    fail(
      value, "\(value.shown) is not \(list)",
      hint: match.map { "did you mean \"\($0)\"?" } ?? "")
    return nil
  }

  /// A share of all: a number from 0 to 1.
  fileprivate func share(_ value: ScalarValue) -> Double? {
    if let share = Double(value.text), (0...1).contains(share) { return share }
    fail(value, "\(value.shown) is not a number from 0 to 1")
    return nil
  }
}
