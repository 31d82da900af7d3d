/// The head of an answer as its lines arrive: the last one, when interim answers came before it.
struct CurlHead {
  private(set) var fields: [(name: String, value: String)] = []
  /// All bytes of all heads, to bound them.
  private(set) var bytes = 0
  /// Whether the blank line at the end has arrived.
  private(set) var isComplete = false

  /// Takes one line as libcurl hands it out, line break included.
  mutating func take(_ line: UnsafeRawBufferPointer) {
    bytes += line.count
    let text = trimmed(line[...])
    if line.starts(with: Array("HTTP/".utf8)) {
      fields = []
      isComplete = false
    } else if text.isEmpty {
      isComplete = true
    } else if let first = line.first, isBlank(first), let last = fields.indices.last {
      // A folded line (RFC 9112, 5.2) goes on with the field before it.
      fields[last].value += " " + String(decoding: text, as: UTF8.self)
    } else if let colon = text.firstIndex(of: UInt8(ascii: ":")) {
      fields.append(
        (
          name: String(decoding: trimmed(text[..<colon]), as: UTF8.self),
          value: String(decoding: trimmed(text[(colon + 1)...]), as: UTF8.self)
        ))
    }
  }

  /// The content coding in lower case; nil when none is stated.
  var contentEncoding: String? {
    value("content-encoding").flatMap { $0.isEmpty ? nil : $0.lowercased() }
  }

  /// The announced length of the body as sent; nil when there is none or the body is chunked.
  var contentLength: Int? {
    guard value("transfer-encoding") == nil else { return nil }
    return value("content-length").flatMap { Int($0) }
  }

  /// Whether several lengths are stated that differ (RFC 9112, 6.3).
  var hasContradictoryLengths: Bool {
    let lengths = fields.filter { equalsIgnoringCase($0.name, "content-length") }.map(\.value)
    return Set(lengths).count > 1
  }

  private func value(_ name: String) -> String? {
    fields.first { equalsIgnoringCase($0.name, name) }?.value
  }

  private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    var rest = bytes.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
    return rest
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
  }
}
