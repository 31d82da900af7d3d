import Foundation
import Glibc
import MillraceSimulator
import TestChildren
import Testing

/// `dead-letters list|show|retry|drop`.
@Suite(.timeLimit(.minutes(10)))
struct DeadLettersCommandTests {
  /// A place whose store holds a broken record and a blob that is none of each feed.
  private func collected() async throws -> Workplace {
    let place = try Workplace(events: 200, faults: [.brokenRecord, .poisonedBlob])
    try place.configure()
    let run = try await place.run("run", "--once")
    #expect(run.exitCode == 0, "\(run.complaintText)")
    return place
  }

  private func list(_ place: Workplace, _ words: String...) async throws -> [[String: Any]] {
    let result = await (try place.start(["dead-letters", "list", "--json"] + words)).end()
    #expect(result.exitCode == 0, "\(result.complaintText)")
    return try json(result.outputText)
  }

  @Test func `letters are listed with where they come from and why, and chosen by it`()
    async throws
  {
    let place = try await collected()
    let all = try await list(place)
    #expect(all.count > 5)
    for letter in all {
      #expect(letter["attempts"] as? Int == 1 && letter["tenant"] as? String == "contoso")
      #expect((letter["reason"] as? String)?.isEmpty == false)
      #expect((letter["content_id"] as? String)?.isEmpty == false)
      #expect((letter["bytes"] as? Int ?? 0) > 0)
      #expect((letter["record"] == nil) == (letter["kind"] as? String == "blob"))
    }
    let blobs = try await list(place, "--kind", "blob", "--tenant", "contoso")
    let records = try await list(place, "--kind", "record")
    #expect(!blobs.isEmpty && !records.isEmpty && blobs.count + records.count == all.count)
    #expect(try await list(place, "--sink", "raw").isEmpty)
    for action in [["list"], ["retry", "--all"], ["drop", "--all"]] {
      let words = ["dead-letters"] + action + ["--sink", "rwa"]
      let mistyped = await (try place.start(words)).end()
      #expect(mistyped.exitCode == 64 && mistyped.complaintText.contains("there are: "))
    }
    let some = try await place.run("dead-letters", "list", "--limit", "2")
    #expect(some.outputText.hasPrefix("ID  KIND "))
    #expect(some.outputText.split(separator: "\n").count == 3)
    #expect(some.complaintText.contains("2 of \(all.count) are shown"))
    let status = try await place.run("status")
    #expect(status.outputText.contains("problem: dead letters: "), "\(status.outputText)")
  }

  @Test func `a letter is shown with its reason, and its bytes as they arrived`() async throws {
    let place = try await collected()
    let record = try #require(try await list(place, "--kind", "record").first)
    let id = try #require(record["id"] as? Int)
    let shown = try await place.run("dead-letters", "show", "\(id)")
    #expect(shown.outputText.hasPrefix("dead letter \(id): record, attempt 1\n"))
    #expect(shown.outputText.contains(try #require(record["reason"] as? String)))
    let bytes = try await place.run("dead-letters", "show", "\(id)", "--bytes")
    #expect(bytes.exitCode == 0 && bytes.output.count == record["bytes"] as? Int)
    #expect(bytes.outputText.hasPrefix("{") && shown.outputText.contains(bytes.outputText))
    let report: [String: Any] = try json(
      try await place.run("dead-letters", "show", "\(id)", "--json").outputText)
    #expect(report["text"] as? String == bytes.outputText)
    let unknown = try await place.run("dead-letters", "show", "9999")
    #expect(unknown.exitCode == 1 && unknown.complaintText.contains("no dead letter 9999"))
  }

  @Test func `without a collector a retry waits for the next run, and counts the attempt`()
    async throws
  {
    let place = try await collected()
    let before = try await list(place)
    let first = try #require(before.first?["id"] as? Int)
    let one = try await place.run("dead-letters", "retry", "\(first)")
    #expect(one.exitCode == 0, "\(one.complaintText)")
    #expect(one.outputText.hasPrefix("1 entered into the log again; the next \"millrace run\""))
    #expect(try await list(place).count == before.count - 1)
    let closed = try await place.run("dead-letters", "show", "\(first)")
    #expect(closed.outputText.contains("closed    retried as log entry "))
    let gone = try await place.run("dead-letters", "show", "\(first)", "--bytes")
    #expect(gone.exitCode == 1 && gone.output.isEmpty)

    let rest = try await place.run("dead-letters", "retry", "--all", "--json")
    let outcome: [String: Any] = try json(rest.outputText)
    #expect(outcome["closed"] as? Int == before.count - 1)
    #expect(try await place.run("run", "--once").exitCode == 0)
    let after = try await list(place)
    #expect(after.count == before.count)
    #expect(after.allSatisfy { $0["attempts"] as? Int == 2 })
    try place.expectEveryRecordOnce()
  }

  @Test func `a running collector retries and drops, and decides at once`() async throws {
    let place = try await collected()
    let before = try await list(place)
    let collector = try place.start(["run"])
    while try await !place.run("status").outputText.hasPrefix("collecting since") {
      // A test that is out of time must not ask for ever.
      try Task.checkCancellation()
    }
    let retried = try await place.run("dead-letters", "retry", "--all", "--kind", "record")
    #expect(retried.exitCode == 0, "\(retried.complaintText)")
    #expect(retried.outputText.contains("the collector delivers them now"))
    while try await list(place).count < before.count {}
    let again = try await list(place, "--kind", "record")
    #expect(again.allSatisfy { $0["attempts"] as? Int == 2 })
    let blobs = try await list(place, "--kind", "blob").compactMap { $0["id"] as? Int }
    let dropped = await
      (try place.start(["dead-letters", "drop"] + blobs.map { "\($0)" } + ["9999"])).end()
    #expect(dropped.exitCode == 1, "one of them is unknown")
    #expect(dropped.outputText == "\(blobs.count) dropped\n")
    #expect(dropped.complaintText.contains("no open dead letter: 9999"))
    #expect(try await place.run("dead-letters", "drop", "--all").exitCode == 0)
    #expect(try await list(place).isEmpty)
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    #expect(try await place.run("run", "--once").exitCode == 0)
    try place.expectEveryRecordOnce()
  }

  @Test(arguments: [
    ["retry"], ["drop"], ["drop", "--kind", "blob"], ["retry", "1", "--all"], ["drop", "one"],
    ["retry", "1", "--sink", "raw"], ["retry", "0"], ["show"], ["show", "x"],
    ["list", "--kind", "letter"], ["list", "--tenant", "fabrikam"],
  ])
  func `what is not said plainly is bad usage, and changes nothing`(words: [String]) async throws {
    let place = try Workplace()
    try place.configure()
    let result = await (try place.start(["dead-letters"] + words)).end()
    #expect(result.exitCode == 64, "\(words): \(result.complaintText)")
    #expect(!FileManager.default.fileExists(atPath: place.path("store")))
  }
}
