package import MillraceCore

/// What can become of a blob under the best collector.
package enum SimulatedFate: String, Sendable, CaseIterable {
  /// It can be had.
  case servable
  /// It is listed, but expired (AF20051) or gone (AF20050).
  case expired
  /// It is listed at another origin, where no collector must go.
  case foreign
  /// What is served is not JSON.
  case poisoned
}

/// Knows exactly which records a collector without fault ends up with.
package struct SimulatorOracle: Sendable {
  /// A blob as the tenant offers it.
  package struct Blob: Sendable {
    package let id: ContentID
    /// Where it is listed.
    package let feed: Feed
    /// When it is said to have been made available.
    package let created: Timestamp
    /// Its good records; a malformed one between them is not counted.
    package let recordCount: Int
    /// Malformed records between the good ones.
    package let brokenRecordCount: Int
    /// Records that it brings although another place has them, too.
    package let repeatedRecordCount: Int
    /// What can become of it.
    package let fate: SimulatedFate
    /// Whether it is listed late only.
    package let isLate: Bool
    let tenant: Int
    let index: Int
  }

  /// Every blob, by feed and time of creation.
  package let blobs: [Blob]
  private let tenants: [SimulatedTenant]

  init(_ tenants: [SimulatedTenant]) {
    self.tenants = tenants
    blobs = tenants.enumerated().flatMap { number, tenant in
      tenant.feeds.flatMap { type, blobs in
        blobs.enumerated().map { index, blob in
          Blob(
            id: ContentID(blob.contentID), feed: Feed(tenant: tenant.id, contentType: type),
            created: blob.created, recordCount: blob.records.count,
            brokenRecordCount: blob.hasBrokenRecord ? 1 : 0,
            repeatedRecordCount: blob.repeats.count, fate: blob.fate, isLate: blob.isLate,
            tenant: number, index: index)
        }
      }
    }.sorted { ($0.feed, $0.created, $0.index) < ($1.feed, $1.created, $1.index) }
    offeredRecordCount = blobs.reduce(0) { $0 + $1.recordCount }
  }

  /// All records offered, those that cannot be had included.
  package let offeredRecordCount: Int

  /// The records of blobs that can be had.
  package var expectedRecordCount: Int {
    blobs.reduce(0) { $0 + ($1.fate == .servable ? $1.recordCount : 0) }
  }

  /// The good records of a blob without those that repeat others, byte for byte as they are served.
  ///
  /// Throws `SimulatorError` when a file of records can no longer be read.
  package func records(of blob: Blob) throws(SimulatorError) -> [[UInt8]] {
    let tenant = tenants[blob.tenant]
    let offered = tenant.feeds[blob.feed.contentType]?[blob.index]
    guard let offered else { return [] }
    return try tenant.records(of: offered, type: blob.feed.contentType)
  }

  /// Every record a collector must end up with, once each, byte for byte.
  ///
  /// Throws `SimulatorError` when a file of records can no longer be read.
  package func expectedRecords() throws(SimulatorError) -> [[UInt8]] {
    var records: [[UInt8]] = []
    for blob in blobs where blob.fate == .servable { records += try self.records(of: blob) }
    return records
  }
}
