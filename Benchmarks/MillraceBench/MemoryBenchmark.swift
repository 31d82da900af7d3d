import Foundation

/// Peak memory of the real program, whatever the backlog.
enum MemoryBenchmark {
  private static let eventsPerBlob = 10
  private static let hugeMegabytes = 300

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let counts = options.isSmoke ? [10] : [10, 1_000, 100_000]
    for blobs in counts {
      let source = try await SimulatedSource(
        events: blobs * eventsPerBlob, eventsPerBlob: eventsPerBlob, options)
      report.memory += try await collect(
        from: source, what: "\(blobs) blobs", events: blobs * eventsPerBlob, options)
    }
    let megabytes = options.isSmoke ? 10 : hugeMegabytes
    let source = try await SimulatedSource(events: 100, hugeMegabytes: megabytes, options)
    report.memory += try await collect(
      from: source, what: "1 blob of \(megabytes) MB", events: nil, options)
  }

  /// Collects what the tenant has waiting; then again with one sink more, which has all of it
  /// waiting in the store.
  private static func collect(
    from source: SimulatedSource, what: String, events: Int?, _ options: BenchOptions
  ) async throws -> [MemoryFigures] {
    let folder = try TemporaryFolder(in: options.folder)
    var sinks = ["events: {type: file, path: events.ndjson}"]
    var figures: [MemoryFigures] = []
    for (file, name) in [
      ("events.ndjson", "\(what) waiting at the service"),
      ("late.ndjson", "\(what) waiting in the store"),
    ] {
      try folder.write(
        SimulatedSource.configuration(port: source.port, sinks: sinks), to: "millrace.yaml")
      let (run, _) = try await Programs.run(
        Programs.millrace(), ["run", "--once", "--log-level", "error"], folder: folder.path)
      let lines = try folder.lineCount(of: file)
      guard lines > 0, lines == events ?? lines else {
        throw ChildFailure(description: "\(name): \(lines) events were delivered")
      }
      figures.append(MemoryFigures(name: name, events: lines, run: run))
      sinks.append("late: {type: file, path: late.ndjson}")
    }
    _ = await source.stop()
    return figures
  }
}

/// What one run of the program took.
struct MemoryFigures: Codable {
  let name: String
  let events: Int
  let run: ProgramRun
}
