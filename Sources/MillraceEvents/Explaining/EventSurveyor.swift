package import MillraceCore

/// What of a record no table or rule knows: what there is to map next.
package struct SurveyedRecord: Sendable {
  /// The record's `Id` in lower case; empty when it has none.
  package var id = ""
  /// Its `Workload`; empty when it names none.
  package var workload = ""
  /// Its `Operation` as it is written, cut when it is long; empty when it names none.
  package var operation = ""
  /// The number of its type; nil when it has none that can be read.
  package var recordType: Int?
  /// Whether that number has a name.
  package var hasKnownType = true
  /// Whether a table says what the operation means. Otherwise its words do.
  package var hasKnownOperation = true
  /// The members that went to `ext`.
  package var leftovers: [Leftover] = []

  /// A member that no field of the event took up, or not the whole of it.
  package struct Leftover: Sendable {
    /// Its name.
    package let name: String
    /// Whether it is one that fields are filled from in other records.
    package let isKnown: Bool
  }
}

/// Reads records as the encoder does, and says what was not understood. For reports.
package struct EventSurveyor: ~Copyable {
  private var normalizer = Normalizer()
  private var walk = MemberWalk()

  /// A surveyor; its memory serves one record after the other.
  package init() {}

  /// Surveys a record that the scan called an event.
  package mutating func survey(
    _ record: ScannedRecord, of blob: PaddedBytes, context: EventContext
  ) -> SurveyedRecord {
    precondition(record.verdict == .event, "only events are surveyed")
    precondition(record.range.upperBound <= blob.count, "the record is one of this blob")
    var found = SurveyedRecord()
    blob.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      let start = base.assumingMemoryBound(to: UInt8.self) + record.range.lowerBound
      normalizer.read(
        ByteView(start: start, count: record.range.count), context: context, walk: &walk)
      describe(&found)
    }
    return found
  }

  private func describe(_ found: inout SurveyedRecord) {
    found.id = text(.id)
    found.workload = text(.workload)
    found.operation = text(.operation)
    found.recordType = normalizer.recordType
    found.hasKnownType = normalizer.recordType.map { RecordTypeNames.name(of: $0) != nil } ?? true
    found.hasKnownOperation = normalizer.meaning != nil || normalizer.operation == nil
    guard case .json(let rest)? = normalizer.event[.ext] else { return }
    var members = ObjectCursor(rest)
    while let member = members.next() {
      found.leftovers.append(
        SurveyedRecord.Leftover(
          name: EventSurveyor.shortened(member.key),
          isKnown: RawMember.table[member.key] != nil))
    }
  }

  private func text(_ field: EventField) -> String {
    normalizer.event.text(field).map(EventSurveyor.shortened) ?? ""
  }

  /// The most of a name that is kept, in bytes: a report keeps thousands of them, and a hostile
  /// record may have one of megabytes.
  private static let nameBytesMax = 256

  /// A name, or the beginning of a long one, up to the end of a character.
  private static func shortened(_ name: ByteView) -> String {
    guard name.count > nameBytesMax else { return String(decoding: name.buffer, as: UTF8.self) }
    var end = nameBytesMax
    while end > 0, name[end] & 0xC0 == 0x80 { end -= 1 }
    return String(decoding: name.prefix(end).buffer, as: UTF8.self) + "…"
  }
}
