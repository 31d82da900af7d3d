/// One row of the table of operations that are named in families: all whose normalized name begins
/// with the same words mean the same, whatever follows.
struct OperationBeginning: Sendable {
  /// How the names begin, normalized as those of whole operations.
  let key: StaticString
  /// The only record type in which they mean this; nil when they do in any.
  let recordType: Int?
  let meaning: OperationMeaning

  init(
    _ key: StaticString, in recordType: Int? = nil, _ category: EventCategory,
    _ action: StaticString, _ verb: EventVerb
  ) {
    self.key = key
    self.recordType = recordType
    meaning = OperationMeaning(category, action, verb)
  }
}

/// What operations mean by how their names begin, where no table has the whole name.
enum OperationBeginnings {
  /// The rows; one that begins as another does stands before it.
  static let rows: [OperationBeginning] = [
    .init("aggregate", in: 52, .discovery, "portal.query", .search),
    .init("auditsearch", .discovery, "audit.search", .search),
    .init("getreports", .analytics, "report.view", .read),
    .init("new-federation", .configuration, "domain.federation.update", .update),
    .init("spappremoved", .configuration, "app.remove", .uninstall),
    .init("spappuninstalled", .configuration, "app.remove", .uninstall),
    .init("spapp", .configuration, "app.install", .install),
    .init("updatecapacity", .configuration, "tenant.setting.update", .update),
  ]

  /// What an operation means by its normalized key; nil when it begins like none.
  static func find(_ key: ByteView, recordType: Int?) -> OperationMeaning? {
    for row in rows where key.hasPrefix(row.key) {
      if row.recordType == nil || row.recordType == recordType { return row.meaning }
    }
    return nil
  }
}
