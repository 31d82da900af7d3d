package import MillraceCore

/// What `verify` found. The JSON form is part of the interface: fields are only added.
package struct VerifyReport: Codable, Sendable {
  /// What a finding is about.
  package enum Kind: String, Codable, CaseIterable, Sendable {
    /// The bytes of a body are not those that were fetched.
    case bodyDamaged = "body_damaged"
    /// The bytes of a body are gone.
    case bodyMissing = "body_missing"
    /// A body is there that no entry has.
    case bodyLeftover = "body_leftover"
    /// An entry's decisions cannot belong to its body.
    case decisions
    /// Entries are gone from the log.
    case entryMissing = "entry_missing"
    /// An entry says something else than when it was written.
    case entryChanged = "entry_changed"
    /// An entry stands at another place than when it was written.
    case entryMoved = "entry_moved"
    /// A blob is fetched by the ledger and not in the log.
    case unlogged
    /// A day is not as it was sealed.
    case seal
    /// Totals are not what counting gives.
    case totals
    /// SQLite finds the file damaged.
    case structure
  }

  /// Something that is not as it was written.
  package struct Finding: Codable, Hashable, Sendable {
    /// What it is about.
    package var kind: Kind
    /// The entry's number in the log.
    package var sequence: Int64?
    /// The last number, where several are meant.
    package var lastSequence: Int64?
    /// Whose it is: the tenant's configured name, or its id.
    package var tenant: String?
    /// The content type.
    package var contentType: String?
    /// The blob's name.
    package var contentId: String?
    /// The sealed day.
    package var day: String?
    /// What is wrong.
    package var message: String
    /// What it means, and what to do.
    package var remedy: String
  }

  /// What became of a damaged body.
  package struct Repair: Codable, Hashable, Sendable {
    /// The entry's number in the log.
    package var sequence: Int64
    /// `awaited`, `restoring`, `fetched_anew`, `delivered`, `lost`, or `whole` where the collector
    /// found no damage.
    package var outcome: String
    /// Whose it is: the tenant's configured name, or its id.
    package var tenant: String?
    /// The content type.
    package var contentType: String?
    /// The blob's name.
    package var contentId: String?
    /// Events in it; absent when they were not counted yet.
    package var events: Int?
    /// Why it cannot be had again.
    package var reason: String?
  }

  /// When the verification began.
  package var time: String
  /// The version that made it.
  package var version: String
  /// Whether everything is as it was written.
  package var sound = false
  /// Entries of the log.
  package var entries = 0
  /// How many of them agree with the chain.
  package var entriesInChain = 0
  /// Bodies that should be there.
  package var bodies = 0
  /// How many of them are whole.
  package var bodiesWhole = 0
  /// The bytes of those, as fetched.
  package var bytes = 0
  /// Sealed days.
  package var sealedDays = 0
  /// How long it took.
  package var seconds = 0.0
  /// What is not as it was written.
  package var findings: [Finding] = []
  /// Findings beyond those listed.
  package var moreFindings = 0
  /// What a repair did; absent without one.
  package var repairs: [Repair]?
  /// Whether totals were counted anew.
  package var totalsRecounted: Bool?

  /// A report without findings.
  package init(at time: Timestamp) {
    self.time = time.description
    version = Version.number
  }

  /// Adds a finding, within the bound.
  package mutating func add(_ finding: Finding) {
    if findings.count < Limits.verifyFindingsMax {
      findings.append(finding)
    } else {
      moreFindings += 1
    }
  }

  /// The entries whose bodies a repair takes out.
  package var repairable: [Int64] {
    findings.filter { $0.kind == .bodyDamaged || $0.kind == .bodyMissing }.compactMap(\.sequence)
  }
}
