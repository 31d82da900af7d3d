import Foundation

/// Arguments that make no sense.
struct OptionFailure: Error {
  let message: String
}

/// What is measured, and on how much.
struct BenchOptions: Sendable {
  /// The parts of the benchmark.
  enum Part: String, CaseIterable, Sendable {
    case contenders, normalize, store, collector, replay, peers, memory, large, backlog, tenants,
      independence, http, syslog

    /// Those that take about a minute together, and are measured if no part is named.
    static let quick: Set<Part> = [.normalize, .store, .collector]
  }

  /// What this process does. The simulated tenant gets a process of its own, so that its time and
  /// memory can be told from the collector's.
  enum Role: Sendable {
    case measure, simulate, deliver, contend
  }

  var role = Role.measure
  var parts = Part.quick
  var seed: UInt64 = 1
  /// How much input the normalizer gets.
  var megabytes = 64
  var rounds = 7
  /// How many records go the whole way, from the service to a file.
  var events = 100_000
  /// Where stores and files go; the disk decides what a commit costs.
  var folder = FileManager.default.temporaryDirectory.path
  /// Where rsyslog is: the root of the file system, or where its packages were unpacked.
  var rsyslog = "/"
  var isJSON = false
  var isSmoke = false
  /// Whether the references are left out.
  var isOwnOnly = false
  /// Only workloads of the normalizer with this name, for profiles; all when nil.
  var workload: String?
  /// Of the role `simulate`.
  var eventsPerBlob = Corpus.eventsPerBlob
  /// Of the role `deliver`: a file of records.
  var input = ""
  /// Of the role `simulate`: the size of one more blob.
  var hugeMegabytes = 0
  /// Of the role `simulate`, and of the part `tenants`: how many.
  var tenants = 1000
  /// Of the role `simulate`: requests a minute for each tenant; 0 for any number.
  var quota = 0
  /// Of the role `contend`: how many threads go through the corpus, all of it each.
  var threads = 1
  /// The file that gets the report as Markdown; none when empty.
  var results = ""
  /// Of the role `simulate`: the file that gets the addresses of all blobs.
  var addresses = ""

  func wants(_ part: Part) -> Bool { parts.contains(part) }

  static let usage = """
    usage: MillraceBench [--part contenders|normalize|store|collector|replay|peers|memory|large|
                                 backlog|tenants|independence|http|syslog]...
                         [--tenants N]
                         [--seed N] [--megabytes N] [--rounds N] [--events N]
                         [--folder FOLDER] [--rsyslog FOLDER] [--own-only] [--workload NAME]
                         [--json]
           MillraceBench --smoke    once, small; the figures mean nothing
    """

  init(_ arguments: [String]) throws(OptionFailure) {
    var chosen: Set<Part> = []
    var rest = arguments[...]
    while let option = rest.popFirst() {
      switch option {
      case "--part":
        guard let part = Part(rawValue: rest.popFirst() ?? "") else {
          throw OptionFailure(message: Self.usage)
        }
        chosen.insert(part)
      case "--seed": seed = UInt64(try Self.number(&rest, option))
      case "--megabytes": megabytes = try Self.number(&rest, option)
      case "--rounds": rounds = try Self.number(&rest, option)
      case "--events": events = try Self.number(&rest, option)
      case "--events-per-blob": eventsPerBlob = try Self.number(&rest, option)
      case "--tenants": tenants = try Self.number(&rest, option)
      case "--quota": quota = try Self.number(&rest, option)
      case "--addresses": addresses = try Self.word(&rest)
      case "--huge": hugeMegabytes = try Self.number(&rest, option)
      case "--folder": folder = try Self.word(&rest)
      case "--rsyslog": rsyslog = try Self.word(&rest)
      case "--own-only": isOwnOnly = true
      case "--workload": workload = try Self.word(&rest)
      case "--json": isJSON = true
      case "--smoke":
        isSmoke = true
        (megabytes, rounds, events, tenants) = (1, 1, 500, 3)
      case "--role-simulate": role = .simulate
      case "--role-contend": role = .contend
      case "--threads": threads = try Self.number(&rest, option)
      case "--results": results = try Self.word(&rest)
      case "--role-deliver": role = .deliver
      case "--input": input = try Self.word(&rest)
      default: throw OptionFailure(message: Self.usage)
      }
    }
    if !chosen.isEmpty { parts = chosen }
  }

  private static func word(_ rest: inout ArraySlice<String>) throws(OptionFailure) -> String {
    guard let word = rest.popFirst() else { throw OptionFailure(message: usage) }
    return word
  }

  private static func number(
    _ rest: inout ArraySlice<String>, _ option: String
  ) throws(OptionFailure) -> Int {
    guard let number = Int(rest.popFirst() ?? ""), (0...1_000_000_000).contains(number) else {
      throw OptionFailure(message: "\(option) takes a whole number\n\(usage)")
    }
    return number
  }

  /// The arguments that lead to the same measurement.
  var repeated: String {
    var words = ["MillraceBench"]
    if isSmoke { words.append("--smoke") }
    if parts != Part.quick { words += parts.map(\.rawValue).sorted().map { "--part \($0)" } }
    if !isSmoke {
      words.append(
        "--seed \(seed) --megabytes \(megabytes) --rounds \(rounds) --events \(events)")
    }
    if isOwnOnly { words.append("--own-only") }
    if let workload { words.append("--workload '\(workload)'") }
    return words.joined(separator: " ")
  }
}
