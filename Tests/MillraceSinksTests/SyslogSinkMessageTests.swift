import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSinks
import MillraceStreams
import TestChildren
import Testing

/// Delivers lines to a listener of this process, and gives what it got and what was refused.
private func received(
  _ lines: [String], framing: SyslogOptions.Framing = .newline,
  _ change: (inout SyslogOptions) -> Void = { _ in }
) async throws -> (text: String, refused: [RefusedEvent]) {
  let brought = Brought()
  let listener = Listener { brought.read($0) }
  var options = SyslogOptions(
    transport: .tcp(.host("127.0.0.1", port: listener.port)), framing: framing)
  change(&options)
  let sink = SyslogSink(name: "siem", options: options, log: .silent)
  try await sink.open(ledger: LedgerDouble())
  let receipt = try await sink.deliver(batch(lines.map { TestEvent(line: $0) }))
  await sink.close()
  try await eventually("the listener has read to the end") { !brought.all.isEmpty }
  return (String(decoding: brought.all[0], as: UTF8.self), receipt.refused)
}

private let old = "<13>Mar  4 08:15:30 collector.example millrace: "

@Suite(.timeLimit(.minutes(10))) struct `Messages of syslog` {
  @Test func `are told apart by their length or by line feeds`() async throws {
    let lines = [syslogLine("a"), old + "two"]
    let counted = try await received(lines, framing: .octetCounting)
    #expect(counted.text == lines.map { "\($0.utf8.count) \($0)" }.joined())
    #expect(try await received(lines).text == lines.map { $0 + "\n" }.joined())
  }

  @Test func `begin with a mark when their text is not ASCII, unless told otherwise`() async throws
  {
    let header = syslogLine("a", text: "")
    let lines = [header + "plain", header + "é", old + "é"]
    let marked = try await received(lines).text.split(separator: "\n")
    // As bytes: a mark is nothing to a comparison of texts.
    #expect(Array(marked[0].utf8) == Array(lines[0].utf8))
    #expect(Array(marked[1].utf8) == Array(header.utf8) + [0xEF, 0xBB, 0xBF] + Array("é".utf8))
    #expect(Array(marked[2].utf8) == Array(lines[2].utf8))
    let bare = try await received(lines) { $0.marksUTF8 = false }
    #expect(Array(bare.text.utf8) == Array(lines.map { $0 + "\n" }.joined().utf8))
  }

  /// An object with everything that makes cutting hard.
  private static let object: String = {
    var members = (0..<40).map { number in
      #""member \#(number)":{"é\"}],":["a","\\",{"deep":[1,2,[3,"ü"]]},\#(number)]}"#
    }
    members.append(#""long":""# + String(repeating: "ö,]}", count: 500) + "\"")
    return "{" + members.joined(separator: ",") + "}"
  }()

  @Test func `that are too large stay JSON when they are cut, and say so`() async throws {
    let line = syslogLine("a", text: Self.object)
    let size = Self.object.utf8.count
    let parsed = try JSONSerialization.jsonObject(with: Data(Self.object.utf8))
    let whole = try #require(parsed as? [String: Any])
    var mostMembers = 0
    for messageMax in stride(from: 200, to: line.utf8.count, by: 61) {
      let text = try await received([line]) { $0.messageBytesMax = messageMax }.text
      #expect(text.utf8.count - 1 <= messageMax)
      let body = try #require(text.dropLast().firstRange(of: "c\"] ")).upperBound
      var json = Data(text[body...].utf8)
      if json.starts(with: [0xEF, 0xBB, 0xBF]) { json.removeFirst(3) }
      let cut = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
      #expect(cut["millrace_truncated"] as? Int == size)
      mostMembers = max(mostMembers, cut.count)
      // All members but the last one are whole.
      let partial = cut.filter { $0.key != "millrace_truncated" }
        .filter { !(whole[$0.key] as? NSObject ?? NSNull()).isEqual($0.value) }
      #expect(partial.count <= 1)
    }
    #expect(mostMembers > 30)
  }

  @Test func `that are too large and no JSON are cut between characters`() async throws {
    let line = syslogLine("a", text: String(repeating: "aé€𝄞", count: 200))
    for messageMax in 300..<320 {
      let text = try await received([line]) {
        $0.messageBytesMax = messageMax
        $0.isJSON = false
      }.text
      #expect((messageMax - 4...messageMax).contains(text.utf8.count - 1))
      #expect(!text.unicodeScalars.contains("\u{FFFD}"))
      #expect(text.hasSuffix(" [truncated, 2000 bytes]\n"))
    }
  }

  @Test func `that are too large and no JSON are cut before an escape, not within`() async throws {
    let text = "CEF:0|a|b|c|d|e|1|msg=" + String(repeating: #"\=\\x\n"#, count: 200)
    let line = syslogLine("a", text: text)
    for messageMax in 300..<320 {
      let cut = try await received([line]) {
        $0.messageBytesMax = messageMax
        $0.isJSON = false
      }.text
      let message = try #require(cut.firstMatch(of: #/msg=((?:\\[=\\n]|[^\\])*) \[truncated, /#))
      #expect(text.contains(message.1))
      #expect((messageMax - 1...messageMax).contains(cut.utf8.count - 1))
    }
  }

  @Test func `that are too large are split, and can be put together again`() async throws {
    let body = String(repeating: "aé€𝄞", count: 400)
    for (line, pattern) in [
      (syslogLine("a", text: body), #/\[part@32473 number="(\d+)" of="(\d+)"\] \u{FEFF}?/#),
      (old + body, #/\[part (\d+) of (\d+)\] /#),
    ] {
      let text = try await received([line]) {
        $0.messageBytesMax = 400
        $0.oversize = .split
      }.text
      let parts = text.split(separator: "\n")
      #expect(parts.allSatisfy { $0.utf8.count <= 400 })
      #expect(!text.unicodeScalars.contains("\u{FFFD}"))
      var whole = ""
      for (index, part) in parts.enumerated() {
        let match = try #require(part.firstMatch(of: pattern), "\(part)")
        #expect(Int(match.1) == index + 1)
        #expect(Int(match.2) == parts.count)
        whole += part[match.range.upperBound...]
      }
      #expect(parts.count > 10)
      #expect(whole == body)
    }
  }

  @Test func `that are too large become dead letters when that is asked for`() async throws {
    let lines = [syslogLine("a"), syslogLine("b", text: String(repeating: "x", count: 9000))]
    let result = try await received(lines + [syslogLine("c")]) { $0.oversize = .deadLetter }
    #expect(result.text == syslogLine("a") + "\n" + syslogLine("c") + "\n")
    #expect(result.refused.map(\.position.record) == [1])
    #expect(result.refused.first?.reason.contains("max_message_size is 8096") == true)
    // What has no room for its header fits in no way.
    for policy in [SyslogOptions.Oversize.split, .truncate] {
      let none = try await received([syslogLine("b", text: "too much")]) {
        $0.oversize = policy
        $0.messageBytesMax = 100
      }
      #expect(none.text.isEmpty)
      #expect(none.refused.count == 1)
    }
  }
}
