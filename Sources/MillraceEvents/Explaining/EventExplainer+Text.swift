/// Explanations of formats that are no JSON: their lines are written and taken apart again, so
/// that what is explained is what is written.
extension EventExplainer {
  /// The keys of a line of CEF, and what of its header depends on the event.
  static func keys(
    _ event: borrowing NativeEvent, _ leaves: [RecordLeaf]
  ) -> [ExplainedField] {
    var scratch = FormatScratch()
    scratch.begin(event)
    var buffer = ByteBuffer(capacity: 8 << 10)
    CEFWriter.write(event, scratch: &scratch, to: &buffer)
    var bytes = Array(buffer.view.buffer)[...]
    var header: [String] = []
    while header.count < 7 { header.append(text(&bytes, before: UInt8(ascii: "|"))) }
    var fields: [ExplainedField] = []
    for (row, value) in zip(CEFKeyOrigins.header, header.dropFirst(4)) {
      fields.append(explained(row.key, value, row, event, leaves))
    }
    var key = field(&bytes, endedBy: UInt8(ascii: "=")) ?? ""
    while !key.isEmpty {
      // What stands before an equals sign is a value, a blank and the next key.
      if let both = field(&bytes, endedBy: UInt8(ascii: "=")) {
        let blank = both.lastIndex(of: " ") ?? both.startIndex
        let value = String(both[..<blank])
        fields.append(explained(key, value, CEFKeyOrigins.table[key], event, leaves))
        key = String(both[blank...].dropFirst())
      } else {
        let value = text(&bytes, before: nil)
        fields.append(explained(key, value, CEFKeyOrigins.table[key], event, leaves))
        key = ""
      }
    }
    return fields
  }

  /// The parameters of the structured data that stands before an event in a syslog message.
  static func parameters(
    _ event: borrowing NativeEvent, _ leaves: [RecordLeaf]
  ) -> [ExplainedField] {
    var buffer = ByteBuffer(capacity: 8 << 10)
    SyslogHeader(host: "-").append(event, to: &buffer)
    let line = Array(buffer.view.buffer)
    guard let start = line.firstIndex(of: Ascii.openBracket) else { return [] }
    var bytes = line[start...]
    // The name of the element.
    _ = text(&bytes, before: Ascii.blank)
    var fields: [ExplainedField] = []
    while bytes.count > 1 {
      let name = text(&bytes, before: UInt8(ascii: "="))
      bytes = bytes.dropFirst()
      let value = text(&bytes, before: Ascii.quote)
      bytes = bytes.dropFirst()
      let row = CEFKeyOrigins.parameter(name)
      fields.append(explained(name, value, row, event, leaves))
    }
    return fields
  }

  /// Takes what stands before a delimiter, without its escapes, and the delimiter; nil when there
  /// is none.
  private static func field(_ bytes: inout ArraySlice<UInt8>, endedBy end: UInt8) -> String? {
    var index = bytes.startIndex
    while index < bytes.endIndex, bytes[index] != end {
      index += bytes[index] == Ascii.backslash ? 2 : 1
    }
    return index < bytes.endIndex ? text(&bytes, before: end) : nil
  }

  /// The same where the end of the line ends it as well.
  private static func text(_ bytes: inout ArraySlice<UInt8>, before end: UInt8?) -> String {
    var text: [UInt8] = []
    while let byte = bytes.popFirst(), byte != end {
      guard byte == Ascii.backslash, let escaped = bytes.popFirst() else {
        text.append(byte)
        continue
      }
      text.append(escaped == UInt8(ascii: "n") ? Ascii.lineFeed : escaped)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func explained(
    _ key: String, _ value: String, _ row: CEFKeyOrigins.Row?, _ event: borrowing NativeEvent,
    _ leaves: [RecordLeaf]
  ) -> ExplainedField {
    let source =
      row.map { EventExplainer.origin(ofPaths: $0.paths, isMade: $0.isMade, event, leaves) }
      ?? "always the same"
    var arena = Arena()
    var buffer = ByteBuffer(capacity: 256)
    buffer.appendString(arena.copy(Array(value.utf8)))
    let json = String(decoding: buffer.view.buffer, as: UTF8.self)
    return ExplainedField(path: key, value: json, origin: source)
  }
}
