import Foundation
import Glibc
import MillraceCore
import MillraceSimulator
import TestChildren
import Testing

/// A folder to run the program in, with a simulated tenant for those who want one. It is the home
/// and the working folder of every command, and goes with its last reference.
final class Workplace: Sendable {
  let folder: String
  let simulator: Simulator

  /// - Parameter certificates: those that the simulated application has, in PEM.
  init(
    events: Int = 0, eventsPerBlob: Int = 10, faults: Set<SimulatedFault> = [],
    certificates: [String] = []
  ) throws {
    var options = SimulatorOptions()
    options.tenants = [SimulatedTenantOptions(certificates: certificates)]
    options.content = .generated(events: events, seed: 1)
    options.eventsPerBlob = eventsPerBlob
    options.faults = FaultPlan(faults, seed: 1)
    simulator = try Simulator(options)
    try simulator.start()
    var template = Array((NSTemporaryDirectory() + "millrace-command-XXXXXX").utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    simulator.stop()
    // What cannot be removed lies in the system's temporary folder, which is emptied anyway.
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: Files

  func path(_ name: String) -> String { folder + "/" + name }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
  }

  func lines(of name: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: path(name)) else { return [] }
    let text = String(decoding: try Data(contentsOf: URL(filePath: path(name))), as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  /// The names of all files that contain a text, whatever their folder.
  func files(containing text: String) throws -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
    return try names.filter { name in
      var status = stat()
      guard lstat(path(name), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        return false
      }
      return try Data(contentsOf: URL(filePath: path(name))).range(of: Data(text.utf8)) != nil
    }
  }

  // MARK: Configuration

  /// The sink `raw` writes the records as they came to this file.
  static let rawSink = "raw: {type: file, path: raw.ndjson, format: raw}"

  /// Writes `millrace.yaml` for the simulated tenant, and its secret beside it.
  func configure(
    secret: String = SimulatedTenantOptions().clientSecret, store: String = "store",
    credential: String = "{client_secret: file:client.secret}", maxSize: String = "1GiB",
    address: String? = nil, sinks: [String] = [Workplace.rawSink],
    more: String = ""
  ) throws {
    let tenant = SimulatedTenantOptions()
    let origin = address ?? simulator.baseURL
    try write(secret + "\n", to: "client.secret")
    chmod(path("client.secret"), 0o600)
    try write(
      """
      store: {path: '\(store)', max_size: \(maxSize)}
      tenants:
        - id: \(tenant.tenantID)
          name: contoso
          client_id: \(tenant.clientID)
          credential: \(credential)
          cloud: {login: '\(origin)', api: '\(origin)', resource: 'https://manage.office.com'}
          requests_per_minute: 100000
          poll_interval: 1s
      sinks:
      \(sinks.map { "  " + $0 }.joined(separator: "\n"))
      \(more)
      """, to: "millrace.yaml")
  }

  // MARK: Commands

  func start(
    _ words: [String], input: String = "/dev/null", environment: [String: String] = [:],
    reader: ChildProcess.Reader = .patient
  ) throws -> ChildProcess {
    try ChildProcess(
      MillraceProgram.path, words,
      environment: ["PATH": "/usr/bin:/bin", "HOME": folder].merging(environment) { $1 },
      folder: folder, input: input, reader: reader, keeping: self)
  }

  /// Runs a command to its end.
  func run(
    _ words: String..., input: String = "/dev/null", environment: [String: String] = [:],
    reader: ChildProcess.Reader = .patient
  ) async throws -> ChildResult {
    await (try start(words, input: input, environment: environment, reader: reader)).end()
  }

  /// Runs once what cannot come to its end, and has it wait longer until it has told what it owes:
  /// a busy machine needs longer to find that out.
  func runOwing(
    _ words: String..., until isTold: (String) throws -> Bool
  ) async throws -> ChildResult {
    try await withPatience { result in
      try isTold(result.complaintText)
    } _: { patience in
      try start(["run", "--once", "--patience", patience] + words)
    }
  }

  // MARK: What must have come

  /// Checks that the raw file holds every record of the tenant exactly once.
  func expectEveryRecordOnce(
    in name: String = "raw.ndjson", sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try simulator.oracle.expectedRecords().map { record in
      String(decoding: record.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
    }
    let found = try lines(of: name)
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    // Compared as one truth: describing the difference of long lists takes minutes.
    let isSame = found.sorted() == expected.sorted()
    #expect(isSame, "\(name) holds each record once", sourceLocation: sourceLocation)
  }
}

/// Starts something with longer and longer patience, until what came of it is enough.
func withPatience(
  until isEnough: (ChildResult) throws -> Bool, _ start: (String) throws -> ChildProcess
) async throws -> ChildResult {
  var result = await (try start("2s")).end()
  for patience in ["8s", "32s", "128s"] {
    if try isEnough(result) { break }
    result = await (try start(patience)).end(atMost: .seconds(400))
  }
  return result
}

/// Parses a JSON text.
func json<Value>(_ text: String, as type: Value.Type = Value.self) throws -> Value {
  try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Value)
}

extension String {
  /// How often a text stands in this one.
  func occurrences(of text: String) -> Int { ranges(of: text).count }
}
