import Foundation
import Glibc
import TestChildren
import Testing

/// `selftest crash`, as a user runs it.
@Suite(.timeLimit(.minutes(10)))
struct SelftestTests {
  private struct Report: Decodable {
    struct Sink: Decodable {
      let name: String
      let lines: Int
      let lost: Int
    }
    let kills: Int
    let events: Int
    let seed: Int
    let sinks: [Sink]
    let problems: [String]
  }

  private func folders(_ place: Workplace) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place.folder).filter {
      $0.hasPrefix("millrace-selftest-")
    }
  }

  @Test func `it says that nothing is lost or doubled, and leaves nothing behind`() async throws {
    let place = try Workplace()
    let result = try await place.run("selftest", "crash", "--kills", "3", "--events", "600")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText.hasPrefix("3 kills, 600 events, 2 sinks: 0 lost, 0 doubled\n"))
    #expect(try folders(place).isEmpty)
  }

  @Test func `it reports in JSON, elsewhere, and leaves the files if asked`() async throws {
    let place = try Workplace()
    let result = try await place.run(
      "selftest", "crash", "--kills", "1", "--events", "200", "--seed", "5", "--folder",
      "made", "--keep", "--json")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    let decoder = JSONDecoder()
    let report = try decoder.decode(Report.self, from: Data(result.output))
    #expect(report.kills == 1 && report.events == 200 && report.seed == 5)
    #expect(report.sinks.map(\.name) == ["archive", "raw"])
    #expect(report.sinks.allSatisfy { $0.lines == 200 && $0.lost == 0 })
    #expect(report.problems.isEmpty)
    let made = try FileManager.default.contentsOfDirectory(atPath: place.path("made"))
    #expect(made.count == 1)
    #expect(try place.lines(of: "made/\(made[0])/raw.ndjson").count == 200)
  }

  @Test func `it makes no chain of folders, and leaves none that it made`() async throws {
    let place = try Workplace()
    let refused = try await place.run("selftest", "crash", "--folder", "made/for/it")
    #expect(refused.exitCode == 1)
    #expect(
      refused.complaintText
        == "millrace: selftest: made/for/it: No such file or directory; name another --folder\n")
    #expect(!FileManager.default.fileExists(atPath: place.path("made")))
    let result = try await place.run(
      "selftest", "crash", "--kills", "0", "--events", "100", "--folder", "made")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(!FileManager.default.fileExists(atPath: place.path("made")))
  }

  @Test func `a collector does not outlive the campaign that started it`() async throws {
    let place = try Workplace()
    let campaign = try place.start([
      "selftest", "crash", "--kills", "1", "--events", "400000", "--folder", ".",
    ])
    try #require(await campaign.complains("selftest crash: seed"))
    let made = try #require(try folders(place).first)
    // Whoever collects holds this lock; the first collector has so much to do that it is at it.
    let lock = place.path(made + "/store/lock")
    try #require(await isTaken(lock))
    let descriptor = open(lock, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) != 0, "the collector is at it")
    campaign.signal(SIGKILL)
    #expect(await campaign.end().ending == .signalled(SIGKILL))
    // Given once the collector has ended; one that lived on would try for minutes to reach its
    // tenant, and this test would run into its time limit.
    let isFree = await blocking { flock(descriptor, LOCK_EX) == 0 }
    #expect(isFree)
  }

  /// Waits until whoever took the lock has put its name into it; false when nobody does.
  private func isTaken(_ path: String) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < deadline {
      if let name = FileManager.default.contents(atPath: path), !name.isEmpty { return true }
      await Pulse().wait(beyond: 0, atMost: .milliseconds(10))
    }
    return false
  }
}
