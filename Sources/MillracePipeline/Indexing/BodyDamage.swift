import MillraceCore

/// A body that is not what was fetched.
struct BodyDamage: Sendable {
  let sequence: Int64
  /// Nil where not even the entry can be read.
  let blob: ContentBlob?
  var isMissing: Bool
  var message: String
  /// The digest it should have, and the one it has, where that can be told.
  var expected: [UInt8]?
  var found: [UInt8]?

  /// The same with more to say where one holds what belongs to another.
  static func explained(_ damages: [BodyDamage]) -> [BodyDamage] {
    var owners: [[UInt8]: Int64] = [:]
    for damage in damages {
      if let expected = damage.expected { owners[expected] = damage.sequence }
    }
    return damages.map { damage in
      guard let found = damage.found, let owner = owners[found] else { return damage }
      var explained = damage
      explained.message = "it holds the body of entry \(owner)"
      return explained
    }
  }

  /// What an operator is told.
  func finding(_ tenantNames: [TenantID: String]) -> VerifyReport.Finding {
    VerifyReport.Finding(
      kind: isMissing ? .bodyMissing : .bodyDamaged, sequence: sequence,
      tenant: blob.map { tenantNames[$0.feed.tenant] ?? $0.feed.tenant.description },
      contentType: blob?.feed.contentType.rawValue, contentId: blob?.id.description,
      message: message,
      remedy: "sinks that have not passed it stop here, others have its events; \"millrace verify "
        + "--repair\" takes it out and has it fetched again while the service keeps it")
  }
}
