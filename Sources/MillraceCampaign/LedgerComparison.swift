import FoundationEssentials
import MillraceCore
package import MillraceSimulator
import MillraceStore

/// Holds three ledgers against each other: what the tenant sent, what the store says, and every
/// line of the sinks' files.
package struct LedgerComparison {
  private let oracle: SimulatorOracle
  private let folder: String

  /// - Parameter folder: the campaign's folder.
  package init(_ oracle: SimulatorOracle, folder: String) {
    self.oracle = oracle
    self.folder = folder
  }

  /// What was found.
  package struct Findings: Sendable {
    /// Events every sink must hold.
    package var events = 0
    /// Events that the tenant sent more than once.
    package var repeats = 0
    /// The sinks' files.
    package var sinks: [CrashReport.Sink] = []
    /// What does not agree, in words.
    package var problems: [String] = []
  }

  /// Compares.
  package func compare() async -> Findings {
    var findings = Findings()
    var expected = RecordTally()
    do {
      for blob in oracle.blobs where blob.fate == .servable {
        findings.repeats += blob.repeatedRecordCount
        for record in try oracle.records(of: blob) { expected.add(onOneLine: record) }
      }
      findings.events = expected.count
      let raw = try rawSink(expected, &findings.problems)
      let archive = try archiveSink(expected, &findings.problems)
      findings.sinks = [archive, raw]
      try await compareStore(&findings)
    } catch {
      findings.problems.append("\(error)")
    }
    return findings
  }

  // MARK: Files

  private func rawSink(
    _ expected: RecordTally, _ problems: inout [String]
  ) throws -> CrashReport.Sink {
    var tally = RecordTally()
    let path = folder + "/" + CampaignFolder.rawFile
    let rest = try LineReader.forEachLine(of: path) { tally.add($0) }
    if rest > 0 { problems.append("\(path) ends with \(rest) bytes that are no whole line") }
    return sink("raw", tally, expected)
  }

  /// What is read of a native event: the record that it carries.
  private struct NativeLine: Decodable {
    let schema: String
    let raw: String
  }

  private func archiveSink(
    _ expected: RecordTally, _ problems: inout [String]
  ) throws -> CrashReport.Sink {
    var tally = RecordTally()
    let decoder = JSONDecoder()
    for name in try CampaignFolder.archiveFiles(folder) {
      let path = folder + "/" + CampaignFolder.archive + "/" + name
      var unreadable = 0
      let rest = try LineReader.forEachLine(of: path) { line in
        do {
          let event = try decoder.decode(NativeLine.self, from: Data(line))
          tally.add(onOneLine: Array(event.raw.utf8))
        } catch {
          unreadable += 1
        }
      }
      if rest > 0 { problems.append("\(path) ends with \(rest) bytes that are no whole line") }
      if unreadable > 0 { problems.append("\(unreadable) lines of \(path) are no native events") }
    }
    return sink("archive", tally, expected)
  }

  private func sink(
    _ name: String, _ tally: RecordTally, _ expected: RecordTally
  ) -> CrashReport.Sink {
    let difference = tally.difference(from: expected)
    return CrashReport.Sink(
      name: name, lines: tally.count, lost: difference.lost, doubled: difference.doubled,
      foreign: difference.foreign)
  }

  // MARK: Store

  private func compareStore(_ findings: inout Findings) async throws {
    let store = try Store(folder: folder + "/store", access: .inspect)
    defer { store.close() }
    let status = try await store.status()
    var problems: [String] = []
    func check(_ what: String, _ found: Int, _ expected: Int) {
      if found != expected { problems.append("\(what): \(found) instead of \(expected)") }
    }
    for (feed, blobs) in Dictionary(grouping: oracle.blobs, by: \.feed) {
      let states = status.feeds.first { $0.feed == feed }?.blobs ?? [:]
      for state in ContentState.allCases {
        check(
          "blobs \(state.rawValue) of \(feed.contentType)", states[state] ?? 0,
          state == .fetched ? blobs.count : 0)
      }
    }
    check("bodies in the log", status.bodies, oracle.blobs.count)
    check("bodies not decided about", status.unindexedBodies, 0)
    check("records in the store", status.records, findings.events + findings.repeats)
    check("events in the store", status.events, findings.events)
    check("repeats in the store", status.repeats, findings.repeats)
    check("dead letters", status.deadLetters, 0)
    for sink in findings.sinks {
      guard let known = status.sinks.first(where: { $0.name == sink.name }) else {
        problems.append("the store knows no sink \(sink.name)")
        continue
      }
      check("events delivered to \(sink.name), by the store", known.deliveredEvents, sink.lines)
      if known.position != LogPosition(sequence: Int64(status.bodies) + 1) {
        problems.append("the cursor of \(sink.name) stands at \(known.position), not at the end")
      }
      for file in try await store.files(of: sink.name) {
        let size = CampaignFolder.size(of: file.path, in: folder)
        check("length of \(file.path)", Int(file.length), size ?? -1)
      }
    }
    findings.problems += problems
  }
}

extension RecordTally {
  /// Counts a record as a raw sink writes it: line breaks become blanks.
  fileprivate mutating func add(onOneLine record: [UInt8]) {
    let line = record.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    line.withUnsafeBytes { add($0) }
  }
}
