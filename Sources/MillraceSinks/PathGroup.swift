import MillraceCore

/// The lines of a batch that go into one file, in log order.
struct PathGroup: Equatable {
  let path: String
  /// Ranges of the batch's bytes; neighbours are joined.
  private(set) var ranges: [Range<Int>] = []

  init(path: String) {
    self.path = path
  }

  /// The bytes of its lines.
  func bytes(of batch: EventBatch) -> ArraySlice<UInt8> {
    if ranges.count == 1 { return batch.bytes[ranges[0]] }
    var gathered: [UInt8] = []
    gathered.reserveCapacity(ranges.reduce(0) { $0 + $1.count })
    for range in ranges { gathered += batch.bytes[range] }
    return gathered[...]
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
  /// A path is made once per origin, hour (or day) and workload, not once per line.
  func groups(of batch: EventBatch) -> [PathGroup] {
    struct Key: Hashable {
      let origin: Int
      let period: Int64
      let workload: ArraySlice<UInt8>
    }
    var groups: [PathGroup] = []
    var indexOfPath: [String: Int] = [:]
    var indexOfKey: [Key: Int] = [:]
    var previous: (key: Key, index: Int)?
    let period = period
    let namesWorkload = namesWorkload
    for line in batch.lines where !line.range.isEmpty {
      let key = Key(
        origin: line.origin,
        period: period.map { floorOfQuotient(line.time.milliseconds, $0) } ?? 0,
        workload: namesWorkload ? batch.fact(.workload, of: line) : [])
      let index: Int
      if let previous, previous.key == key {
        index = previous.index
      } else if let known = indexOfKey[key] {
        index = known
      } else {
        let path = path(
          origin: batch.origins[line.origin], time: line.time, workload: key.workload)
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
}
