import Foundation

/// Arguments that make no sense.
struct OptionFailure: Error {
  let message: String
}

/// What is measured, and on how much.
struct BenchOptions: Sendable {
  /// The parts of the benchmark.
  enum Part: String, CaseIterable, Sendable {
    case normalize, store, collector
  }

  /// What this process does. The simulated tenant and the collector get processes of their own, so
  /// that the time and the memory of each can be told apart.
  enum Role: Sendable {
    case measure, simulate, collect
  }

  var role = Role.measure
  var parts = Set(Part.allCases)
  var seed: UInt64 = 1
  /// How much input the normalizer gets.
  var megabytes = 64
  var rounds = 7
  /// How many records go the whole way, from the service to a file.
  var events = 100_000
  /// Where stores and files go; the disk decides what a commit costs.
  var folder = FileManager.default.temporaryDirectory.path
  var isJSON = false
  var isSmoke = false
  /// Whether the references are left out.
  var isOwnOnly = false
  /// Only workloads of the normalizer with this name, for profiles; all when nil.
  var workload: String?
  /// Of the role `collect`: the port of the simulated tenant.
  var port = 0

  func wants(_ part: Part) -> Bool { parts.contains(part) }

  static let usage = """
    usage: MillraceBench [--part normalize|store|collector]... [--seed N] [--megabytes N]
                         [--rounds N] [--events N] [--folder FOLDER] [--own-only] [--json]
                         [--workload NAME]
           MillraceBench --smoke    everything once, in a few seconds; the figures mean nothing
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
      case "--port": port = try Self.number(&rest, option)
      case "--folder":
        guard let path = rest.popFirst() else { throw OptionFailure(message: Self.usage) }
        folder = path
      case "--own-only": isOwnOnly = true
      case "--workload":
        guard let name = rest.popFirst() else { throw OptionFailure(message: Self.usage) }
        workload = name
      case "--json": isJSON = true
      case "--smoke":
        isSmoke = true
        (megabytes, rounds, events) = (1, 1, 500)
      case "--role-simulate": role = .simulate
      case "--role-collect": role = .collect
      default: throw OptionFailure(message: Self.usage)
      }
    }
    if !chosen.isEmpty { parts = chosen }
  }

  private static func number(
    _ rest: inout ArraySlice<String>, _ option: String
  ) throws(OptionFailure) -> Int {
    guard let number = Int(rest.popFirst() ?? ""), (1...1_000_000_000).contains(number) else {
      throw OptionFailure(message: "\(option) takes a number above 0\n\(usage)")
    }
    return number
  }

  /// The arguments that lead to the same measurement.
  var repeated: String {
    if isSmoke { return "MillraceBench --smoke" }
    var words = ["MillraceBench"]
    if parts.count < Part.allCases.count {
      words += parts.map(\.rawValue).sorted().map { "--part \($0)" }
    }
    words.append("--seed \(seed) --megabytes \(megabytes) --rounds \(rounds) --events \(events)")
    if isOwnOnly { words.append("--own-only") }
    if let workload { words.append("--workload '\(workload)'") }
    return words.joined(separator: " ")
  }
}
