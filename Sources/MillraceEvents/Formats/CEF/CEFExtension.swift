import MillraceCore

/// Appends keys to the extension of one line of CEF, as long as there is room on it.
struct CEFExtension {
  /// Of the line without its line feed; commonly the most that receivers take over TCP.
  private static let lineBytesMax = Limits.cefLineBytesMax
  /// More than all keys that hold numbers, and all labels, take.
  private static let reserve = 1024

  /// How many bytes are in the buffer when texts have filled the line.
  private let end: Int

  /// The extension of a line that begins at `start` of its buffer; what stands before it, such as
  /// the header of a syslog message, takes none of its room.
  init(ofLineAt start: Int) {
    end = start + CEFExtension.lineBytesMax - CEFExtension.reserve
  }

  /// Bytes that texts may still fill; numbers and labels have a reserve of their own.
  func room(_ buffer: borrowing ByteBuffer) -> Int { max(0, end - buffer.count) }

  /// Appends a key whose value is a text, cut between two characters to what the key may hold and
  /// to what there is room for; its label goes with it.
  ///
  /// - Returns: Whether the key was written: not without a value, nor without room for any of it.
  @discardableResult
  func append(_ key: CEFKey, _ value: ByteView?, _ buffer: inout ByteBuffer) -> Bool {
    guard let whole = value?.prefixOfCharacters(key.bytesMax) else { return false }
    let value = CEFText.prefix(of: whole, escapedWithin: room(buffer))
    if value.isEmpty { return false }
    begin(key, &buffer)
    CEFText.appendValue(value, to: &buffer)
    appendLabel(of: key, &buffer)
    return true
  }

  /// Appends a key whose value is a number, with its label.
  func append(_ key: CEFKey, _ value: Int, _ buffer: inout ByteBuffer) {
    begin(key, &buffer)
    buffer.append(integer: value)
    appendLabel(of: key, &buffer)
  }

  /// Appends what stands before a value.
  func begin(_ key: CEFKey, _ buffer: inout ByteBuffer) {
    buffer.append(Ascii.blank)
    buffer.append(key.name)
    buffer.append(UInt8(ascii: "="))
  }

  private func appendLabel(of key: CEFKey, _ buffer: inout ByteBuffer) {
    guard let label = key.label else { return }
    buffer.append(Ascii.blank)
    buffer.append(key.name)
    buffer.append("Label=")
    buffer.append(label)
  }
}
