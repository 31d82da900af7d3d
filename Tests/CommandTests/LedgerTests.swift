import Foundation
import Glibc
import TestChildren
import Testing

@testable import MillraceStore

/// `audit`, `verify` and `backup`, on stores that a collector filled.
@Suite(.timeLimit(.minutes(10)))
struct LedgerTests {
  /// The blobs of 300 records, at most ten in each, over five feeds.
  private let count = 33

  private func collected(events: Int = 300) async throws -> Workplace {
    let place = try Workplace(events: events)
    try place.configure()
    let result = try await place.run("run", "--once")
    try #require(result.exitCode == 0, "\(result.complaintText)")
    return place
  }

  /// Starts a collector that answers on its socket.
  private func collecting(_ place: Workplace) async throws -> ChildProcess {
    let collector = try place.start(["run"])
    var isAnswering = false
    while !isAnswering {
      isAnswering = try await place.run("status").outputText.hasPrefix("collecting since")
    }
    return collector
  }

  private func end(_ collector: ChildProcess) async {
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
  }

  /// Changes the database behind the program's back.
  private func tamper(_ place: Workplace, _ sql: String) throws {
    let connection = try Connection(path: place.path("store/millrace.db"), mode: .readWrite)
    try connection.execute(sql)
  }

  /// As if so much time had passed at the service, with every feed listed.
  private func pass(days: Int, in place: Workplace) throws {
    try tamper(
      place, "UPDATE feed SET listed_until_at = listed_until_at + \(days) * 86400000")
  }

