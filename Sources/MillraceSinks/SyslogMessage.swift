/// An encoded syslog message, taken apart where its text begins.
///
/// The encoder wrote the header, so its shape is known; the texts in it are not ours, but escaped.
struct SyslogMessage {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// Header and structured data, the blank behind them included.
  let header: Bytes
  /// The text.
  let body: Bytes
  /// Whether the header is that of RFC 5424, and so has room for an element more.
  let hasElements: Bool

  /// Takes a line apart, its line feed left out; nil when it is no message of ours.
  init?(_ line: Bytes) {
    guard let close = line.prefix(5).firstIndex(of: UInt8(ascii: ">")) else { return nil }
    let version = close + 1
    hasElements =
      line.count > version + 1 && line[version] == UInt8(ascii: "1")
      && line[version + 1] == UInt8(ascii: " ")
    guard
      let start = hasElements
        ? SyslogMessage.textStart(line, after: version)
        : SyslogMessage.oldTextStart(line, after: version)
    else { return nil }
    header = Bytes(rebasing: line[..<start])
    body = Bytes(rebasing: line[start...])
  }

  /// Behind version, time, host, program, process, message id (RFC 5424, section 6), and the
  /// elements.
  private static func textStart(_ line: Bytes, after version: Int) -> Int? {
    var index = version
    var blanks = 0
    while blanks < 6 {
      guard index < line.count else { return nil }
      if line[index] == UInt8(ascii: " ") { blanks += 1 }
      index += 1
    }
    guard index < line.count else { return nil }
    if line[index] == UInt8(ascii: "-") { return index + 2 <= line.count ? index + 2 : nil }
    var isQuoted = false
    while index + 1 < line.count {
      switch line[index] {
      case UInt8(ascii: "\\") where isQuoted: index += 1
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "]") where !isQuoted && line[index + 1] == UInt8(ascii: " "):
        return index + 2
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Behind the tag: no colon of the time before it is followed by a blank.
  private static func oldTextStart(_ line: Bytes, after start: Int) -> Int? {
    var index = start
    while index + 1 < line.count {
      if line[index] == UInt8(ascii: ":"), line[index + 1] == UInt8(ascii: " ") { return index + 2 }
      index += 1
    }
    return nil
  }
}
