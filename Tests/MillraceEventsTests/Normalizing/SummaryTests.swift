import Foundation
import MillraceCore
import MillraceEvents
import Testing

@testable import MillraceEvents

@Suite(.timeLimit(.minutes(10))) struct `Summaries of events` {
  private func message(_ record: String) throws -> String? {
    try event(record)["message"]
  }

  @Test func `who, what and to what`() throws {
    let download = record(
      #""UserId":"Ana@example.com","SourceFileName":"Budget 2026.xlsx""#, type: 6,
      operation: "FileDownloaded")
    #expect(try message(download) == "ana@example.com downloaded Budget 2026.xlsx")
    let rename = record(
      #""UserId":"ana@example.com","SourceFileName":"a.txt","DestinationFileName":"b.txt""#,
      type: 6, operation: "FileRenamed")
    #expect(try message(rename) == "ana@example.com renamed a.txt to b.txt")
    let unknown = record(
      #""UserId":"ana@example.com""#, type: 8, operation: "Frobnicate the tenant.")
    #expect(
      try message(unknown) == "ana@example.com performed Frobnicate the tenant.")
    #expect(try message(record(#""UserId":"Not Available""#))?.hasPrefix("somebody ") == true)
  }

  @Test func `what did not work is not told as done`() throws {
    let failed = record(
      #""UserId":"li@example.com","ErrorNumber":"50126","ResultStatus":"Success""#,
      operation: "UserLoginFailed")
    #expect(
      try message(failed) == "li@example.com failed to sign in: InvalidUserNameOrPassword")
    let interrupted = record(#""UserId":"li@example.com","ErrorNumber":"50140""#)
    #expect(try message(interrupted) == "li@example.com began to sign in: KmsiInterrupt")
  }

  @Test func `a line of at most 256 bytes, cut between words`() throws {
    for padding in 0..<5 {
      let words = String(repeating: "x", count: padding) + String(repeating: "üü ", count: 100)
      let record = record(
        "\"UserId\":\"ana@example.com\",\"SourceFileName\":\"a\\n\(words)\"", type: 6,
        operation: "FileAccessed")
      let text = try #require(try message(record))
      #expect((251...256).contains(text.utf8.count))
      #expect(text.hasPrefix("ana@example.com opened a \(words.prefix(100))"))
      #expect(text.hasSuffix(" üü"), "no word is cut")
    }
    let long = record(
      "\"UserId\":\"ana@example.com\",\"ObjectId\":\"\(String(repeating: "y", count: 300))\"",
      type: 8, operation: "Frobnicate")
    #expect(try message(long) == "ana@example.com performed Frobnicate on")
  }

  @Test func `formats that have a message say the same`() throws {
    let record = record(
      #""UserId":"ana@example.com","SourceFileName":"a.txt""#, type: 6, operation: "FileDeleted")
    for format in [EventFormat.native, .ecs, .ecsO365, .ocsf] {
      let line = try #require(lines(of: blob("[\(record)]"), format: format).first)
      #expect(try Event(line)["message"] == "ana@example.com deleted a.txt", "\(format)")
    }
    let cef = try #require(lines(of: blob("[\(record)]"), format: .cef).first)
    #expect(!cef.contains("msg="))
  }

  /// Actions that no table of operations has: details of the record decide on them.
  private static let decided: Set<String> = ["mailbox.forwarding.set", "risk.detect"]

  @Test func `every phrase is of an action that there is, once`() {
    var actions = Self.decided
    for table in OperationTables.shared + OperationTables.own {
      for row in table.rows { actions.insert("\(row.meaning.action)") }
    }
    var seen: Set<String> = []
    for row in SummaryWords.rows {
      #expect(actions.contains("\(row.name)"), "\(row.name) is no action")
      #expect(seen.insert("\(row.name)").inserted, "\(row.name) has two rows")
    }
    for verb in EventVerb.allCases where verb != .other {
      #expect(SummaryWords.verbs[ByteView(verb.name)] != nil, "\(verb) has no words")
    }
  }
}
