import MillraceCore
import MillraceEvents

/// Something in the input that stands where a record should.
struct InputValue: Sendable {
  /// A valid JSON object; or, with a fault, the bytes as they came, empty when they were too many.
  let bytes: PaddedBytes
  /// The line of the input on which it begins, from 1.
  let line: Int
  /// Why it is no record, for an operator.
  let fault: String?
  /// Whether the bytes are a row of a table, in which nothing is a record by itself.
  let isRow: Bool

  /// A value that is known to be broken.
  init(broken bytes: PaddedBytes, line: Int, fault: String, isRow: Bool = false) {
    self.bytes = bytes
    self.line = line
    self.fault = fault
    self.isRow = isRow
  }

  /// A value that is known to be a valid object.
  init(valid bytes: PaddedBytes, line: Int) {
    self.bytes = bytes
    self.line = line
    fault = nil
    isRow = false
  }

  /// A value that has to be one valid JSON object.
  init(checking bytes: PaddedBytes, line: Int) {
    self.bytes = bytes
    self.line = line
    fault = InputValue.fault(of: bytes)
    isRow = false
  }

  /// Whether the bytes are one valid JSON object, a record or not.
  var isObject: Bool {
    if fault == nil { return true }
    let found = BlobScanner.scanStretch(bytes).records
    return found.count == 1 && found[0].verdict == .event && found[0].range == 0..<bytes.count
  }

  private static func fault(of bytes: PaddedBytes) -> String? {
    let scan = BlobScanner.scan(bytes)
    if let problem = scan.problem { return problem.reason }
    for record in scan.records {
      if case .dead(let reason) = record.verdict { return reason }
    }
    guard scan.records.count == 1, bytes.first == Ascii.openBrace else {
      return "not a JSON object"
    }
    return nil
  }
}

extension PaddedBytes {
  /// The first byte; nil when there is none.
  var first: UInt8? { withUnsafeBytes { $0.first } }
}
