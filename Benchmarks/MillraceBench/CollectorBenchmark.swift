import Foundation
import MillraceRuntime

/// The whole way: from a simulated tenant over HTTP through the store into a file of native events,
/// by the real program, with and without deduplication, compressed and not.
enum CollectorBenchmark {
  private static let roundsMax = 3

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let variants = [
      Variant(name: "deduplicating"),
      Variant(name: "deduplicate: off", setting: "deduplicate: off"),
      Variant(name: "compression: gzip", compression: "gzip"),
      Variant(name: "compression: zstd", compression: "zstd"),
    ]
    var figures = [[CollectorFigures]](repeating: [], count: variants.count)
    for _ in 0..<min(options.rounds, roundsMax) {
      for (index, variant) in variants.enumerated() {
        figures[index].append(try await once(variant, options))
      }
    }
    report.collector = figures.compactMap { rounds in
      var middle = rounds.sorted { $0.wallSeconds < $1.wallSeconds }[rounds.count / 2]
      // What a machine must have is the most that any round took.
      middle.residentBytesPeak = rounds.map(\.residentBytesPeak).max() ?? 0
      return middle
    }
  }

  private struct Variant {
    let name: String
    var setting = ""
    var compression = "none"
  }

  private static func once(
    _ variant: Variant, _ options: BenchOptions
  ) async throws -> CollectorFigures {
    let source = try await SimulatedSource(events: options.events, options)
    let folder = try TemporaryFolder(in: options.folder)
    let configuration = SimulatedSource.configuration(
      port: source.port,
      sinks: ["events: {type: file, path: events, compression: \(variant.compression)}"],
      more: variant.setting)
    try folder.write(configuration, to: "millrace.yaml")
    let (run, _) = try await Programs.run(
      Programs.millrace(), ["run", "--once", "--log-level", "error"], folder: folder.path)
    let simulatorSeconds = await source.stop()
    let lines = try folder.lineCount(of: "events", compression: variant.compression)
    guard lines == options.events else {
      throw ChildFailure(description: "\(lines) of \(options.events) events were delivered")
    }
    return CollectorFigures(
      name: variant.name, events: lines, wallSeconds: run.wallSeconds,
      processorSeconds: run.processorSeconds, residentBytesPeak: run.residentBytesPeak,
      simulatorProcessorSeconds: simulatorSeconds, fileBytes: folder.size(of: "events"))
  }
}

/// What the whole way cost.
struct CollectorFigures: Codable {
  let name: String
  let events: Int
  let wallSeconds: Double
  /// Of the collector's process.
  let processorSeconds: Double
  var residentBytesPeak: Int
  let simulatorProcessorSeconds: Double
  /// What the file takes on disk.
  let fileBytes: Int
}
