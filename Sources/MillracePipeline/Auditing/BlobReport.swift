import MillraceCore
package import MillraceStore

/// One blob of an audit's listing. The JSON form is part of the interface: fields are only added.
package struct BlobReport: Codable, Sendable {
  /// An entry of the log that holds it, or held it.
  package struct Entry: Codable, Sendable {
    /// Its number in the log.
    package var sequence: Int64
    /// Which part of the blob, from 0; absent where there is one.
    package var part: Int?
    /// Which try, where the retry of a dead letter made it.
    package var attempt: Int?
    /// The digest of its body, in hexadecimal digits.
    package var sha256: String
    /// Its records; absent when it is not parsed.
    package var records: Int?
    /// Those that are events.
    package var events: Int?
    /// Those that came before.
    package var repeats: Int?
    /// Those of the repeats that came with other content; absent when there are none.
    package var changedRepeats: [Changed]?
    /// Why its body is gone; absent while it is there.
    package var dropped: String?
  }

  /// A record that came before with other content.
  package struct Changed: Codable, Sendable {
    /// Its place in the entry, from 0.
    package var record: Int
    /// Where it came first: the entry's number, a colon, its place there.
    package var first: String
  }

  /// `blob`, to tell it from the report that follows.
  package var kind = "blob"
  /// When the service made it available.
  package var created: String
  /// The tenant's configured name, or its id.
  package var tenant: String
  /// The content type.
  package var contentType: String
  /// Its name.
  package var contentId: String
  /// `service` or `import`.
  package var origin: String
  /// `listed`, `fetched`, `expired` or `dead`.
  package var state: String
  /// Why, where there is something to say.
  package var reason: String?
  /// When the service stops serving it.
  package var expires: String
  /// Its entries in the log.
  package var entries: [Entry]
  /// Where each sink stands with it: `delivered`, `behind`, `before_start`, `dropped`, or
  /// `not_meant`.
  package var sinks: [String: String]

  /// What is shown of a blob.
  package init(_ audited: AuditedBlob, scope: AuditScope, sinks: [AuditFacts.KnownSink]) {
    created = audited.blob.created.description
    tenant = scope.name(audited.blob.feed.tenant)
    contentType = audited.blob.feed.contentType.rawValue
    contentId = audited.blob.id.description
    origin = audited.origin.rawValue
    state = audited.state.rawValue
    reason = audited.reason
    expires = audited.blob.expires.description
    entries = audited.entries.map { entry in
      let head = entry.head
      return Entry(
        sequence: head.sequence, part: head.partCount > 1 ? head.part : nil,
        attempt: head.attempt > 1 ? head.attempt : nil, sha256: Hexadecimal.text(entry.sha256),
        records: head.decisions?.recordCount, events: head.decisions?.eventCount,
        repeats: head.decisions?.repeatCount,
        changedRepeats: entry.changed.isEmpty
          ? nil
          : entry.changed.map { Changed(record: $0.record, first: $0.first.description) },
        dropped: head.dropped?.rawValue)
    }
    self.sinks = Dictionary(
      sinks.map { ($0.name, BlobReport.stand(of: $0, audited.entries.map(\.head))) },
      uniquingKeysWith: { first, _ in first })
  }

  private static func stand(of sink: AuditFacts.KnownSink, _ entries: [LogHead]) -> String {
    let own = entries.filter {
      ($0.onlySink == nil || $0.onlySink == sink.name) && $0.dropped != .replaced
    }
    if own.isEmpty { return "not_meant" }
    let since = own.filter { $0.sequence >= sink.start }
    guard let last = since.last else { return "before_start" }
    if since.contains(where: { $0.dropped == .full || $0.dropped == .damaged }) { return "dropped" }
    return last.sequence < sink.next ? "delivered" : "behind"
  }
}
