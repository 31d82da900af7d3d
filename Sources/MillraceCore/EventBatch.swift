/// Encoded events on their way to a sink, in log order.
///
/// One buffer holds all lines, so that a batch costs a handful of allocations whatever its size.
package struct EventBatch: Sendable {
  /// One encoded event.
  package struct Line: Sendable {
    /// Where the event stands in `bytes`, its final line feed included.
    package let range: Range<Int>
    /// Index into `origins`.
    package let origin: Int
    /// The event's own time, which file paths are made from.
    package let time: Timestamp
    /// The record's place in the log.
    package let position: LogPosition
    /// Where the batch keeps its facts, if somebody asked for them.
    let facts: Int?

    /// A line; `facts` is what `keep` gave.
    package init(
      range: Range<Int>, origin: Int, time: Timestamp, position: LogPosition, facts: Int? = nil
    ) {
      self.range = range
      self.origin = origin
      self.time = time
      self.position = position
      self.facts = facts
    }
  }

  /// The encoded events, one after the other, each ended by a line feed.
  package var bytes: [UInt8] = []
  /// The events, in log order.
  package var lines: [Line] = []
  /// The feeds the events came from; lines refer to them by index.
  package var origins: [EventOrigin] = []
  /// Facts of the lines, one after the other: the length in four bytes, then the text.
  private var factBytes: [UInt8] = []

  /// An empty batch.
  package init() {}

  /// An empty batch that writes into a buffer of yours.
  package init(into buffer: consuming [UInt8]) {
    bytes = buffer
  }

  /// Gives the buffer away; the lines mean nothing any more.
  package mutating func takeBytes() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// The index of `origin` in `origins`, which it joins when it is new.
  package mutating func index(of origin: EventOrigin) -> Int {
    if let index = origins.lastIndex(of: origin) { return index }
    origins.append(origin)
    return origins.count - 1
  }

  /// Adds the lines of another batch behind these.
  package mutating func append(_ other: EventBatch) {
    let shift = bytes.count
    let indexes = other.origins.map { index(of: $0) }
    let factShift = factBytes.count
    bytes += other.bytes
    factBytes += other.factBytes
    lines.reserveCapacity(lines.count + other.lines.count)
    for line in other.lines {
      lines.append(
        Line(
          range: line.range.lowerBound + shift..<line.range.upperBound + shift,
          origin: indexes[line.origin], time: line.time, position: line.position,
          facts: line.facts.map { $0 + factShift }))
    }
  }
}

extension EventBatch {
  /// Keeps the facts of one event, and says where, for its line.
  ///
  /// - Parameter text: gives the UTF-8 text of a fact, or nothing, to the closure it is handed.
  package mutating func keep(
    _ facts: EventFacts, _ text: (EventFacts, (UnsafeBufferPointer<UInt8>) -> Void) -> Void
  ) -> Int {
    let start = factBytes.count
    for fact in EventFacts.each {
      var count: UInt32 = 0
      let place = factBytes.count
      factBytes.append(contentsOf: [0, 0, 0, 0])
      if facts.contains(fact) {
        text(fact) { bytes in
          factBytes.append(contentsOf: bytes)
          count = UInt32(bytes.count)
        }
      }
      for index in 0..<4 {
        factBytes[place + index] = UInt8(truncatingIfNeeded: count >> (8 * UInt32(index)))
      }
    }
    return start
  }

  /// A fact of an event, as UTF-8 text; empty when the event has none, or nobody asked for it.
  package func fact(_ wanted: EventFacts, of line: Line) -> ArraySlice<UInt8> {
    guard var place = line.facts else { return [] }
    for fact in EventFacts.each {
      let count = (0..<4).reduce(0) { $0 | Int(factBytes[place + $1]) << (8 * $1) }
      if fact == wanted { return factBytes[place + 4..<place + 4 + count] }
      place += 4 + count
    }
    return []
  }
}

/// What sinks may want to know of an event beside its bytes.
package struct EventFacts: OptionSet, Hashable, Sendable {
  /// One bit for each fact.
  package let rawValue: UInt8

  /// The facts of these bits.
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The event's identity: `id`, the same however often it is sent.
  package static let id = EventFacts(rawValue: 1)
  /// `workload`.
  package static let workload = EventFacts(rawValue: 2)
  /// Who acted: `actor.upn`, else what else names the actor.
  package static let user = EventFacts(rawValue: 4)
  /// `operation`.
  package static let operation = EventFacts(rawValue: 8)

  /// `record.type`.
  package static let recordType = EventFacts(rawValue: 16)
  /// What tells events of a tenant apart: those of one `id` are several events when they differ in
  /// record type or operation.
  package static let identity: EventFacts = [.id, .recordType, .operation]

  /// Each fact alone, in the order in which batches keep them.
  static let each: [EventFacts] = [.id, .workload, .user, .operation, .recordType]
}

/// Where an event came from, as far as sinks need to know.
package struct EventOrigin: Hashable, Sendable {
  /// The tenant and the content type the event was listed under.
  package let feed: Feed
  /// The tenant's configured name, or its id: what paths and metrics show.
  package let tenantName: String

  /// An origin.
  package init(feed: Feed, tenantName: String) {
    self.feed = feed
    self.tenantName = tenantName
  }
}
