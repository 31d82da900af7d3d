import Foundation
import MillraceRuntime

/// One sink down while the others work: what it costs them, how fast it catches up when its
/// receiver is back, and what memory that takes. By the real program.
enum IndependenceBenchmark {
  private static let roundsMax = 3

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let source = try await SimulatedSource(events: options.events, options)
    var rounds: [IndependenceFigures] = []
    for _ in 0..<max(min(options.rounds, roundsMax), 1) {
      let alone = try await collect(from: source, beside: nil, options)
      let port = try LineReceiver.freePort()
      var figures = try await collect(from: source, beside: port, options)
      figures.aloneSeconds = alone.besideSeconds
      figures.alonePeak = alone.besidePeak
      rounds.append(figures)
    }
    _ = await source.stop()
    report.independence = rounds.sorted { $0.besideSeconds < $1.besideSeconds }[rounds.count / 2]
  }

  /// Collects into a file, beside a sink at `port` whose receiver comes when the file has all.
  private static func collect(
    from source: SimulatedSource, beside port: Int?, _ options: BenchOptions
  ) async throws -> IndependenceFigures {
    let folder = try TemporaryFolder(in: options.folder)
    var sinks = ["events: {type: file, path: events.ndjson}"]
    if let port {
      sinks.append(
        "siem: {type: syslog, address: 'tcp://127.0.0.1:\(port)', framing: newline, "
          + "retry: {initial: 100ms, max: 500ms}}")
    }
    try folder.write(
      SimulatedSource.configuration(port: source.port, sinks: sinks), to: "millrace.yaml")
    var figures = IndependenceFigures(events: options.events)
    let watch = Stopwatch()
    let program = try Programs.millrace()
    let child = try Programs.start(
      program, ["run", "--log-level", "error"], folder: folder.path)
    let peak = PeakWatch(child)
    defer { child.signal(SIGKILL) }
    var count = LineCount(of: folder.path + "/events.ndjson")
    try await wait(child) {
      count.update()
      return count.lines >= options.events
    }
    figures.besideSeconds = watch.sample.wallSeconds
    figures.besidePeak = peak.bytes
    if let port {
      let receiver = try LineReceiver(port: port)
      defer { receiver.stop() }
      let back = Stopwatch()
      try await wait(child) { receiver.lines > 0 }
      figures.returnSeconds = back.sample.wallSeconds
      try await wait(child) { receiver.lines >= options.events }
      figures.catchUpSeconds = back.sample.wallSeconds - figures.returnSeconds
    }
    child.signal(SIGTERM)
    let result = await child.end()
    figures.peak = peak.bytes
    guard result.ending == .exited(0), count.lines == options.events else {
      throw ChildFailure(
        description: "run ended with \(result.ending), \(count.lines) lines: "
          + result.complaintText)
    }
    return figures
  }

  /// Waits for something that a child does.
  private static func wait(_ child: ChildProcess, _ isThere: () -> Bool) async throws {
    while !isThere() {
      guard child.isRunning else {
        throw ChildFailure(description: "run ended early: \(await child.end().complaintText)")
      }
      await Pulse().wait(beyond: 0, atMost: .milliseconds(2))
    }
  }
}

/// What a sink that is down costs.
struct IndependenceFigures: Codable {
  let events: Int
  /// Until the file has all events, with no other sink.
  var aloneSeconds = 0.0
  /// The largest resident set meanwhile, in bytes.
  var alonePeak = 0
  /// The same beside a sink that is down.
  var besideSeconds = 0.0
  /// The largest resident set meanwhile, in bytes.
  var besidePeak = 0
  /// From the receiver's return to its first event.
  var returnSeconds = 0.0
  /// From that to its last.
  var catchUpSeconds = 0.0
  /// The largest resident set of all, catching up included.
  var peak = 0
}
