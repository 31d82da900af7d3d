import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSimulator

/// A simulated tenant in a process of its own, so that its time and memory do not count as the
/// collector's. It ends with its last reference.
final class SimulatedSource {
  let port: Int
  private let child: ChildProcess

  init(
    events: Int, eventsPerBlob: Int = Corpus.eventsPerBlob, hugeMegabytes: Int = 0,
    tenants: Int = 1, quota: Int = 0, addresses: String = "", _ options: BenchOptions
  ) async throws {
    child = try Programs.start(
      Programs.ourselves,
      [
        "--role-simulate", "--events", "\(events)", "--seed", "\(options.seed)",
        "--events-per-blob", "\(eventsPerBlob)", "--huge", "\(hugeMegabytes)",
        "--tenants", "\(tenants)", "--quota", "\(quota)",
      ] + (addresses.isEmpty ? [] : ["--addresses", addresses]))
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

  /// Ends it; what it was asked.
  func stopCounting() async throws -> SimulatedCounts {
    child.signal(SIGTERM)
    let text = await child.end().outputText
    let last = text.split(separator: "\n").last.map(String.init) ?? ""
    return try JSONDecoder().decode(SimulatedCounts.self, from: Data(last.utf8))
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
    simulated.tenants = SimulatorOptions.tenants(options.tenants)
    if options.quota > 0 { simulated.quota = RequestQuota(requests: options.quota) }
    let simulator = try Simulator(simulated)
    try simulator.start()
    if !options.addresses.isEmpty { try writeAddresses(of: simulator, to: options.addresses) }
    FileHandle.standardOutput.write(Data("\(simulator.port)\n".utf8))
    await stopped.wait(beyond: 0)
    simulator.stop()
    let counts = try JSONEncoder().encode(SimulatedCounts(simulator.statistics))
    FileHandle.standardOutput.write(counts + Data("\n".utf8))
  }

  /// Writes where each blob is, as curl reads it.
  private static func writeAddresses(of simulator: Simulator, to path: String) throws {
    let lines = simulator.oracle.blobs.enumerated().map { number, blob in
      let address =
        "\(simulator.baseURL)/api/v1.0/\(blob.feed.tenant)/activity/feed/audit/\(blob.id)"
      return
        "url = \"\(address)?PublisherIdentifier=\(blob.feed.tenant)\"\noutput = \"\(number)\"\n"
    }
    try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
  }

  /// A configuration for a collector of it, with everything in the collector's working folder.
  static func configuration(
    port: Int, tenants: Int = 1, requestsPerMinute: Int = 100_000,
    sinks: [String] = ["events: {type: file, path: events.ndjson}"], more: String = ""
  ) -> String {
    let origin = "http://127.0.0.1:\(port)"
    let tenants = SimulatorOptions.tenants(tenants).enumerated().map { number, tenant in
      """
        - id: \(tenant.tenantID)
          name: \(number == 0 ? "contoso" : "tenant\(number)")
          client_id: \(tenant.clientID)
          credential: {client_secret: '\(tenant.clientSecret)'}
          cloud: {login: '\(origin)', api: '\(origin)', resource: 'https://manage.office.com'}
          requests_per_minute: \(requestsPerMinute)
      """
    }
    return """
      store: {path: store}
      tenants:
      \(tenants.joined(separator: "\n"))
      sinks:
      \(sinks.map { "  " + $0 }.joined(separator: "\n"))
      \(more)

      """
  }
}

/// What the simulated service was asked in all.
struct SimulatedCounts: Codable {
  /// Blobs there are.
  let blobs: Int
  /// Requests to the API: what a quota counts.
  let requests: Int
  /// Those that fetched blobs.
  let fetches: Int
  /// Those that listed.
  let listings: Int
  /// Those that came when the quota was used up.
  let beyondQuota: Int

  init(_ statistics: SimulatorStatistics) {
    blobs = statistics.blobsOffered
    requests = statistics.requestCount - (statistics.requests[.token] ?? 0)
    fetches = statistics.requests[.fetchContent] ?? 0
    listings = statistics.requests[.listContent] ?? 0
    beyondQuota = statistics.requestsBeyondQuota
  }
}
