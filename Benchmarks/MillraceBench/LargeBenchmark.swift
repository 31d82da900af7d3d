import Foundation
import MillraceRuntime

/// A store that holds much: what it takes on disk, and how long commands take on it.
enum LargeBenchmark {
  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let source = try await SimulatedSource(events: options.events, options)
    let folder = try TemporaryFolder(in: options.folder)
    try folder.write(SimulatedSource.configuration(port: source.port), to: "millrace.yaml")
    let program = try Programs.millrace()
    let (filling, _) = try await Programs.run(
      program, ["run", "--once", "--log-level", "error"], folder: folder.path)
    let lines = try folder.lineCount(of: "events.ndjson")
    guard lines == options.events else {
      throw ChildFailure(description: "\(lines) of \(options.events) events were delivered")
    }
    var figures = LargeFigures(
      events: lines, filling: filling, eventBytes: folder.size(of: "events.ndjson"),
      databaseBytes: folder.size(of: "store/millrace.db"),
      logBytes: folder.size(of: "store/millrace.db-wal"),
      start: try await start(program, folder), commands: [])
    for words in [["status"], ["audit"], ["verify"]] {
      do {
        let (run, _) = try await Programs.run(program, words, folder: folder.path)
        figures.commands.append(LargeFigures.Command(name: words[0], run: run))
      } catch let failure as ChildFailure {
        report.notes.append(failure.description)
      }
    }
    let (again, _) = try await Programs.run(
      program, ["run", "--once", "--log-level", "error"], folder: folder.path)
    figures.commands.append(LargeFigures.Command(name: "run --once, nothing new", run: again))
    _ = await source.stop()
    report.large = figures
  }

  /// How long a collector takes until it answers on its control socket.
  private static func start(_ program: String, _ folder: TemporaryFolder) async throws -> Double {
    let socket = folder.path + "/store/control.sock"
    unlink(socket)
    let watch = Stopwatch()
    let child = try Programs.start(program, ["run", "--log-level", "error"], folder: folder.path)
    while child.isRunning, access(socket, F_OK) != 0 { usleep(1000) }
    let seconds = watch.sample.wallSeconds
    child.signal(SIGTERM)
    let result = await child.end()
    guard result.ending == .exited(0) else {
      throw ChildFailure(description: "run ended with \(result.ending): \(result.complaintText)")
    }
    return seconds
  }
}

/// What a large store takes.
struct LargeFigures: Codable {
  struct Command: Codable {
    let name: String
    let run: ProgramRun
  }

  let events: Int
  let filling: ProgramRun
  let eventBytes: Int
  let databaseBytes: Int
  let logBytes: Int
  /// Seconds from the start of a collector until commands can ask it.
  let start: Double
  var commands: [Command]
}
