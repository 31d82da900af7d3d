import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSimulator

/// A clock that stands still, so that one seed always gives the same bytes.
private struct StoppedClock: WallClock {
  func now() -> Timestamp { Timestamp(milliseconds: 1_772_625_600_000) }
}

/// The bodies of a simulated tenant's blobs, in memory.
struct Corpus {
  let blobs: [PaddedBytes]
  let contexts: [EventContext]
  let scans: [BlobScan]
  /// The bytes of all blobs.
  let bytes: Int
  let events: Int
  let seed: UInt64

  static let eventsPerBlob = 100
  /// A little less than the mean size of a generated record.
  private static let recordBytes = 1500

  /// Invents blobs until there are as many megabytes as asked for.
  init(_ options: BenchOptions) throws {
    try self.init(megabytes: options.megabytes, eventsPerBlob: Self.eventsPerBlob, options)
  }

  /// Invents blobs until there are as many megabytes.
  init(megabytes: Int, eventsPerBlob: Int, _ options: BenchOptions) throws {
    var simulated = SimulatorOptions()
    simulated.content = .generated(
      events: megabytes * 1_000_000 / Self.recordBytes, seed: options.seed)
    simulated.eventsPerBlob = eventsPerBlob
    simulated.clock = StoppedClock()
    let oracle = try Simulator(simulated).oracle
    let collected = simulated.clock.now()
    var blobs: [PaddedBytes] = []
    var contexts: [EventContext] = []
    var size = 0
    // By time of creation, so that the feeds take turns as they do when they are collected.
    for blob in oracle.blobs.sorted(by: { $0.created < $1.created }) {
      guard size < megabytes * 1_000_000 else { break }
      let body = try Self.body(oracle.records(of: blob))
      size += body.count
      blobs.append(PaddedBytes(body))
      contexts.append(
        EventContext(
          tenant: blob.feed.tenant, tenantName: "contoso", contentType: blob.feed.contentType,
          contentID: blob.id, available: blob.created, collected: collected))
    }
    self.blobs = blobs
    self.contexts = contexts
    scans = blobs.map { BlobScanner.scan($0) }
    bytes = size
    events = scans.reduce(0) { $0 + $1.records.count }
    seed = options.seed
  }

  private static func body(_ records: [[UInt8]]) -> [UInt8] {
    var body = [UInt8(ascii: "[")]
    for record in records {
      if body.count > 1 { body.append(UInt8(ascii: ",")) }
      body += record
    }
    body.append(UInt8(ascii: "]"))
    return body
  }

  var description: String {
    "\(events) records, \(bytes) bytes in \(blobs.count) blobs, mean record "
      + "\(bytes / max(events, 1)) bytes, seed \(seed)"
  }
}
