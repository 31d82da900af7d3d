import Foundation

/// What was measured, for people and for machines.
struct Report: Codable {
  let command: String
  let machine: Machine
  var corpus: String?
  /// The SHA-256 of all native events of the corpus.
  var nativeDigest: String?
  var contenders: [ContenderFigures] = []
  /// Two workers in one process, beside two processes.
  var workers: [WorkerFigures] = []
  var contenderCompiler: String?
  var normalizer: [Measured] = []
  var fileSystem: String?
  var store: [StoreFigures] = []
  var collector: [CollectorFigures] = []
  var replay: [ReplayFigures] = []
  var syslog: [ReplayFigures] = []
  var peers: [PeerFigures] = []
  var memory: [MemoryFigures] = []
  var large: LargeFigures?
  var backlog: BacklogFigures?
  var tenants: TenantsFigures?
  var independence: IndependenceFigures?
  var http: [HTTPFigures] = []
  var notes: [String] = []

  init(_ options: BenchOptions) {
    command = options.repeated
    machine = Machine()
    fileSystem = TemporaryFolder.fileSystem(of: options.folder)
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
      "machine   \(machine.processor), \(machine.cores) cores, \(machine.system), "
        + "\(fileSystem ?? "")",
      "compiler  Swift \(machine.swift)",
      "command   \(command)",
    ]
    if let contenderCompiler { lines.append("          \(contenderCompiler)") }
    if let corpus { lines.append("corpus    \(corpus)") }
    if let nativeDigest { lines.append("digest    native events \(nativeDigest.prefix(16))") }
    for note in notes { lines.append("note      \(note)") }
    return (lines + tables()).joined(separator: "\n")
  }

  /// All tables, each behind an empty line and a line that says what it shows.
  func tables() -> [String] {
    var lines: [String] = []
    if !contenders.isEmpty { lines += ContenderTables.contenders(contenders) }
    if !workers.isEmpty { lines += ContenderTables.workers(workers) }
    if !normalizer.isEmpty { lines += ReportTables.normalizer(normalizer) }
    if !store.isEmpty { lines += ReportTables.store(store) }
    if !collector.isEmpty { lines += ReportTables.collector(collector) }
    if !replay.isEmpty { lines += ReportTables.replay(replay) }
    if !syslog.isEmpty { lines += ReportTables.syslog(syslog) }
    if !peers.isEmpty { lines += ReportTables.peers(peers) }
    if !memory.isEmpty { lines += ReportTables.memory(memory) }
    if let backlog { lines += ReportTables.backlog(backlog) }
    if let tenants { lines += ReportTables.tenants(tenants) }
    if let independence { lines += ReportTables.independence(independence) }
    if !http.isEmpty { lines += ReportTables.http(http) }
    if let large { lines += ReportTables.large(large) }
    return lines
  }
}
