package import MillraceCore

/// Where a record says which event it is: its `Id`, `RecordType` and `Operation`, as places in the
/// blob. One `Id` can name a policy match and its undoing, hence all three.
struct RecordIdentity: Equatable, Sendable {
  /// A member's text: where it begins, and how long it is.
  private struct Text: Equatable {
    let start: UInt32
    let count: UInt32

    init(_ range: Range<Int>) {
      start = UInt32(range.lowerBound)
      count = UInt32(range.count)
    }
  }

  private let id: Text
  private let recordType: Text?
  private let operation: Text?

  /// Nil when the record has no `Id`: then it is an event, whatever else is like it.
  init?(_ marks: RecordMarks) {
    guard let id = marks.id, !id.isEmpty, id.upperBound <= Int(UInt32.max) else { return nil }
    self.id = Text(id)
    recordType = marks.recordType.map(Text.init)
    operation = marks.operation.map(Text.init)
  }

  /// The text of the operation, escapes undone; nil when the record names none.
  func operation(from base: UnsafePointer<UInt8>, arena: inout Arena) -> ByteView? {
    operation.map { RecordIdentity.decode($0, from: base, arena: &arena) }
  }

  private static func decode(
    _ text: Text, from base: UnsafePointer<UInt8>, arena: inout Arena
  ) -> ByteView {
    JSONText.decode(ByteView(start: base + Int(text.start), count: Int(text.count)), in: &arena)
  }

  /// Appends the three texts, each with its length before it, so that no two identities spell the
  /// same bytes. Escapes are undone: they are a matter of spelling.
  func append(from base: UnsafePointer<UInt8>, arena: inout Arena, to bytes: inout [UInt8]) {
    for text in [Optional(id), recordType, operation] {
      guard let text else {
        bytes.append(0xFF)
        continue
      }
      let view = RecordIdentity.decode(text, from: base, arena: &arena)
      withUnsafeBytes(of: UInt32(view.count).bigEndian) { bytes += $0 }
      bytes += view.buffer
    }
  }
}

/// Tells events apart, and whether two that are one say the same.
package struct EventIdentities: ~Copyable {
  private var arena = Arena()

  /// A reader of identities; its memory serves one record after the other.
  package init() {}

  /// The bytes that name the event of a record within its tenant, appended to `bytes`; false, and
  /// nothing appended, when the record does not say which event it is.
  package mutating func append(
    _ record: ScannedRecord, of blob: PaddedBytes, to bytes: inout [UInt8]
  ) -> Bool {
    guard record.verdict == .event, let identity = record.identity else { return false }
    arena.reset()
    blob.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return }
      identity.append(
        from: base.assumingMemoryBound(to: UInt8.self), arena: &arena, to: &bytes)
    }
    return true
  }

  /// Whether two records have the same members with the same values, in whatever order: the service
  /// has been seen to order them anew.
  package static func haveSameContent(
    _ left: ScannedRecord, of leftBlob: PaddedBytes, _ right: ScannedRecord,
    of rightBlob: PaddedBytes
  ) -> Bool {
    if left.range.count != right.range.count { return false }
    return leftBlob.withUnsafeBytes { leftBytes in
      rightBlob.withUnsafeBytes { rightBytes in
        let leftView = view(left, leftBytes)
        let rightView = view(right, rightBytes)
        if leftView.buffer.elementsEqual(rightView.buffer) { return true }
        return members(leftView) == members(rightView)
      }
    }
  }

  private static func view(_ record: ScannedRecord, _ bytes: UnsafeRawBufferPointer) -> ByteView {
    guard let base = bytes.baseAddress else { return ByteView("") }
    return ByteView(
      start: base.assumingMemoryBound(to: UInt8.self) + record.range.lowerBound,
      count: record.range.count)
  }

  private static func members(_ record: ByteView) -> [[UInt8]] {
    var cursor = ObjectCursor(record)
    var members: [[UInt8]] = []
    while let member = cursor.next() {
      members.append(Array(member.key.buffer) + [UInt8(ascii: ":")] + Array(member.value.buffer))
    }
    return members.sorted { $0.lexicographicallyPrecedes($1) }
  }
}
