import MillraceCore

/// A blob as the tenant offers it.
struct SimulatedBlob: Sendable {
  /// In what way an expired blob is refused.
  enum Refusal: Int, Sendable, CaseIterable {
    /// The listing says that it is expired; fetching gives AF20051.
    case listedExpired
    /// The listing says that it is good; fetching gives AF20051.
    case expired
    /// The listing says that it is good; fetching gives AF20050.
    case missing
  }

  let contentID: String
  let created: Timestamp
  var expires: Timestamp
  /// Its records among those of the feed.
  let records: Range<Int>
  var fate = SimulatedFate.servable
  var refusal: Refusal?
  var isLate = false
  var hasBrokenRecord = false
}

/// One tenant: its identity and its blobs.
struct SimulatedTenant: Sendable {
  let id: TenantID
  let options: SimulatedTenantOptions
  /// The blobs of each feed, by time of creation.
  let feeds: [ContentType: [SimulatedBlob]]
  private let places: [String: (type: ContentType, index: Int)]
  private let source: any RecordSource

  init(
    id: TenantID, options: SimulatedTenantOptions, source: any RecordSource,
    eventsPerBlob: Int, faults: FaultPlan, now: Timestamp
  ) {
    self.id = id
    self.options = options
    self.source = source
    var feeds: [ContentType: [SimulatedBlob]] = [:]
    var places: [String: (type: ContentType, index: Int)] = [:]
    for type in ContentType.allCases {
      let seed = scrambled(stableHash(id.description + type.rawValue), faults.seed)
      var blobs = BlobSchedule(type: type, now: now, seed: seed)
        .blobs(records: source.count(of: type), eventsPerBlob: eventsPerBlob)
      BlobFates(faults: faults, now: now, seed: seed).assign(to: &blobs)
      for (index, blob) in blobs.enumerated() { places[blob.contentID] = (type, index) }
      feeds[type] = blobs
    }
    self.feeds = feeds
    self.places = places
  }

  /// The blob of that id; nil when there is none.
  func blob(_ contentID: String) -> (type: ContentType, blob: SimulatedBlob)? {
    guard let place = places[contentID], let blobs = feeds[place.type] else { return nil }
    return (place.type, blobs[place.index])
  }

  /// The good records of a blob, one by one.
  func records(of blob: SimulatedBlob, type: ContentType) throws(SimulatorError) -> [[UInt8]] {
    var records: [[UInt8]] = []
    for index in blob.records {
      var bytes: [UInt8] = []
      try source.append(index, of: type, created: blob.created, to: &bytes)
      records.append(bytes)
    }
    return records
  }

  /// The body of a blob: an array of its records, and of a malformed one if it has one.
  func body(of blob: SimulatedBlob, type: ContentType) throws(SimulatorError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64 + blob.records.count * 1800)
    bytes.append(UInt8(ascii: "["))
    for index in blob.records {
      if index > blob.records.lowerBound { bytes.append(UInt8(ascii: ",")) }
      try source.append(index, of: type, created: blob.created, to: &bytes)
      if blob.hasBrokenRecord && index == blob.records.lowerBound + blob.records.count / 2 {
        bytes += Self.brokenRecord
      }
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }

  /// Its braces and quotes match, so that its neighbours can be told from it; it is no JSON.
  private static let brokenRecord = Array(
    #",{"CreationTime":"2026-01-15T10:15:52","Id":"broken","Operation":Broken,"RecordType":06}"#
      .utf8)
}

/// When the blobs of a feed are created and what they are called.
private struct BlobSchedule {
  let type: ContentType
  let now: Timestamp
  let seed: UInt64

  /// A first collection reaches back seven days less a quarter of an hour; the oldest blob is
  /// some hours younger than that, so that a slow start does not lose it.
  private static let span: Duration = .seconds(6 * 86_400 + 20 * 3600)
  /// The youngest blobs, which a collector that keeps away from the last minute sees at once.
  private static let recent: Range<Int64> = 120_000..<600_000

  func blobs(records: Int, eventsPerBlob: Int) -> [SimulatedBlob] {
    guard records > 0 else { return [] }
    let count = (records + eventsPerBlob - 1) / eventsPerBlob
    let times = times(count)
    return (0..<count).map { index in
      let first = index * eventsPerBlob
      return SimulatedBlob(
        contentID: contentID(created: times[index], index: index), created: times[index],
        expires: times[index] + .seconds(7 * 86_400),
        records: first..<min(first + eventsPerBlob, records))
    }
  }

  /// Times over the whole span, one blob in twenty in the last minutes; sorted.
  private func times(_ count: Int) -> [Timestamp] {
    var random = SeededGenerator(seed: scrambled(seed, 11))
    let recentCount = count < 3 ? 0 : max(1, count / 20)
    let span = Self.span.milliseconds
    let times = (0..<count).map { index in
      let recent = index < recentCount ? Self.recent : Self.recent.upperBound..<span
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

/// Which blobs the faults of a plan hit.
private struct BlobFates {
  let faults: FaultPlan
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
    if faults.has(.foreignContentURI) {
      for index in take(1) { blobs[index].fate = .foreign }
    }
    if faults.has(.poisonedBlob) {
      for index in take(share) { blobs[index].fate = .poisoned }
    }
    if faults.has(.expiredBlobs) {
      for (number, index) in take(share * SimulatedBlob.Refusal.allCases.count).enumerated() {
        let refusals = SimulatedBlob.Refusal.allCases
        let refusal = refusals[number % refusals.count]
        blobs[index].fate = .expired
        blobs[index].refusal = refusal
        if refusal == .listedExpired { blobs[index].expires = now - .seconds(3600) }
      }
    }
    // What follows leaves a blob servable, so that even the only one of a feed may be hit.
    if faults.has(.brokenRecord), let index = free.first { blobs[index].hasBrokenRecord = true }
    if faults.has(.lateBlobs) {
      for index in free.suffix(max(1, free.count / 5)) { blobs[index].isLate = true }
    }
  }
}
