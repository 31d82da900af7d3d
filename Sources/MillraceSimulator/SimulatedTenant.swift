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

  /// A record that the blob brings although another place has it, too.
  struct Repeat: Sendable {
    let record: Int
    /// The feed of the first place.
    let type: ContentType
    /// When the blob of the first place was created, on which the record's times depend.
    let created: Timestamp
    /// Whether its bytes differ from those of the first place.
    let isChanged: Bool
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

  /// Whether it is served without the brackets of an array.
  var isBare = false

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
  private let dress: RecordDress

  init(
    id: TenantID, options: SimulatedTenantOptions, source: any RecordSource,
    eventsPerBlob: Int, hugeBlobBytes: Int, ahead: Duration, faults: FaultPlan, now: Timestamp
  ) {
    self.id = id
    self.options = options
    self.source = source
    dress = RecordDress(
      padded: Set(ContentType.allCases.filter { faults.has(.hugeRecords, options, $0) }),
      odd: Set(ContentType.allCases.filter { faults.has(.oddRecords, options, $0) }),
      seed: faults.seed)
    var feeds: [ContentType: [SimulatedBlob]] = [:]
    var places: [String: (type: ContentType, index: Int)] = [:]
    for type in ContentType.allCases {
      let seed = scrambled(stableHash(id.description + type.rawValue), faults.seed)
      let schedule = BlobSchedule(type: type, now: now, seed: seed, ahead: ahead)
      let records = source.count(of: type)
      var blobs = schedule.blobs(
        records: records, eventsPerBlob: eventsPerBlob,
        isLastAlone: faults.has(.bareRecords, options, type))
      if type == .exchange, hugeBlobBytes > 0 {
        let count = Self.recordCount(bytes: hugeBlobBytes, of: type, source, created: now)
        blobs.append(
          schedule.hugeBlob(records: records..<records + count, index: blobs.count))
        blobs.sort { $0.created < $1.created }
      }
      for index in blobs.indices {
        blobs[index].appearance = fraction(scrambled(stableHash(blobs[index].contentID), seed))
      }
      BlobFates(faults: faults, tenant: options, type: type, now: now, seed: seed)
        .assign(to: &blobs)
      if faults.has(.bareRecords, options, type) {
        for index in blobs.indices where blobs[index].recordCount == 1 {
          blobs[index].isBare = !blobs[index].hasBrokenRecord
        }
      }
      if faults.has(.emptyBlobs, options, type) {
        blobs += (0..<2).map { schedule.emptyBlob(index: blobs.count + $0) }
        blobs.sort { $0.created < $1.created }
      }
      for (index, blob) in blobs.enumerated() { places[blob.contentID] = (type, index) }
      feeds[type] = blobs
    }
    if faults.has(.sharedEvents, options, .dlp), var shared = feeds[.dlp] {
      let others = ContentType.allCases.filter { $0 != .dlp }.map { ($0, feeds[$0] ?? []) }
      BlobFates.share(
        others, with: &shared, seed: faults.seed,
        isChanged: faults.has(.changedEvents, options, .dlp))
      feeds[.dlp] = shared
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
      try appendRecord(index, of: type, created: blob.created, to: &bytes)
      records.append(bytes)
    }
    return records
  }

  /// The body of a blob: an array of its records, and of a malformed one if it has one.
  ///
  /// - Parameter isPartial: whether the second half of its own records is left out.
  func body(
    of blob: SimulatedBlob, type: ContentType, isPartial: Bool = false
  ) throws(SimulatorError) -> [UInt8] {
    if blob.records.isEmpty { return Array("[]".utf8) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64 + blob.recordCount * GeneratedRecords.bytesEach)
    let own = isPartial ? blob.records.prefix((blob.records.count + 1) / 2) : blob.records[...]
    for index in own { try append(index, of: blob, type: type, to: &bytes) }
    for again in blob.repeats {
      bytes.append(UInt8(ascii: ","))
      let start = bytes.count
      try appendRecord(again.record, of: again.type, created: again.created, to: &bytes)
      if again.isChanged { bytes.insert(UInt8(ascii: " "), at: start + 1) }
    }
    bytes.append(UInt8(ascii: "]"))
    if blob.isBare { return Array(bytes.dropFirst().dropLast()) }
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
    try appendRecord(index, of: type, created: blob.created, to: &bytes)
    if blob.hasBrokenRecord && index == blob.records.lowerBound + blob.records.count / 2 {
      bytes += Self.brokenRecord
    }
  }

  /// Appends a record as every place that has it serves it.
  private func appendRecord(
    _ index: Int, of type: ContentType, created: Timestamp, to bytes: inout [UInt8]
  ) throws(SimulatorError) {
    let start = bytes.count
    try source.append(index, of: type, created: created, to: &bytes)
    dress.put(on: &bytes, from: start, index: index, type: type)
  }

  /// Its braces and quotes match, so that its neighbours can be told from it; it is no JSON.
  private static let brokenRecord = Array(
    #",{"CreationTime":"2026-01-15T10:15:52","Id":"broken","Operation":Broken,"RecordType":06}"#
      .utf8)
}
