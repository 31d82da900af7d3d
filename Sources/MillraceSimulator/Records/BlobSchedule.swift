import MillraceCore

/// When the blobs of a feed are created and what they are called.
struct BlobSchedule {
  let type: ContentType
  let now: Timestamp
  let seed: UInt64
  /// How far into the time to come blobs are spread.
  let ahead: Duration

  /// A first collection reaches back seven days less a quarter of an hour; the oldest blob is
  /// some hours younger than that, so that a slow start does not lose it.
  private static let span: Duration = .seconds(6 * 86_400 + 20 * 3600)
  /// The youngest blobs, which a collector that keeps away from the last minute sees at once.
  private static let recent: Range<Int64> = 120_000..<600_000

  /// The blobs of so many records.
  ///
  /// - Parameter isLastAlone: whether the last record has a blob of its own.
  func blobs(records: Int, eventsPerBlob: Int, isLastAlone: Bool) -> [SimulatedBlob] {
    guard records > 0 else { return [] }
    let together = isLastAlone ? records - 1 : records
    var ranges = stride(from: 0, to: together, by: eventsPerBlob).map { first in
      first..<min(first + eventsPerBlob, together)
    }
    if isLastAlone { ranges.append(together..<records) }
    let times = times(ranges.count)
    return ranges.enumerated().map { index, range in
      SimulatedBlob(
        contentID: contentID(created: times[index], index: index), created: times[index],
        expires: times[index] + .seconds(7 * 86_400), records: range)
    }
  }

  /// A blob that holds nothing, of an age that its number determines.
  func emptyBlob(index: Int) -> SimulatedBlob {
    let age = Int64(scrambled(seed, UInt64(index) | 1 << 33) % UInt64(Self.span.milliseconds / 2))
    let created = Timestamp(milliseconds: now.milliseconds - Self.recent.upperBound - age)
    return SimulatedBlob(
      contentID: contentID(created: created, index: index), created: created,
      expires: created + .seconds(7 * 86_400), records: 0..<0)
  }

  /// One more blob, in the middle of the span.
  func hugeBlob(records: Range<Int>, index: Int) -> SimulatedBlob {
    let created = now - Self.span / 2
    return SimulatedBlob(
      contentID: contentID(created: created, index: index), created: created,
      expires: created + .seconds(7 * 86_400), records: records)
  }

  /// Times over the whole span, one blob in twenty in the last minutes; sorted.
  private func times(_ count: Int) -> [Timestamp] {
    var random = SeededGenerator(seed: scrambled(seed, 11))
    let recentCount = count < 3 ? 0 : max(1, count / 20)
    let span = Self.span.milliseconds
    let times = (0..<count).map { index in
      let youngest = ahead > .zero ? -ahead.milliseconds : Self.recent.upperBound
      let recent = index < recentCount ? Self.recent : youngest..<span
      return Timestamp(
        milliseconds: now.milliseconds - Int64.random(in: recent, using: &random))
    }
    return times.sorted()
  }

  /// An id in one of the shapes that were seen: times that mean nothing, the feed's name, a
  /// region, and raw dollar signs between them.
  private func contentID(created: Timestamp, index: Int) -> String {
    let hash = scrambled(seed, UInt64(index))
    let other = Timestamp(milliseconds: created.milliseconds + Int64(hash % 3_000_000))
    let name = type.rawValue.split(separator: ".").joined(separator: "_")
    let region = ["", "$emea0037", "$na0030$na0030"][Int(hash >> 40) % 3]
    return digits(created, index % 1_000_000) + "$" + digits(other, Int(hash >> 44) % 1_000_000)
      + "$" + name.lowercased() + "$" + name + region
  }

  private func digits(_ time: Timestamp, _ rest: Int) -> String {
    let digits = time.description.filter(\.isNumber)
    let tail = String(rest)
    return digits + String(repeating: "0", count: 6 - tail.count) + tail
  }
}
