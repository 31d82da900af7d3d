/// What the findings of data loss prevention mean (record types 11, 13, 33, 99, 100, 107 and its
/// unpublished ones).
enum PolicyOperations {
  /// The rows.
  static let rows: [OperationRow] = [
    .init("dlprulematch", .dataProtection, "dlp.rule.match", .detect),
    .init("dlpruleundo", .dataProtection, "dlp.rule.undo", .other),
    .init("dlpinfo", .dataProtection, "dlp.false_positive", .other),
  ]
}
