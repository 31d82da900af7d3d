import Foundation
import MillraceRuntime

/// What is stored goes out again, and what others exported comes in: `replay` and `import` of the
/// same records, by the real program.
enum ReplayBenchmark {
  private static let roundsMax = 3
  private static let records = "records.ndjson"

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let source = try await SimulatedSource(events: options.events, options)
    let folder = try TemporaryFolder(in: options.folder)
    try folder.write(SimulatedSource.configuration(port: source.port), to: "millrace.yaml")
    let program = try Programs.millrace()
    _ = try await Programs.run(
      program, ["run", "--once", "--log-level", "error"], folder: folder.path)
    _ = await source.stop()
    var runs: [(name: String, runs: [ProgramRun])] = [
      ("replay to a file sink", []), ("replay to standard output", []),
      ("replay to standard output, raw", []), ("import into an empty store", []),
      ("import again, all known", []),
    ]
    for round in 1...max(min(options.rounds, roundsMax), 1) {
      runs[0].runs.append(
        try await Programs.run(
          program, ["replay", "--sink", "events", "--log-level", "error"], folder: folder.path
        ).run)
      try folder.expect(options.events * (round + 1), linesIn: "events.ndjson")
      runs[1].runs.append(try await printed(program, "native", "printed.ndjson", folder, options))
      runs[2].runs.append(try await printed(program, "raw", records, folder, options))
      let (first, again) = try await imported(program, folder.path + "/" + records, options)
      runs[3].runs.append(first)
      runs[4].runs.append(again)
    }
    report.replay = runs.map { name, runs in
      ReplayFigures(
        name: name, events: options.events,
        run: runs.sorted { $0.wallSeconds < $1.wallSeconds }[runs.count / 2])
    }
  }

  /// A replay to standard output, which is a file.
  private static func printed(
    _ program: String, _ format: String, _ file: String, _ folder: TemporaryFolder,
    _ options: BenchOptions
  ) async throws -> ProgramRun {
    let command =
      "exec \(program) replay --to-stdout --format \(format) --log-level error > \(file)"
    let (run, _) = try await Programs.run("/bin/sh", ["-c", command], folder: folder.path)
    try folder.expect(options.events, linesIn: file)
    return run
  }

  /// Imports a file into a new store, twice.
  private static func imported(
    _ program: String, _ file: String, _ options: BenchOptions
  ) async throws -> (first: ProgramRun, again: ProgramRun) {
    let folder = try TemporaryFolder(in: options.folder)
    // Nobody listens at this port, and nobody asks.
    try folder.write(SimulatedSource.configuration(port: 9), to: "millrace.yaml")
    let words = ["import", "--json", "--log-level", "error", file]
    let (first, report) = try await Programs.run(program, words, folder: folder.path)
    guard report.outputText.contains("\"new_records\":\(options.events)") else {
      throw ChildFailure(description: "not all was imported: \(report.outputText)")
    }
    let (again, second) = try await Programs.run(program, words, folder: folder.path)
    guard second.outputText.contains("\"new_records\":0") else {
      throw ChildFailure(description: "known records were imported: \(second.outputText)")
    }
    return (first, again)
  }
}

extension TemporaryFolder {
  fileprivate func expect(_ lines: Int, linesIn file: String) throws {
    let found = try lineCount(of: file)
    guard found == lines else {
      throw ChildFailure(description: "\(file) has \(found) lines, not \(lines)")
    }
  }
}

/// What one way out or in cost.
struct ReplayFigures: Codable {
  let name: String
  let events: Int
  let run: ProgramRun
}
