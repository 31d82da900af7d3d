import MillraceCore

/// Invented records, each made when it is asked for and the same each time.
struct GeneratedRecords: RecordSource {
  /// How often a feed's records occur among 1,000, from what busy tenants look like.
  private static let shares: [(type: ContentType, share: Int)] = [
    (.sharePoint, 342), (.exchange, 300), (.azureActiveDirectory, 240), (.general, 110), (.dlp, 8),
  ]

  /// The mean size of a record, roughly.
  static let bytesEach = 1720

  private let counts: [ContentType: Int]
  private let scene: TenantScene

  init(events: Int, seed: UInt64, tenant: TenantID, domain: String) {
    scene = TenantScene(seed: seed, tenant: tenant, domain: domain)
    counts = Self.counts(events)
  }

  /// Spreads records over the feeds. Each feed has one as soon as there are enough.
  private static func counts(_ events: Int) -> [ContentType: Int] {
    var counts: [ContentType: Int] = [:]
    for (type, share) in shares { counts[type] = events * share / 1000 }
    if events >= shares.count {
      for (type, _) in shares { counts[type] = max(counts[type, default: 0], 1) }
    }
    // What rounding left over, or took too much, is the largest feed's.
    let rest = counts.values.reduce(events, -)
    counts[shares[0].type, default: 0] += rest
    return counts
  }

  func count(of type: ContentType) -> Int { counts[type] ?? 0 }

  func append(
    _ index: Int, of type: ContentType, created: Timestamp, to bytes: inout [UInt8]
  ) throws(SimulatorError) {
    let feed = UInt64(ContentType.allCases.firstIndex(of: type) ?? 0)
    var record = RecordScene(scene, number: feed << 48 | UInt64(index), created: created)
    let mix = RecordMixes.mix(of: type)
    record.fill(mix.template(record.choose(mix.total)), into: &bytes)
  }
}

/// Templates with how often each is used.
struct RecordMix: Sendable {
  let total: Int
  private let templates: [RecordTemplate]
  private let bounds: [Int]

  init(_ entries: [(weight: Int, text: String)]) {
    var sum = 0
    bounds = entries.map { entry in
      sum += entry.weight
      return sum
    }
    total = sum
    templates = entries.map { RecordTemplate($0.text) }
  }

  /// The template at a place from 0 up to `total`.
  func template(_ place: Int) -> RecordTemplate {
    templates[bounds.firstIndex { place < $0 } ?? 0]
  }
}

/// The mixes of all feeds.
enum RecordMixes {
  private static let sharePoint = RecordMix(SharePointRecords.entries)
  private static let exchange = RecordMix(ExchangeRecords.entries)
  private static let directory = RecordMix(DirectoryRecords.entries)
  private static let general = RecordMix(GeneralRecords.entries)
  private static let dlp = RecordMix(LossPreventionRecords.entries)

  static func mix(of type: ContentType) -> RecordMix {
    switch type {
    case .sharePoint: sharePoint
    case .exchange: exchange
    case .azureActiveDirectory: directory
    case .general: general
    case .dlp: dlp
    }
  }
}
