package import MillraceCore

/// Tells records by the operation they name.
package struct OperationFilter: ~Copyable {
  private let wanted: Set<[UInt8]>
  private var arena = Arena()

  /// A filter for these operations, in any letter case.
  package init(_ operations: [String]) {
    wanted = Set(operations.map { Array($0.utf8.map(lowercased)) })
  }

  /// Whether a record of `blob` names one of the operations.
  package mutating func includes(_ record: ScannedRecord, of blob: PaddedBytes) -> Bool {
    arena.reset()
    return blob.withUnsafeBytes { raw in
      guard let start = raw.baseAddress else { return false }
      let base = start.assumingMemoryBound(to: UInt8.self)
      guard let operation = operation(of: record, base) else { return false }
      return wanted.contains(operation.buffer.map(lowercased))
    }
  }

  private mutating func operation(
    of record: ScannedRecord, _ base: UnsafePointer<UInt8>
  ) -> ByteView? {
    if let identity = record.identity { return identity.operation(from: base, arena: &arena) }
    // Only records with an `Id` have their operation noted.
    var members = ObjectCursor(
      ByteView(start: base + record.range.lowerBound, count: record.range.count))
    var operation: ByteView?
    while let member = members.next() {
      // The last of several counts.
      if member.key == "Operation" { operation = member.value }
    }
    guard let operation, operation.first == Ascii.quote else { return nil }
    return JSONText.decode(operation.dropFirst(1).prefix(operation.count - 2), in: &arena)
  }
}