  private func firstDay(_ place: Workplace) throws -> String {
    let connection = try Connection(path: place.path("store/millrace.db"), mode: .readOnly)
    return try #require(
      try connection.text("SELECT date(min(created_at) / 1000, 'unixepoch') FROM content"))
  }

  // MARK: audit

  @Test func `audit counts all and says that it is complete so far`() async throws {
    let place = try await collected()
    let text = try await place.run("audit")
    #expect(text.exitCode == 0, "\(text.outputText)")
    #expect(text.outputText.contains("\ncomplete so far (listed until "))
    let report: [String: Any] = try json(try await place.run("audit", "--json").outputText)
    #expect(report["verdict"] as? String == "open")
    let total = try #require(report["total"] as? [String: Any])
    #expect(total["events"] as? Int == 300 && total["owed"] as? Int == 0)
    let sinks = try #require(total["sinks"] as? [[String: Any]])
    #expect(sinks.first?["name"] as? String == "raw")
    #expect(sinks.first?["delivered_events"] as? Int == 300)
  }

  @Test func `audit names what is missing, and exits with 1`() async throws {
    let place = try await collected()
    try tamper(
      place,
      """
      UPDATE sink SET next_sequence = 20;
      UPDATE content SET state = 'expired', reason = 'AF20051: gone' WHERE id = 3;
      """)
    let result = try await place.run("audit")
    #expect(result.exitCode == 1)
    #expect(result.outputText.contains("sink raw has yet to get"), "\(result.outputText)")
    #expect(result.outputText.contains("AF20051: gone"))
    #expect(result.outputText.hasSuffix("incomplete: 2 holes\n"))
  }

  @Test func `audit lists each blob, one object a line for programs`() async throws {
    let place = try await collected()
    let lines = try await place.run("audit", "--blobs", "--json").outputText
      .split(separator: "\n")
    let blobs: [[String: Any]] = try lines.dropLast().map { try json(String($0)) }
    #expect(blobs.count == count)
    #expect(blobs.allSatisfy { $0["kind"] as? String == "blob" })
    #expect(blobs.allSatisfy { ($0["sinks"] as? [String: String]) == ["raw": "delivered"] })
    let report: [String: Any] = try json(String(try #require(lines.last)))
    #expect((report["total"] as? [String: Any])?["blobs"] as? Int == count)
    let text = try await place.run("audit", "--blobs").outputText
    #expect(text.occurrences(of: ": fetched; entry ") == count)
  }

  @Test func `audit refuses what it cannot mean`() async throws {
    let place = try await collected(events: 10)
    for words in [
      ["--day", "2026-03-04", "--from", "2026-03-04"],
      ["--from", "2026-03-05", "--to", "2026-03-04"],
      ["--tenant", "fabrikam"], ["--seal", "--tenant", "contoso"], ["--day", "yesterday"],
    ] {
      let result = await (try place.start(["audit"] + words)).end()
      #expect(result.exitCode == 64, "\(words): \(result.complaintText)")
    }
    #expect(try await place.run("audit", "--tenant", "contoso").exitCode == 0)
  }

  // MARK: Seals

  @Test func `a day is sealed when its time has come, and a change of it is seen`() async throws {
    let place = try await collected()
    let day = try firstDay(place)
    let early = try await place.run("audit", "--seal", "--day", day)
    #expect(early.exitCode == 1)
    #expect(early.complaintText.contains("can be sealed once every feed is listed until"))
    #expect(try await place.run("audit", "--seal").exitCode == 0, "waiting is no failure")

    try pass(days: 9, in: place)
    let all = try await place.run("audit", "--seal")
    #expect(all.exitCode == 0, "\(all.complaintText)")
    #expect(all.complaintText.contains("sealed \(day): "))
    #expect(all.outputText.contains("\n\(day) sealed "), "\(all.outputText)")
    #expect(try await place.run("verify").exitCode == 0)
    try tamper(
      place, "UPDATE content SET uri = 'https://elsewhere.example.com/' WHERE id = 1")
    #expect(try await place.run("verify").exitCode == 0, "where it was fetched from is not sealed")
    try tamper(
      place,
      "UPDATE log SET repeat_count = 1, event_count = event_count - 1, skipped = x'00000000' WHERE content_id = (SELECT id FROM content ORDER BY created_at LIMIT 1)"
    )
    let changed = try await place.run("audit", "--day", day)
    #expect(changed.exitCode == 1)
    #expect(changed.outputText.contains("CHANGED after it was sealed"), "\(changed.outputText)")
    let verified = try await place.run("verify")
    #expect(verified.exitCode == 1 && verified.outputText.contains("\(day): the day's ledger"))
  }

  @Test func `a running collector seals for the command`() async throws {
    let place = try await collected()
    let day = try firstDay(place)
    try pass(days: 9, in: place)
    let collector = try await collecting(place)
    let sealed = try await place.run("audit", "--seal", "--day", day)
    #expect(sealed.complaintText.contains("sealed \(day): "), "\(sealed.complaintText)")
    let again = try await place.run("audit", "--seal", "--day", day)
    #expect(again.complaintText.contains("sealed already"))
    await end(collector)
  }

  // MARK: verify

  @Test func `verify finds damage, repair has it fetched again by the next run`() async throws {
    let place = try await collected()
    let sound = try await place.run("verify", "--json")
    #expect(sound.exitCode == 0)
    let report: [String: Any] = try json(sound.outputText)
    #expect(report["sound"] as? Bool == true && report["entries"] as? Int == count)

    try tamper(place, "DELETE FROM body WHERE sequence = 5")
    let found = try await place.run("verify")
    #expect(found.exitCode == 1)
    #expect(found.outputText.contains("entry 5, blob "), "\(found.outputText)")
    #expect(found.outputText.contains("\(count - 1) of \(count) bodies have the digest"))
    #expect(found.outputText.hasSuffix("damaged: 1 finding\n"))
    let repaired = try await place.run("verify", "--repair")
    #expect(repaired.exitCode == 0, "\(repaired.outputText)")
    #expect(repaired.outputText.contains("fetched again for replays"))
    #expect(try await place.run("audit").exitCode == 1, "it is owed until it has come")
    #expect(try await place.run("run", "--once").exitCode == 0)
    #expect(try await place.run("verify").exitCode == 0)
    #expect(try await place.run("audit").exitCode == 0)
    try place.expectEveryRecordOnce()
  }

  @Test func `a running collector repairs for the command`() async throws {
    let place = try await collected()
    let collector = try await collecting(place)
    try tamper(place, "DELETE FROM body WHERE sequence IN (5, 6)")
    #expect(try await place.run("verify").exitCode == 1)
    let repaired = try await place.run("verify", "--repair")
    #expect(repaired.exitCode == 0, "\(repaired.outputText) \(repaired.complaintText)")
    #expect(await collector.complains("a damaged body was taken out of the store"))
    // It fetches at once.
    var isOwed = true
    while isOwed { isOwed = try await place.run("audit").exitCode != 0 }
    #expect(try await place.run("verify").exitCode == 0)
    await end(collector)
    try place.expectEveryRecordOnce()
  }

  @Test func `verify says what cannot be had again`() async throws {
    let place = try await collected()
    try pass(days: 9, in: place)
    try tamper(
      place, "DELETE FROM body WHERE sequence = 5; UPDATE sink SET next_sequence = 3")
    let result = try await place.run("verify", "--repair")
    #expect(result.exitCode == 1)
    #expect(result.outputText.contains("lost: 10 events did not reach every sink"))
    #expect(result.outputText.contains("the service kept it until"), "\(result.outputText)")
  }

  // MARK: backup

  @Test func `a backup is taken beside a running collector, and can take its place`() async throws {
    let place = try await collected()
    let collector = try await collecting(place)
    let result = try await place.run("backup", "copy.db")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(
      result.outputText.contains("backed up to copy.db")
        && result.outputText.contains("up to \(count),"))
    var status = stat()
    #expect(stat(place.path("copy.db"), &status) == 0 && status.st_mode & 0o7777 == 0o600)
    let again = try await place.run("backup", "copy.db")
    #expect(again.exitCode == 1 && again.complaintText.contains("--force"))
    let forced: [String: Any] = try json(
      try await place.run("backup", "copy.db", "--force", "--json").outputText)
    #expect(forced["last_entry"] as? Int == count)
    await end(collector)

    try FileManager.default.removeItem(atPath: place.path("store"))
    try FileManager.default.createDirectory(
      atPath: place.path("store"), withIntermediateDirectories: false)
    try FileManager.default.moveItem(
      atPath: place.path("copy.db"), toPath: place.path("store/millrace.db"))
    #expect(try await place.run("verify").exitCode == 0)
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce()
  }

  @Test func `an older backup gives its sink files back what it knows of them`() async throws {
    let place = try await collected(events: 100)
    #expect(try await place.run("backup", "copy.db").exitCode == 0)
    let before = try place.lines(of: "raw.ndjson")
    // What comes after the backup is in the file, and the restored store knows nothing of it.
    let late = "{\"Id\":\"delivered after the backup\"}\n"
    let file = try FileHandle(forWritingTo: URL(filePath: place.path("raw.ndjson")))
    try file.seekToEnd()
    try file.write(contentsOf: Data(late.utf8))
    try file.close()
    for name in try FileManager.default.contentsOfDirectory(atPath: place.path("store")) {
      try FileManager.default.removeItem(atPath: place.path("store/" + name))
    }
    try FileManager.default.moveItem(
      atPath: place.path("copy.db"), toPath: place.path("store/millrace.db"))
    let result = try await place.run("run", "--once")
    #expect(result.exitCode == 0)
    #expect(result.complaintText.contains("cut off"), "\(result.complaintText)")
    #expect(try place.lines(of: "raw.ndjson") == before, "as docs/ledger.md warns")
  }
}
