import MillraceCore
import MillraceEvents

/// Finds the records in an input, whatever its shape: JSON or a CSV export, which shows in its
/// first character.
struct RecordReader {
  private enum Shape {
    /// Nothing but white space was seen yet.
    case unknown([UInt8])
    case json(JSONRecords)
    case csv(CSVRecords)
  }

  private var input: InputReader
  private let valueBytesMax: Int
  private var shape = Shape.unknown([])
  private var text: [UInt8] = []
  private var hasEnded = false
  /// Why reading cannot go on; what was read before is still handed out.
  private var failure: InputFailure?

  init(_ input: InputReader, valueBytesMax: Int) {
    self.input = input
    self.valueBytesMax = valueBytesMax
  }

  /// How many bytes of the input are done with, before decompression.
  var consumedBytes: Int { input.consumedBytes }

  /// The next value, with its wrapper taken off; nil at the end of the input.
  ///
  /// - Throws: when reading cannot go on; nothing follows then.
  mutating func next() throws(InputFailure) -> (value: InputValue, labels: RecordLabels?)? {
    while true {
      if let value = try nextKnown() { return unwrap(value) }
      if let failure { throw failure }
      if hasEnded {
        try checkEnd()
        return nil
      }
      text.removeAll(keepingCapacity: true)
      do throws(InputFailure) {
        hasEnded = !(try input.read(into: &text))
      } catch {
        failure = error
      }
      pass()
    }
  }

  /// The next value in what was read; nil when more is needed.
  private mutating func nextKnown() throws(InputFailure) -> InputValue? {
    // The records are taken out while they change, as they would be copied otherwise.
    switch shape {
    case .unknown:
      return nil
    case .json(var records):
      shape = .unknown([])
      defer { shape = .json(records) }
      return records.next()
    case .csv(var records):
      shape = .unknown([])
      defer { shape = .csv(records) }
      return try records.next()
    }
  }

  private mutating func pass() {
    switch shape {
    case .unknown(let head):
      let head = head + text
      let first = head.first { !Ascii.isBlank($0) }
      guard first != nil || head.count > Limits.importHeaderReach else {
        // Blank lines count as lines, and are seldom many.
        shape = .unknown(head)
        return
      }
      let isJSON = first == nil || first == Ascii.openBrace || first == Ascii.openBracket
      shape =
        isJSON
        ? .json(JSONRecords(valueBytesMax: valueBytesMax))
        : .csv(CSVRecords(valueBytesMax: valueBytesMax))
      append(head)
    case .json, .csv:
      append(text)
    }
  }

  private mutating func append(_ bytes: [UInt8]) {
    switch shape {
    case .unknown: break
    case .json(var records):
      shape = .unknown([])
      bytes.withUnsafeBytes { records.append($0) }
      if hasEnded { records.end() }
      shape = .json(records)
    case .csv(var records):
      shape = .unknown([])
      bytes.withUnsafeBytes { records.append($0) }
      if hasEnded { records.end() }
      shape = .csv(records)
    }
  }

  private func checkEnd() throws(InputFailure) {
    guard case .json(let records) = shape, records.endsInsideArray else { return }
    throw InputFailure(
      "ends in line \(records.line), in the middle of an array: if the file was cut off, get the "
        + "whole one; what is there was read")
  }

  // MARK: Wrappers

  /// Takes off what `Search-UnifiedAuditLog` puts around a record in JSON. A broken value has no
  /// labels.
  private func unwrap(_ value: InputValue) -> (value: InputValue, labels: RecordLabels?) {
    guard value.fault == nil else { return (value, nil) }
    let labels = RecordLabels(of: value.bytes)
    let record: PaddedBytes
    switch labels.wrapped {
    case nil: return (value, labels)
    case .text(let text): record = PaddedBytes(text)
    case .object(let range): record = PaddedBytes(value.bytes.bytes(in: range))
    }
    let inner = InputValue(checking: record, line: value.line)
    return (inner, inner.fault == nil ? RecordLabels(of: record) : nil)
  }
}
