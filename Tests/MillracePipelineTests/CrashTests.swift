import Foundation
import MillraceCampaign
import MillraceCore
import MillraceSimulator
import TestChildren
import Testing

@testable import MillraceStore

/// The campaign: the real program is killed again and again, wherever it happens to be. The same
/// code is `millrace selftest crash`.
@Suite(.timeLimit(.minutes(60)))
struct CrashTests {
  private static let isNightly = ProcessInfo.processInfo.environment["MILLRACE_TIER"] == "nightly"

  private static func options(kills: Int, events: Int) -> CrashOptions {
    var options = CrashOptions(
      program: MillraceProgram.path, parent: FileManager.default.temporaryDirectory.path,
      seed: UInt64.random(in: 0...UInt64.max))
    options.kills = kills
    options.events = events
    return options
  }

  @Test func `whatever is killed when, every record arrives exactly once`() async throws {
    let kills = CrashTests.isNightly ? 400 : 24
    let options = CrashTests.options(kills: kills, events: kills * 100)
    print("crash campaign: seed \(options.seed), \(kills) kills")
    let campaign = try CrashCampaign(options)
    let report = try await campaign.run()
    print("crash campaign: \(report)")
    #expect(report.isClean, "seed \(options.seed), left in \(campaign.folder): \(report)")
    #expect(report.kills == kills)
    #expect(report.events == options.events)
    #expect(report.repeats > 0, "seed \(options.seed): nothing was sent again")
    #expect(report.sinks.map(\.lines) == [options.events, options.events])
    let left = report.interrupted
    #expect(left.fetching > 0 && left.delivering > 0, "no kill left anything to do: \(report)")
    try CrashTests.expectNothingElse(in: campaign.folder)
    try await CrashTests.expectIntact(campaign.folder + "/store")
    if report.isClean { try campaign.removeFolder() }
  }

  @Test func `a line too few, too many, cut or unknown is found`() async throws {
    let campaign = try CrashCampaign(CrashTests.options(kills: 0, events: 200))
    #expect(try await campaign.run().isClean)
    let path = campaign.folder + "/raw.ndjson"
    let whole = try Data(contentsOf: URL(filePath: path))
    let lines = whole.split(separator: 0x0A)
    func findings(_ content: Data) async throws -> LedgerComparison.Findings {
      try content.write(to: URL(filePath: path))
      return await LedgerComparison(campaign.simulator.oracle, folder: campaign.folder).compare()
    }
    func sink(_ findings: LedgerComparison.Findings) throws -> CrashReport.Sink {
      try #require(findings.sinks.first { $0.name == "raw" })
    }
    let first = Data(lines[0]) + [0x0A]
    #expect(try await sink(findings(whole.dropFirst(first.count))).lost == 1)
    #expect(try await sink(findings(whole + first)).doubled == 1)
    let unknown = try await sink(findings(Data("{}\n".utf8) + whole.dropFirst(first.count)))
    #expect(unknown.foreign == 1 && unknown.lost == 1 && unknown.lines == 200)
    let cut = try await findings(whole.dropLast(7))
    #expect(try sink(cut).lost == 1)
    #expect(cut.problems.contains { $0.contains("no whole line") })
    // The store says how many lines there are and how long the file is.
    #expect(cut.problems.contains { $0.hasPrefix("events delivered to raw, by the store: 200") })
    #expect(cut.problems.contains { $0.hasPrefix("length of ") })
    #expect(try await findings(whole).problems.isEmpty)
    try campaign.removeFolder()
  }

  @Test func `a collector that fails by itself ends the campaign with its words`() async throws {
    var options = CrashTests.options(kills: 1, events: 100)
    options.program = "/bin/false"
    let campaign = try CrashCampaign(options)
    await #expect {
      try await campaign.run()
    } throws: { error in
      "\(error)".contains("ended with exited(1)")
    }
    try campaign.removeFolder()
  }

  /// No file but those that belong: nothing half made stays behind.
  private static func expectNothingElse(in folder: String) throws {
    let files = FileManager.default
    let top = try files.contentsOfDirectory(atPath: folder).sorted()
    #expect(top == ["archive", "millrace.yaml", "raw.ndjson", "store"])
    let store = Set(try files.contentsOfDirectory(atPath: folder + "/store"))
    #expect(
      store.subtracting(["control.sock", "millrace.db-wal", "millrace.db-shm"])
        == ["lock", "millrace.db"])
    for name in try files.contentsOfDirectory(atPath: folder + "/archive") {
      #expect(name.hasPrefix("contoso-") && name.hasSuffix(".ndjson"), "\(name)")
    }
  }

  private static func expectIntact(_ path: String) async throws {
    let store = try Store(folder: path)
    defer { store.close() }
    let check = try await store.write { (connection) throws(StoreError) in
      try connection.text("PRAGMA integrity_check")
    }
    #expect(check == "ok")
  }
}
