/// Why an input cannot be read, or not to its end.
package struct InputFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, and what to do about it.
  package let description: String

  init(_ description: String) {
    self.description = description
  }

  static let unknownFormat = InputFailure(
    "neither JSON nor a CSV export: JSON begins with { or [, and one of the first lines of an "
      + "export of Search-UnifiedAuditLog or of the Purview portal names the column AuditData")
}
