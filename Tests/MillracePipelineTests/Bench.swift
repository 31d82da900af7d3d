import Foundation
import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceSimulator
import Testing

/// A simulated tenant and a folder for a collector that reads from it: what the tests of the whole
/// way stand on. The folder goes when the last reference does.
final class Bench: Sendable {
  let simulator: Simulator
  let folder: URL

  /// Starts a simulated tenant.
  init(_ options: SimulatorOptions) throws {
    simulator = try Simulator(options)
    try simulator.start()
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("millrace-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    simulator.stop()
    // The folder is in the system's temporary folder: one that stays costs room, nothing else.
    try? FileManager.default.removeItem(at: folder)
  }

  /// Where the sink `raw` writes the records as they came.
  var rawPath: String { folder.appendingPathComponent("raw.ndjson").path }
  var storePath: String { folder.appendingPathComponent("store").path }

  /// A configuration for the simulated tenants: a raw file, and native events by type and day.
  func configurationText(
    secret: String = "simulated-secret", sinks: String? = nil, tenants count: Int = 1
  ) -> String {
    let tenants = SimulatorOptions.tenants(count).enumerated().map { number, tenant in
      """
        - id: \(tenant.tenantID)
          name: \(number == 0 ? "contoso" : "contoso\(number)")
          client_id: \(tenant.clientID)
          credential: {client_secret: '\(secret)'}
          cloud:
            login: '\(simulator.loginURL)'
            api: '\(simulator.baseURL)'
            resource: 'https://manage.office.com'
          requests_per_minute: 100000
          poll_interval: 1s
      """
    }
    return """
      store: {path: '\(storePath)'}
      tenants:
      \(tenants.joined(separator: "\n"))
      sinks:
      \(sinks ?? """
          raw: {type: file, path: '\(rawPath)', format: raw}
          archive: {type: file, path: '\(folder.path)/archive/{tenant}-{content_type}-{date}.ndjson'}
        """)
      """
  }

  func configuration(
    secret: String = "simulated-secret", sinks: String? = nil
  ) throws -> Configuration {
    try Configuration.parse(
      Array(configurationText(secret: secret, sinks: sinks).utf8), name: "test.yaml",
      environment: [:])
  }

  /// Runs a collector once, and closes it.
  func runOnce(
    patience: Duration = .seconds(120), secret: String = "simulated-secret", sinks: String? = nil,
    log: Log = .silent
  ) async throws -> (outcome: RunOutcome, status: StatusReport) {
    try await runOnce(
      text: configurationText(secret: secret, sinks: sinks), patience: patience, log: log)
  }

  /// Runs a collector that cannot come to its end, and has it wait longer until `isNamed`: a busy
  /// machine needs longer to find out what it owes.
  func runOwing(
    until isNamed: (RunOutcome) -> Bool
  ) async throws -> (outcome: RunOutcome, status: StatusReport) {
    var result = try await runOnce(patience: .seconds(2))
    for patience in [8, 32, 128] where !isNamed(result.outcome) {
      result = try await runOnce(patience: .seconds(patience))
    }
    return result
  }

  /// Runs a collector once with the configuration of a text, and closes it.
  func runOnce(
    text: String, patience: Duration = .seconds(120), log: Log = .silent
  ) async throws -> (outcome: RunOutcome, status: StatusReport) {
    let configuration = try Configuration.parse(
      Array(text.utf8), name: "test.yaml", environment: [:])
    let collector = try await Collector.open(configuration, workers: 2, log: log)
    let outcome = await collector.run(.once(patience: patience))
    let status = try await collector.status()
    collector.close()
    return (outcome, status)
  }

  /// The lines of the raw file, sorted.
  func rawLines() throws -> [String] {
    guard FileManager.default.fileExists(atPath: rawPath) else { return [] }
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: rawPath)), as: UTF8.self)
    #expect(text.isEmpty || text.hasSuffix("\n"), "the file ends with a whole line")
    return text.split(separator: "\n").map(Self.unchanged).sorted()
  }

  /// A record as its first place has it: `changed-events` puts a blank behind the first brace.
  private static func unchanged(_ line: Substring) -> String {
    line.hasPrefix("{ ") ? "{" + line.dropFirst(2) : String(line)
  }

  /// The native events, in no particular order.
  func nativeLines() throws -> [String] {
    let archive = folder.appendingPathComponent("archive")
    guard FileManager.default.fileExists(atPath: archive.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: archive.path).flatMap { name in
      let data = try Data(contentsOf: archive.appendingPathComponent(name))
      return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
  }

  /// What the simulated tenant's records look like on one line each, sorted.
  func expectedLines() throws -> [String] {
    try simulator.oracle.expectedRecords().map { record in
      String(decoding: record.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
    }.sorted()
  }

  /// Checks that every record stands in both sinks exactly once.
  func expectEveryRecordOnce(
    _ name: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try expectedLines()
    let raw = try rawLines()
    #expect(raw.count == expected.count, sourceLocation: sourceLocation)
    // Compared as one truth: describing the difference of long lists takes minutes.
    let missing = Set(expected).subtracting(raw).count
    let isSame = raw == expected
    #expect(
      isSame, "\(name): the raw file holds each record once; missing: \(missing)",
      sourceLocation: sourceLocation)
    let native = try nativeLines()
    #expect(native.count == expected.count, sourceLocation: sourceLocation)
    for line in native {
      let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(event?["schema"] as? String == "millrace/1.0", sourceLocation: sourceLocation)
    }
  }

  /// Options with small content: enough blobs for every feed to have some.
  static func options(
    events: Int = 600, eventsPerBlob: Int = 10, seed: UInt64 = 1, faults: Set<SimulatedFault> = []
  ) -> SimulatorOptions {
    var options = SimulatorOptions()
    options.content = .generated(events: events, seed: seed)
    options.eventsPerBlob = eventsPerBlob
    options.faults = FaultPlan(faults, seed: seed)
    return options
  }
}
