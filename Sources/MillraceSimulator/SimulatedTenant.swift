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

  /// A record of this feed that the blob brings although another place has it, too.
  struct Repeat: Sendable {
    let record: Int
    /// When the blob of the first place was created, on which the record's times depend.
    let created: Timestamp
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
  /// Behind its own records.
  var repeats: [Repeat] = []
  /// When it is listed as a tenant shows its content little by little, 0 to 1.
  var appearance = 0.0

  /// Own records and repeats.
  var recordCount: Int { records.count + repeats.count }
  /// Whether it is served in pieces, as it is too large to be made in memory.
  var isHuge: Bool { records.count > 3000 }
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
    eventsPerBlob: Int, hugeBlobBytes: Int, faults: FaultPlan, now: Timestamp
  ) {
    self.id = id
    self.options = options
    self.source = source
    var feeds: [ContentType: [SimulatedBlob]] = [:]
    var places: [String: (type: ContentType, index: Int)] = [:]
    for type in ContentType.allCases {
      let seed = scrambled(stableHash(id.description + type.rawValue), faults.seed)
      let schedule = BlobSchedule(type: type, now: now, seed: seed)
      let records = source.count(of: type)
      var blobs = schedule.blobs(records: records, eventsPerBlob: eventsPerBlob)
      if type == .exchange, hugeBlobBytes > 0 {
        let count = Self.recordCount(bytes: hugeBlobBytes, of: type, source, created: now)
        blobs.append(
          schedule.hugeBlob(records: records..<records + count, index: blobs.count))
        blobs.sort { $0.created < $1.created }
      }
      for index in blobs.indices {
        blobs[index].appearance = fraction(scrambled(stableHash(blobs[index].contentID), seed))
      }
      BlobFates(faults: faults, now: now, seed: seed).assign(to: &blobs)
      for (index, blob) in blobs.enumerated() { places[blob.contentID] = (type, index) }
      feeds[type] = blobs
    }
    self.feeds = feeds
    self.places = places
  }

  /// How many records take that many bytes, roughly: as the first hundred do.
  private static func recordCount(
    bytes: Int, of type: ContentType, _ source: any RecordSource, created: Timestamp
  ) -> Int {
    let sample = 100
    var sampled: [UInt8] = []
    do throws(SimulatorError) {
      for index in 0..<sample {
        try source.append(index, of: type, created: created, to: &sampled)
      }
    } catch {
      preconditionFailure("records are invented, not read")
    }
    return max(bytes * sample / max(sampled.count, 1), 1)
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
    bytes.reserveCapacity(64 + blob.recordCount * GeneratedRecords.bytesEach)
    for index in blob.records { try append(index, of: blob, type: type, to: &bytes) }
    for again in blob.repeats {
      bytes.append(UInt8(ascii: ","))
      try source.append(again.record, of: type, created: again.created, to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }

  /// The body of a blob without repeats, a piece after the other, so that none is in memory as a
  /// whole; nil at its end.
  func pieces(
    of blob: SimulatedBlob, type: ContentType
  ) -> () throws(SimulatorError) -> [UInt8]? {
    var rest = blob.records
    return { () throws(SimulatorError) in
      guard !rest.isEmpty else { return nil }
      var bytes: [UInt8] = []
      while !rest.isEmpty, bytes.count < 256 << 10 {
        try append(rest.removeFirst(), of: blob, type: type, to: &bytes)
      }
      if rest.isEmpty { bytes.append(UInt8(ascii: "]")) }
      return bytes
    }
  }

  /// Appends one of a blob's own records, and what stands in front of it and, if it is the middle
  /// one, the broken record.
  private func append(
    _ index: Int, of blob: SimulatedBlob, type: ContentType, to bytes: inout [UInt8]
  ) throws(SimulatorError) {
    bytes.append(index == blob.records.lowerBound ? UInt8(ascii: "[") : UInt8(ascii: ","))
    try source.append(index, of: type, created: blob.created, to: &bytes)
    if blob.hasBrokenRecord && index == blob.records.lowerBound + blob.records.count / 2 {
      bytes += Self.brokenRecord
    }
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
    if faults.has(.repeatedEvents) { repeatEvents(of: &blobs) }
  }

  /// Has one blob in five bring again a few records of another or of itself, and one in thirty all
  /// of them; at least one does. Only among blobs that can be had, so that each event can.
  private func repeatEvents(of blobs: inout [SimulatedBlob]) {
    var random = SeededGenerator(seed: scrambled(seed, 13))
    let good = blobs.indices.filter { blobs[$0].fate == .servable && !blobs[$0].isHuge }
    for (number, index) in good.enumerated() where number == 0 || random.below(5) == 0 {
      let other = blobs[good[random.below(good.count)]]
      let count = random.below(6) == 0 ? other.records.count : 1 + random.below(5)
      blobs[index].repeats = other.records.prefix(count).map {
        SimulatedBlob.Repeat(record: $0, created: other.created)
      }
    }
  }
}
