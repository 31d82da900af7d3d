import Foundation
import MillraceCore
import MillraceRuntime
import Synchronization
import Testing

/// A clock that stands.
private struct FixedClock: WallClock {
  func now() -> Timestamp { Timestamp(milliseconds: 1_772_612_130_042) }
}

/// Collects the lines of a log.
private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  func log(_ format: Log.Format, level: LogLevel = .debug) -> Log {
    Log(level: level, format: format, clock: FixedClock()) { line in
      self.lines.withLock { $0.append(line) }
    }
  }
}

struct LogTests {
  /// Characters that end a line somewhere, or steer a terminal.
  private static let hostile: [Character] =
    (0..<0x20).map { Character(Unicode.Scalar($0 as UInt8)) }
    + (0x7F...0x9F).map { Character(Unicode.Scalar($0 as UInt8)) }
    + ["\u{2028}", "\u{2029}", "\r\n"]

  @Test func `a text line has a time, a level, a message and fields`() {
    let lines = Lines()
    lines.log(.text).warning(
      "listing failed", ["feed": "a/b", "code": "AF429", "note": "two words", "empty": ""])
    #expect(
      lines.all == [
        "2026-03-04T08:15:30.042Z warning listing failed feed=a/b code=AF429 "
          + "note=\"two words\" empty=\"\""
      ])
  }

  @Test func `a JSON line is an object with the same facts, in order`() {
    let lines = Lines()
    lines.log(.json).error("a \"quoted\" word", ["path": "C:\\x", "count": "3"])
    #expect(
      lines.all == [
        #"{"time":"2026-03-04T08:15:30.042Z","level":"error","message":"a \"quoted\" word","#
          + #""path":"C:\\x","count":"3"}"#
      ])
  }

  @Test(arguments: LogLevel.allCases)
  func `a log says what is at its level and above`(level: LogLevel) {
    let lines = Lines()
    let log = lines.log(.text, level: level)
    log.debug("debug")
    log.info("info")
    log.warning("warning")
    log.error("error")
    let expected = LogLevel.allCases.filter { $0 >= level }.map(\.name)
    #expect(lines.all.compactMap { $0.split(separator: " ").last.map(String.init) } == expected)
  }

  @Test func `levels are read by name, in any letter case`() {
    for level in LogLevel.allCases {
      #expect(LogLevel(name: level.name.uppercased()) == level)
    }
    #expect(LogLevel.allCases.map(\.name) == ["debug", "info", "warning", "error"])
    #expect(LogLevel(name: "verbose") == nil)
    #expect(LogLevel(name: "") == nil)
  }

  @Test(arguments: Log.Format.allCases)
  func `nothing that is logged can start a new line or steer a terminal`(format: Log.Format) {
    let lines = Lines()
    let log = lines.log(format)
    for character in LogTests.hostile {
      log.info("before\(character)after", ["value": "x\(character)2026 error forged=yes"])
    }
    #expect(lines.all.count == LogTests.hostile.count)
    for line in lines.all {
      let steering = line.unicodeScalars.filter {
        LogTests.hostile.contains(Character($0)) || $0 == "\r" || $0 == "\n"
      }
      #expect(steering.isEmpty, "\(line.debugDescription)")
    }
  }

  @Test func `a value cannot pass for another field`() throws {
    let lines = Lines()
    lines.log(.text).info("message", ["value": "a\" forged=\"b"])
    #expect(try #require(lines.all.first).hasSuffix(#" value="a\" forged=\"b""#))
  }

  @Test func `whatever is logged as JSON is read back by a parser`() throws {
    let texts =
      LogTests.hostile.map { "a\($0)b" }
      + ["", "\\", "\"", "é", "\u{1F600}", "\u{FFFF}", "a\u{0}b", "</script>"]
    for text in texts {
      let lines = Lines()
      lines.log(.json).info(text, ["value": text])
      let data = Data(try #require(lines.all.first).utf8)
      let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: String])
      #expect(Array((object["message"] ?? "-").unicodeScalars) == Array(text.unicodeScalars))
      #expect(Array((object["value"] ?? "-").unicodeScalars) == Array(text.unicodeScalars))
    }
  }

  @Test func `the silent log is silent`() async throws {
    let result = try await #require(
      processExitsWith: .success, observing: [\.standardErrorContent]
    ) {
      Log.silent.error("unheard-of")
      Log(format: .text).info("heard")
    }
    let words = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(!words.contains("unheard-of"))
    #expect(words.contains(" info heard\n"))
  }

  @Test func `a probe tells its listener, and makes no event without one`() {
    let told = Mutex<[Int]>([])
    Probe<Int> { event in told.withLock { $0.append(event) } }.signal(7)
    #expect(told.withLock { $0 } == [7])
    var made = 0
    func make() -> Int {
      made += 1
      return made
    }
    Probe<Int>().signal(make())
    #expect(made == 0)
  }
}
