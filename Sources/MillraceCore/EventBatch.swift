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

    /// A line.
    package init(range: Range<Int>, origin: Int, time: Timestamp, position: LogPosition) {
      self.range = range
      self.origin = origin
      self.time = time
      self.position = position
    }
  }

  /// The encoded events, one after the other, each ended by a line feed.
  package var bytes: [UInt8] = []
  /// The events, in log order.
  package var lines: [Line] = []
  /// The feeds the events came from; lines refer to them by index.
  package var origins: [EventOrigin] = []

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
    bytes += other.bytes
    lines.reserveCapacity(lines.count + other.lines.count)
    for line in other.lines {
      lines.append(
        Line(
          range: line.range.lowerBound + shift..<line.range.upperBound + shift,
          origin: indexes[line.origin], time: line.time, position: line.position))
    }
  }
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
