/// What is wrong with a place in the chain over the log.
package enum ChainFinding: Hashable, Sendable {
  /// These numbers are not there. The row behind them cannot be tied to the one before them.
  case missing(ClosedRange<Int64>)
  /// The row, or the link before it, says something else than when it was written.
  case changed(Int64)
  /// The row is as it was written; its own link is not.
  case linkChanged(Int64)
  /// The row is as it was written, at another place: where it stands, and where it stood.
  case moved(Int64, from: Int64)
  /// So many more rows do not agree with the chain, from this one on.
  case more(Int, from: Int64)
}

/// Recomputes the chain over the log, row by row, and tells what broke it.
///
/// A break does not spread: behind it the stored link is taken as it is, and the row after is
/// checked against that. So each row that agrees with the stored link before it is as it was
/// written, and in its place.
package struct ChainCheck {
  /// A row that does not agree with the link before it.
  private struct Broken {
    let link: ChainLink
    /// The link stored before it, and the one it should have by that.
    let previous: [UInt8]
    let expected: [UInt8]
  }

  private var previous = LogChain.beginning
  private var lastSequence: Int64 = 0
  private var findings: [ChainFinding] = []
  private var broken: [Broken] = []
  private var more: (count: Int, from: Int64)?
  /// How many rows were checked.
  package private(set) var checked = 0
  /// How many agree with the chain.
  package private(set) var agreeing = 0

  /// Rows that are looked at closely when they do not agree; more are counted.
  private static let closelyMax = 24

  /// A check that begins with the first row.
  package init() {}

  /// Takes the next row, in the order of their numbers.
  package mutating func add(_ link: ChainLink) {
    let row = link.row
    checked += 1
    defer {
      previous = link.chain
      lastSequence = row.sequence
    }
    guard row.sequence == lastSequence + 1 else {
      if row.sequence > lastSequence + 1 {
        findings.append(.missing(lastSequence + 1...row.sequence - 1))
      }
      // What stood before it is gone, and with it what would tie this one to the chain.
      return
    }
    let expected = LogChain.link(after: previous, row)
    if expected == link.chain {
      agreeing += 1
      return
    }
    if let last = broken.last, last.link.row.sequence == lastSequence,
      LogChain.link(after: last.expected, row) == link.chain
    {
      // By the link the row before should have, this one agrees: only that link was changed.
      broken.removeLast()
      findings.append(.linkChanged(lastSequence))
      agreeing += 1
      return
    }
    if broken.count < ChainCheck.closelyMax {
      broken.append(Broken(link: link, previous: previous, expected: expected))
    } else {
      more = (more.map(\.count).map { $0 + 1 } ?? 1, more?.from ?? row.sequence)
    }
  }

  /// What is wrong, in the order of the log; empty when nothing is.
  package func finish() -> [ChainFinding] {
    var all = findings
    for row in broken {
      let sequence = row.link.row.sequence
      guard let origin = origin(of: row) else {
        all.append(.changed(sequence))
        continue
      }
      // At its own place: it was what stood before it that is not there any more.
      if origin != sequence { all.append(.moved(sequence, from: origin)) }
    }
    if let more { all.append(.more(more.count, from: more.from)) }
    return all.sorted { $0.first < $1.first }
  }

  /// Where a row stood when it was written, tried out among the rows that do not agree; nil when it
  /// says something else than any of them did.
  private func origin(of row: Broken) -> Int64? {
    let links = broken.map(\.previous) + broken.map(\.link.chain)
    for place in broken {
      var moved = row.link.row
      moved.sequence = place.link.row.sequence
      // Moved without its link, or with it.
      if LogChain.link(after: place.previous, moved) == place.link.chain { return moved.sequence }
      for previous in links where LogChain.link(after: previous, moved) == row.link.chain {
        return moved.sequence
      }
    }
    return nil
  }
}

extension ChainFinding {
  /// The first row it is about.
  package var first: Int64 {
    switch self {
    case .missing(let range): range.lowerBound
    case .changed(let sequence), .linkChanged(let sequence), .moved(let sequence, _): sequence
    case .more(_, let sequence): sequence
    }
  }
}
