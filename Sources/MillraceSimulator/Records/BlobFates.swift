import MillraceCore

/// Which blobs the faults of a plan hit.
struct BlobFates {
  let faults: FaultPlan
  let tenant: SimulatedTenantOptions
  let type: ContentType
  let now: Timestamp
  let seed: UInt64

  /// Spoils blobs, at least one for each fault, but never the last good one of a feed.
  func assign(to blobs: inout [SimulatedBlob]) {
    var random = SeededGenerator(seed: scrambled(seed, 12))
    var free = Array(blobs.indices).shuffled(using: &random)
    func take(_ count: Int) -> [Int] {
      let taken = Array(free.suffix(min(count, max(free.count - 1, 0))))
      free.removeLast(taken.count)
      return taken
    }
    let share = max(1, blobs.count / 50)
    if has(.foreignContentURI) {
      for index in take(1) { blobs[index].fate = .foreign }
    }
    if has(.poisonedBlob) {
      for index in take(share) { blobs[index].fate = .poisoned }
    }
    if has(.expiredBlobs) {
      for (number, index) in take(share * SimulatedBlob.Refusal.allCases.count).enumerated() {
        let refusals = SimulatedBlob.Refusal.allCases
        let refusal = refusals[number % refusals.count]
        blobs[index].fate = .expired
        blobs[index].refusal = refusal
        if refusal == .listedExpired { blobs[index].expires = now - .seconds(3600) }
      }
    }
    // What follows leaves a blob servable, so that even the only one of a feed may be hit.
    if has(.brokenRecord), let index = free.first { blobs[index].hasBrokenRecord = true }
    if has(.lateBlobs) {
      for index in free.suffix(max(1, free.count / 5)) { blobs[index].isLate = true }
    }
    if has(.repeatedEvents) || has(.changedEvents) { repeatEvents(of: &blobs) }
    if has(.longExpiry) {
      for index in blobs.indices where blobs[index].refusal == nil {
        blobs[index].expires = blobs[index].created + .seconds(21 * 86_400)
      }
    }
  }

  private func has(_ fault: SimulatedFault) -> Bool { faults.has(fault, tenant, type) }

  /// Has one blob in five bring again a few records of another or of itself, and one in thirty all
  /// of them; at least one does. Only among blobs that can be had, so that each event can.
  private func repeatEvents(of blobs: inout [SimulatedBlob]) {
    var random = SeededGenerator(seed: scrambled(seed, 13))
    let good = blobs.indices.filter { blobs[$0].fate == .servable && !blobs[$0].isHuge }
    for (number, index) in good.enumerated() where number == 0 || random.below(5) == 0 {
      let other = blobs[good[random.below(good.count)]]
      let count = random.below(6) == 0 ? other.records.count : 1 + random.below(5)
      blobs[index].repeats = other.records.prefix(count).map {
        SimulatedBlob.Repeat(
          record: $0, type: type, created: other.created, isChanged: has(.changedEvents))
      }
    }
  }

  /// Has blobs of one feed bring records of others as well, one in three; at least one does.
  static func share(
    _ others: [(type: ContentType, blobs: [SimulatedBlob])], with blobs: inout [SimulatedBlob],
    seed: UInt64, isChanged: Bool
  ) {
    var random = SeededGenerator(seed: scrambled(seed, 14))
    let sources = others.flatMap { type, blobs in
      blobs.filter { $0.fate == .servable && !$0.isHuge && !$0.records.isEmpty }.map { (type, $0) }
    }
    guard let fallback = sources.first else { return }
    let good = blobs.indices.filter { blobs[$0].fate == .servable && !blobs[$0].records.isEmpty }
    for (number, index) in good.enumerated() where number == 0 || random.below(3) == 0 {
      let (type, other) = sources.randomElement(using: &random) ?? fallback
      blobs[index].repeats += other.records.prefix(1 + random.below(5)).map {
        SimulatedBlob.Repeat(
          record: $0, type: type, created: other.created, isChanged: isChanged)
      }
    }
  }
}
