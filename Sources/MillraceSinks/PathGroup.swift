import MillraceCore

/// The lines of a batch that go into one file, in log order.
struct PathGroup: Equatable {
  let path: String
  /// Ranges of the batch's bytes; neighbours are joined.
  private(set) var ranges: [Range<Int>] = []

  init(path: String) {
    self.path = path
  }

  /// Adds the range of the next line.
  mutating func add(_ range: Range<Int>) {
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }
}

extension PathTemplate {
  /// The lines of a batch by file, files in the order of their first line.
  ///
  /// A path is made once per origin and hour (or day), not once per line.
  func groups(of batch: EventBatch) -> [PathGroup] {
    struct Key: Hashable {
      let origin: Int
      let period: Int64
    }
    var groups: [PathGroup] = []
    var indexOfPath: [String: Int] = [:]
    var indexOfKey: [Key: Int] = [:]
    var previous: (key: Key, index: Int)?
    let period = period
    for line in batch.lines where !line.range.isEmpty {
      let key = Key(
        origin: line.origin, period: period.map { floorOfQuotient(line.time, $0) } ?? 0)
      let index: Int
      if let previous, previous.key == key {
        index = previous.index
      } else if let known = indexOfKey[key] {
        index = known
      } else {
        let path = path(origin: batch.origins[line.origin], time: line.time)
        index = indexOfPath[path] ?? groups.count
        if index == groups.count { groups.append(PathGroup(path: path)) }
        indexOfPath[path] = index
        indexOfKey[key] = index
      }
      previous = (key, index)
      groups[index].add(line.range)
    }
    return groups
  }

  private func floorOfQuotient(_ time: Timestamp, _ period: Int64) -> Int64 {
    let quotient = time.milliseconds / period
    return time.milliseconds % period < 0 ? quotient - 1 : quotient
  }
}
