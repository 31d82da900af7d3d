import Foundation
import MillraceRuntime
import MillraceSimulator

/// A simulated tenant in a process of its own, so that its time and memory do not count as the
/// collector's. It ends with its last reference.
final class SimulatedSource {
  let port: Int
  private let child: ChildProcess

  init(
    events: Int, eventsPerBlob: Int = Corpus.eventsPerBlob, hugeMegabytes: Int = 0,
    _ options: BenchOptions
  ) async throws {
    child = try Programs.start(
      Programs.ourselves,
      [
        "--role-simulate", "--events", "\(events)", "--seed", "\(options.seed)",
        "--events-per-blob", "\(eventsPerBlob)", "--huge", "\(hugeMegabytes)",
      ])
    guard await child.says("\n", within: .seconds(120)),
      let port = Int(child.outputText.trimmingCharacters(in: .whitespacesAndNewlines))
    else { throw ChildFailure(description: "the simulated tenant did not start") }
    self.port = port
  }

  /// Ends it; the processor time that it took.
  func stop() async -> Double {
    child.signal(SIGTERM)
    return await child.end().processorSeconds
  }

  /// The role `simulate`: serves until it is told to stop.
  static func serve(_ options: BenchOptions) async throws {
    let stopped = Pulse()
    Signals.watch { _ in stopped.beat() }
    var simulated = SimulatorOptions()
    simulated.content = .generated(events: options.events, seed: options.seed)
    simulated.eventsPerBlob = options.eventsPerBlob
    simulated.hugeBlobBytes = options.hugeMegabytes * 1_000_000
    // What is measured is the collector, not zlib in the tenant.
    simulated.compression = false
    let simulator = try Simulator(simulated)
    try simulator.start()
    FileHandle.standardOutput.write(Data("\(simulator.port)\n".utf8))
    await stopped.wait(beyond: 0)
    simulator.stop()
  }

  /// A configuration for a collector of it, with everything in the collector's working folder.
  static func configuration(
    port: Int, sinks: [String] = ["events: {type: file, path: events.ndjson}"], more: String = ""
  ) -> String {
    let tenant = SimulatedTenantOptions()
    let origin = "http://127.0.0.1:\(port)"
    return """
      store: {path: store}
      tenants:
        - id: \(tenant.tenantID)
          name: contoso
          client_id: \(tenant.clientID)
          credential: {client_secret: '\(tenant.clientSecret)'}
          cloud: {login: '\(origin)', api: '\(origin)', resource: 'https://manage.office.com'}
          requests_per_minute: 100000
      sinks:
      \(sinks.map { "  " + $0 }.joined(separator: "\n"))
      \(more)

      """
  }
}
