import MillraceCore

/// The events of a batch that go in one request.
struct Parcel: Sendable {
  /// Indexes of the batch's lines, in order; at least one.
  let lines: [Int]

  /// Two parcels that have half of the events each.
  var halves: [Parcel] {
    let middle = lines.count / 2
    return [Parcel(lines: Array(lines[..<middle])), Parcel(lines: Array(lines[middle...]))]
  }

  /// Up to three parcels: the events before one, that one alone, and those behind it.
  func isolating(_ index: Int) -> [Parcel] {
    [Array(lines[..<index]), [lines[index]], Array(lines[(index + 1)...])]
      .filter { !$0.isEmpty }.map { Parcel(lines: $0) }
  }

  /// Encoded bytes of its events.
  func bytes(of batch: EventBatch) -> Int {
    lines.reduce(0) { $0 + batch.lines[$1].range.count }
  }

  /// What names it.
  func label(sink: String, of batch: EventBatch) -> ParcelLabel {
    guard let first = lines.first, let last = lines.last else {
      preconditionFailure("a parcel has events")
    }
    func place(_ line: Int) -> String {
      let position = batch.lines[line].position
      return "\(position.sequence).\(position.record)"
    }
    return ParcelLabel(text: "\(sink):\(place(first))-\(place(last)):\(lines.count)")
  }

  /// Cuts lines into parcels of at most so many events and bytes; an event with more bytes goes
  /// alone.
  static func cut(
    _ lines: [Int], of batch: EventBatch, eventsMax: Int, bytesMax: Int, around: Int
  ) -> [Parcel] {
    var parcels: [Parcel] = []
    var current: [Int] = []
    var bytes = 0
    for line in lines {
      let size = batch.lines[line].range.count + around
      if !current.isEmpty, current.count == eventsMax || bytes + size > bytesMax {
        parcels.append(Parcel(lines: current))
        (current, bytes) = ([], 0)
      }
      current.append(line)
      bytes += size
    }
    if !current.isEmpty { parcels.append(Parcel(lines: current)) }
    return parcels
  }
}
