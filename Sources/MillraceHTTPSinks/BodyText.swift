import MillraceCore
import MillraceRuntime

/// Pieces of the bodies that requests have.
enum BodyText {
  /// The lines of a batch as a JSON array of values.
  static func writeArray(_ lines: [Int], of batch: EventBatch, into body: inout [UInt8]) {
    body.append(UInt8(ascii: "["))
    for (number, line) in lines.enumerated() {
      if number > 0 { body.append(UInt8(ascii: ",")) }
      body += event(line, of: batch)
    }
    body.append(UInt8(ascii: "]"))
  }

  /// One event without the line feed at its end.
  static func event(_ line: Int, of batch: EventBatch) -> ArraySlice<UInt8> {
    batch.bytes[batch.lines[line].range.dropLast()]
  }

  /// A string of JSON, quotes included.
  static func quoted(_ text: String) -> String {
    var output = ""
    appendJSONString(text, to: &output)
    return output
  }

  /// Base64 (RFC 4648, section 4), for basic authentication.
  static func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for index in 0..<4 {
        output.append(
          index <= group.count ? alphabet[word >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// What basic authentication (RFC 7617) shows.
  static func basic(_ username: String, _ password: String) -> String {
    "Basic " + base64("\(username):\(password)")
  }
}
