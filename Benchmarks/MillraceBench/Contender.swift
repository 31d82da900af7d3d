import Foundation

/// A program that does the job, or a part of it, ours among them.
struct Contender {
  /// How it gets its corpus.
  enum Way {
    /// It holds the corpus in memory and goes through it when it is told to.
    case conversation((_ corpus: String) -> [String])
    /// It reads the corpus from a file and ends.
    case filter([String])
  }

  /// What its output is, to be checked.
  enum Output {
    /// The fields that all contenders write, and the record.
    case reshaped
    /// Events of ours that say the record's id and operation.
    case native
    /// One line for each record.
    case lines
    /// None, or not lines.
    case none
  }

  let name: String
  let way: Way
  let output: Output
  /// Whether it is so slow that it gets a part of the corpus.
  var isSlow = false
}

/// What a contender's rounds came to: medians, of one round each.
struct ContenderFigures: Codable {
  let name: String
  let bytes: Int
  let records: Int
  let rounds: Int
  let processorSeconds: Double
  /// How many times as fast as the baseline, which went right before it: the median of the rounds;
  /// nil without a baseline.
  let ratio: Double?
  /// User instructions for each byte of input; nil when nothing could count them.
  var instructionsPerByte: Double?
  /// Calls of malloc and its like for each record, once all is warm.
  var allocationsPerEvent: Double?
  /// The largest resident set, the corpus not counted where it is held, in bytes.
  var residentBytes = 0

  var megabytesPerSecond: Double { Double(bytes) / 1e6 / processorSeconds }
  var eventsPerSecond: Double { Double(records) / processorSeconds }
}

/// Two workers beside two processes: how long both take for the corpus each.
struct WorkerFigures: Codable {
  let name: String
  let bytes: Int
  let workersSeconds: Double
  let processesSeconds: Double

  /// What two workers give of what two processes give.
  var ratio: Double { processesSeconds / workersSeconds }
}

/// Who takes part.
struct ContenderList {
  /// The one that the others are measured by.
  static let baseline = "simdjson On-Demand, 24 fields + raw"

  private(set) var contenders: [Contender] = []
  /// Why others do not.
  private(set) var notes: [String] = []

  init(_ tools: ContenderTools) async {
    for (name, title, output) in [
      ("memcpy", "memcpy", Contender.Output.none),
      ("scan", "millrace: parse stage (scan)", .none),
      ("raw", "millrace: raw", .lines),
      ("native", "millrace: native event", .native),
      ("native, raw: object", "millrace: native event + raw", .native),
      ("ecs", "millrace: ECS", .lines),
      ("ocsf", "millrace: OCSF", .lines),
    ] {
      contenders.append(Self.own(name, title, output))
    }
    var decoder = Self.own("JSONDecoder", "JSONDecoder, 24 fields + raw", .reshaped)
    decoder.isSlow = true
    contenders.append(decoder)
    await addCompiled(tools)
    await addPython(tools)
    addFilters(tools)
  }

  private static func own(
    _ workload: String, _ title: String, _ output: Contender.Output
  ) -> Contender {
    let way = Contender.Way.conversation { corpus in
      [Programs.ownPath, "--role-contend", "--workload", workload, "--input", corpus]
    }
    return Contender(name: title, way: way, output: output)
  }

  private mutating func addCompiled(_ tools: ContenderTools) async {
    let simdjson = ["-O3", "-std=c++17", "-lsimdjson"]
    await add(Self.baseline, .reshaped) { () async throws(ContenderTools.Missing) in
      [try await tools.compile("on_demand.cpp", as: "simdjson", simdjson)]
    }
    await add("simdjson On-Demand, -march=native", .reshaped) {
      () async throws(ContenderTools.Missing) in
      [
        try await tools.compile(
          "on_demand.cpp", as: "simdjson-native", ["-march=native"] + simdjson)
      ]
    }
    await add("simdjson On-Demand, finds, writes nothing", .none) {
      () async throws(ContenderTools.Missing) in
      [try await tools.compile("on_demand.cpp", as: "simdjson-find", ["-DFIND_ONLY"] + simdjson)]
    }
    await add("jansson, 24 fields + raw", .reshaped, isSlow: true) {
      () async throws(ContenderTools.Missing) in
      [try await tools.compile("jansson.c", as: "jansson", ["-O3", "-ljansson"])]
    }
    notes.append("yyjson takes no part: Debian 12 does not package it; jansson stands for it")
  }

  private mutating func addPython(_ tools: ContenderTools) async {
    await add("orjson, 24 fields + raw", .reshaped, isSlow: true) {
      () async throws(ContenderTools.Missing) in
      let python = try await tools.python(with: ["orjson"], for: "orjson")
      return [python, tools.sources + "/orjson_contender.py"]
    }
    await add("VRL (vrl-python), 24 fields + raw", .reshaped, isSlow: true) {
      () async throws(ContenderTools.Missing) in
      let python = try await tools.python(with: ["vrl_python", "orjson"], for: "VRL")
      return [python, tools.sources + "/vrl_contender.py"]
    }
  }

  private mutating func addFilters(_ tools: ContenderTools) {
    do {
      let words = [try Programs.millrace(), "normalize", "--workers", "1"]
      contenders.append(
        Contender(
          name: "millrace normalize --workers 1, a file", way: .filter(words), output: .native))
      contenders.append(
        Contender(
          name: "millrace normalize --format raw, a file",
          way: .filter(words + ["--format", "raw"]),
          output: .lines))
    } catch {
      notes.append("millrace normalize takes no part: \(error)")
    }
    guard let jq = Programs.find("jq") else {
      notes.append("jq takes no part: it is not installed")
      return
    }
    contenders.append(
      Contender(
        name: "jq, 24 fields + raw, a file",
        way: .filter([jq, "-c", "-f", tools.sources + "/reshape.jq"]), output: .reshaped,
        isSlow: true))
    // What `--format raw` does: records, one a line.
    contenders.append(
      Contender(
        name: "jq, the records alone, a file", way: .filter([jq, "-c", ".[]"]), output: .lines,
        isSlow: true))
  }

  private mutating func add(
    _ name: String, _ output: Contender.Output, isSlow: Bool = false,
    _ command: () async throws(ContenderTools.Missing) -> [String]
  ) async {
    do throws(ContenderTools.Missing) {
      let words = try await command()
      contenders.append(
        Contender(
          name: name, way: .conversation { words + [$0] }, output: output, isSlow: isSlow))
    } catch {
      notes.append(error.reason)
    }
  }
}
