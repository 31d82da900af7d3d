import Foundation
import Glibc
import TestChildren
import Testing

/// Stores that are not as they were left, and what commands say of them.
@Suite(.timeLimit(.minutes(10)))
struct DamagedStoreTests {
  /// A workplace with a store as a single file, made by a backup.
  private func placeWithBackup(events: Int) async throws -> Workplace {
    let place = try Workplace(events: events)
    try place.configure()
    #expect(try await place.run("run", "--once").exitCode == 0)
    #expect(try await place.run("backup", "backup.db").exitCode == 0)
    return place
  }

  /// Puts the backup in the place of the store, changed.
  private func restore(_ place: Workplace, _ change: (inout Data) -> Void) throws {
    var data = try #require(FileManager.default.contents(atPath: place.path("backup.db")))
    change(&data)
    try FileManager.default.removeItem(atPath: place.path("store"))
    try FileManager.default.createDirectory(
      atPath: place.path("store"), withIntermediateDirectories: false)
    try data.write(to: URL(filePath: place.path("store/millrace.db")))
  }

  @Test func `a store of a newer version is refused by all commands, and left as it is`()
    async throws
  {
    let place = try await placeWithBackup(events: 50)
    // `PRAGMA user_version` (https://www.sqlite.org/fileformat.html, 1.3).
    try restore(place) { $0.replaceSubrange(60..<64, with: [0, 0, 0, 99]) }
    let before = FileManager.default.contents(atPath: place.path("store/millrace.db"))
    for words in [["run", "--once"], ["status"], ["verify"], ["audit"]] {
      let result = await (try place.start(words)).end()
      #expect(result.exitCode == 1, "\(words)")
      #expect(result.complaintText.contains("schema version 99"), "\(result.complaintText)")
      #expect(result.complaintText.contains("run the newer Millrace"), "\(result.complaintText)")
    }
    #expect(FileManager.default.contents(atPath: place.path("store/millrace.db")) == before)
  }

  @Test func `a store that is damaged as a whole is refused, with what to do`() async throws {
    let place = try await placeWithBackup(events: 50)
    // The table of the tables' names is noise, behind a header that is right.
    try restore(place) { data in
      for place in 100..<16_384 { data[place] = UInt8(truncatingIfNeeded: place &* 7919) }
    }
    for words in [["run", "--once"], ["status"]] {
      let result = await (try place.start(words)).end()
      #expect(result.exitCode == 1, "\(words)")
      #expect(result.complaintText.contains("keep a copy of the store's folder"))
      #expect(result.complaintText.contains("put a backup in its place"))
    }
    try restore(place) { _ in }
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce()
  }

  @Test func `a store that lost its write-ahead log says so, and gets everything again`()
    async throws
  {
    let place = try Workplace(events: 300)
    try place.configure()
    let collector = try place.start(["run"])
    var status = ""
    repeat {
      status = try await place.run("status", "--json").outputText
    } while !status.contains("\"delivered_events\":300")
    collector.signal(SIGKILL)
    _ = await collector.end()
    #expect(unlink(place.path("store/millrace.db-wal")) == 0)
    let result = try await place.run("run", "--once")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    let text = result.complaintText
    #expect(text.contains("the store has lost what it had committed"), "\(text)")
    #expect(text.contains("first_entry") && text.contains("millrace verify"), "\(text)")
    // At least once is what can be promised then.
    #expect(Set(try place.lines(of: "raw.ndjson")).count == 300)
    let next = try await place.run("run", "--once")
    #expect(next.exitCode == 0 && !next.complaintText.contains("has lost"))
  }
}
