import Foundation
import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceSimulator

/// The whole way: from a simulated tenant over HTTP through the store into a file of native events.
enum CollectorBenchmark {
  private static let roundsMax = 3

  static func run(_ options: BenchOptions, _ report: inout Report) throws {
    var figures: [CollectorFigures] = []
    for _ in 0..<min(options.rounds, roundsMax) { figures.append(try once(options)) }
    var middle = figures.sorted { $0.wallSeconds < $1.wallSeconds }[figures.count / 2]
    // What a machine must have is the most that any round took.
    middle.residentBytesPeak = figures.map(\.residentBytesPeak).max() ?? 0
    report.collector = middle
  }

  private static func once(_ options: BenchOptions) throws -> CollectorFigures {
    let simulator = try ChildProcess.startOurselves([
      "--role-simulate", "--events", "\(options.events)", "--seed", "\(options.seed)",
    ])
    defer { simulator.process.waitUntilExit() }
    let port = String(decoding: simulator.output.availableData, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let before = ChildProcess.processorSecondsOfChildren()
    let collector = try ChildProcess.startOurselves([
      "--role-collect", "--port", port, "--folder", options.folder,
    ])
    let printed = try collector.output.readToEnd() ?? Data()
    collector.process.waitUntilExit()
    guard collector.process.terminationStatus == 0 else {
      throw ChildFailure(description: "the collector's process failed")
    }
    let afterCollector = ChildProcess.processorSecondsOfChildren()
    // The end of its input ends the simulated tenant.
    try simulator.input.close()
    simulator.process.waitUntilExit()
    var figures = try JSONDecoder().decode(CollectorFigures.self, from: printed)
    figures.simulatorProcessorSeconds =
      ChildProcess.processorSecondsOfChildren() - afterCollector
    precondition(afterCollector >= before, "processor time does not run backwards")
    guard figures.events == options.events else {
      throw ChildFailure(
        description: "\(figures.events) of \(options.events) events were delivered")
    }
    return figures
  }
}

/// What the whole way cost.
struct CollectorFigures: Codable {
  let events: Int
  /// The bytes of the bodies.
  let bytes: Int
  let wallSeconds: Double
  /// Of the collector's process.
  let processorSeconds: Double
  var residentBytesPeak: Int
  var simulatorProcessorSeconds: Double
}

/// The role `simulate`: a tenant that serves until its input ends.
enum SimulatorProcess {
  static func serve(_ options: BenchOptions) throws {
    var simulated = SimulatorOptions()
    simulated.content = .generated(events: options.events, seed: options.seed)
    simulated.eventsPerBlob = Corpus.eventsPerBlob
    // What is measured is the collector, not zlib in the tenant.
    simulated.compression = false
    let simulator = try Simulator(simulated)
    try simulator.start()
    FileHandle.standardOutput.write(Data("\(simulator.port)\n".utf8))
    while !FileHandle.standardInput.availableData.isEmpty {}
    simulator.stop()
  }
}

/// The role `collect`: one run over all that the tenant has.
enum CollectorProcess {
  static func collect(_ options: BenchOptions) async throws {
    let folder = try TemporaryFolder(in: options.folder)
    let configuration = try Configuration.parse(
      Array(text(folder.path, port: options.port).utf8), name: "benchmark", environment: [:])
    let watch = Stopwatch()
    let collector = try await Collector.open(
      configuration, workers: ProcessInfo.processInfo.activeProcessorCount, log: .silent)
    let outcome = await collector.run(.once(patience: .seconds(30)))
    let sample = watch.sample
    let status = try await collector.status()
    collector.close()
    guard outcome.ending == .complete else {
      throw ChildFailure(description: "the run was not complete")
    }
    let figures = CollectorFigures(
      events: status.sinks.first?.deliveredEvents ?? 0, bytes: status.bodyBytes,
      wallSeconds: sample.wallSeconds, processorSeconds: sample.processorSeconds,
      residentBytesPeak: ChildProcess.ownUsage().residentBytesPeak, simulatorProcessorSeconds: 0)
    FileHandle.standardOutput.write(try JSONEncoder().encode(figures))
  }

  private static func text(_ folder: String, port: Int) -> String {
    let tenant = SimulatedTenantOptions()
    let origin = "http://127.0.0.1:\(port)"
    return """
      store: {path: '\(folder)/store'}
      tenants:
        - id: \(tenant.tenantID)
          name: contoso
          client_id: \(tenant.clientID)
          credential: {client_secret: '\(tenant.clientSecret)'}
          cloud: {login: '\(origin)', api: '\(origin)', resource: 'https://manage.office.com'}
          requests_per_minute: 100000
      sinks:
        events: {type: file, path: '\(folder)/events.ndjson'}
      """
  }
}
