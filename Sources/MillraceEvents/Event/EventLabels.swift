/// Constants of the operator that every event carries in `labels`, such as the site or the customer
/// that a collector works for.
package struct EventLabels: Sendable {
  /// One object of JSON.
  let json: [UInt8]

  /// Labels in this order; nil when there are none. Names are different from each other.
  package init?(_ labels: [(name: String, value: String)]) {
    guard !labels.isEmpty else { return nil }
    var buffer = ByteBuffer(capacity: 1 << 10)
    for (index, label) in labels.enumerated() {
      buffer.append(index == 0 ? Ascii.openBrace : Ascii.comma)
      EventLabels.append(label.name, to: &buffer)
      buffer.append(Ascii.colon)
      EventLabels.append(label.value, to: &buffer)
    }
    buffer.append(Ascii.closeBrace)
    json = Array(buffer.view.buffer)
  }

  private static func append(_ text: String, to buffer: inout ByteBuffer) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return buffer.append("\"\"") }
      buffer.appendString(ByteView(start: start, count: bytes.count))
    }
  }
}
