import Foundation

/// What was measured, for people and for machines.
struct Report: Codable {
  let command: String
  let machine: Machine
  var corpus: String?
  /// The SHA-256 of all native events of the corpus.
  var nativeDigest: String?
  var normalizer: [Measured] = []
  var fileSystem: String?
  var store: [StoreFigures] = []
  var collector: CollectorFigures?
  var notes: [String] = []

  init(_ options: BenchOptions) {
    command = options.repeated
    machine = Machine()
    if Machine.isDebug { notes.append("built without optimization: the figures mean nothing") }
    if options.isSmoke { notes.append("a smoke run: the figures mean nothing") }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  func text() -> String {
    var lines = [
      "machine   \(machine.processor), \(machine.cores) cores, \(machine.system)",
      "compiler  Swift \(machine.swift)",
      "command   \(command)",
    ]
    if let corpus { lines.append("corpus    \(corpus)") }
    if let nativeDigest { lines.append("digest    native events \(nativeDigest.prefix(16))") }
    for note in notes { lines.append("note      \(note)") }
    if !normalizer.isEmpty { lines += normalizerTable() }
    if !store.isEmpty { lines += storeTable() }
    if let collector { lines += Self.collectorTable(collector) }
    return lines.joined(separator: "\n")
  }

  private func normalizerTable() -> [String] {
    let decoder = normalizer.first { $0.name.hasPrefix("JSONDecoder") }
    var lines = ["", "In memory, one core, by processor time; medians of interleaved rounds."]
    let titles = ["", "MB/s", "events/s", "us/event", "x JSONDecoder", "rounds"]
    var rows = [titles]
    for measured in normalizer.sorted(by: {
      $0.megabytesPerProcessorSecond > $1.megabytesPerProcessorSecond
    }) {
      let speed = measured.megabytesPerProcessorSecond
      let ratio = decoder.map { Self.figure(speed / $0.megabytesPerProcessorSecond, 1) } ?? "-"
      rows.append([
        measured.name, Self.figure(speed, speed < 100 ? 1 : 0),
        Self.figure(measured.eventsPerProcessorSecond, 0),
        Self.figure(1e6 / measured.eventsPerProcessorSecond, 2), ratio, "\(measured.rounds)",
      ])
    }
    lines += Self.table(rows)
    return lines
  }

  private func storeTable() -> [String] {
    var rows = [
      ["kB", "at once", "store blobs/s", "plain blobs/s", "ratio", "store us CPU", "plain us CPU"]
    ]
    for figures in store {
      let count = Double(figures.blobs)
      rows.append([
        "\(figures.bytes / figures.blobs / 1000)", "\(figures.group)",
        Self.figure(count / figures.storeWallSeconds, 0),
        Self.figure(count / figures.plainWallSeconds, 0),
        Self.figure(figures.ratio, 2),
        Self.figure(figures.storeProcessorSeconds / count * 1e6, 0),
        Self.figure(figures.plainProcessorSeconds / count * 1e6, 0),
      ])
    }
    return [
      "",
      "Bodies hashed, compressed (zstd 1) and committed (synchronous=FULL), beside a plain file: the "
        + "same compressed, appended, fdatasync as often; \(fileSystem ?? "").",
    ] + Self.table(rows)
  }

  private static func collectorTable(_ figures: CollectorFigures) -> [String] {
    let events = Double(figures.events)
    return [
      "",
      "The whole way: simulated tenant, HTTP without compression, store, native events in a file.",
      "  \(figure(events / figures.wallSeconds, 0)) events/s "
        + "(\(figure(Double(figures.bytes) / 1e6 / figures.wallSeconds, 1)) MB/s), "
        + "\(figure(figures.processorSeconds / events * 1e6, 1)) us CPU an event, "
        + "at most \(figure(Double(figures.residentBytesPeak) / 1e6, 0)) MB resident",
      "  beside it on the same cores: the tenant, "
        + "\(figure(figures.simulatorProcessorSeconds / events * 1e6, 1)) us CPU an event",
    ]
  }

  // MARK: Layout

  private static func figure(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }

  /// The first column to the left, the others to the right.
  private static func table(_ rows: [[String]]) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      "  "
        + zip(row, widths).enumerated().map { index, cell in
          let padding = String(repeating: " ", count: cell.1 - cell.0.count)
          return index == 0 ? cell.0 + padding : padding + cell.0
        }.joined(separator: "  ")
    }
  }
}

/// What the figures were measured on.
struct Machine: Codable {
  let processor: String
  let cores: Int
  let system: String
  let swift: String

  init() {
    cores = ProcessInfo.processInfo.activeProcessorCount
    system = ProcessInfo.processInfo.operatingSystemVersionString
    processor = Self.processorName()
    swift = Self.swiftVersion
  }

  static var isDebug: Bool {
    var isDebug = false
    assert(
      {
        isDebug = true
        return true
      }())
    return isDebug
  }

  private static func processorName() -> String {
    do {
      let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
      return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    } catch {
      return "unknown"
    }
  }

  /// The compiler's version as far as a program can see it.
  private static var swiftVersion: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
