/// A failure of the store, with what an operator can do about it.
///
/// Bound values never appear in it; names of tables, files and SQLite's own words may.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is, as far as callers branch on it.
  package enum Kind: String, Sendable {
    /// No room on the disk: nothing was written, and it is worth trying again.
    case full
    /// The disk or the database file cannot be written or read.
    case inputOutput
    /// Another process holds the store.
    case locked
    /// The database is damaged, or none of ours.
    case damaged
    /// The database was written by a newer version.
    case newer
    /// The database was written by an older version, and is only to be looked at.
    case older
    /// The store is closed.
    case closed
    /// Anything else, a bug included.
    case other
  }

  /// What to branch on.
  package let kind: Kind
  /// What was being done.
  package let operation: String
  /// What happened.
  package let message: String
  /// What to do.
  package let hint: String

  /// A failure of `operation`.
  package init(kind: Kind, operation: String, message: String, hint: String = "") {
    self.kind = kind
    self.operation = operation
    self.message = message
    self.hint = hint
  }

  /// One line: operation, message, hint.
  package var description: String {
    "store: \(operation): \(message)" + (hint.isEmpty ? "" : " (\(hint))")
  }

  /// Whether waiting may mend it without anyone doing anything to Millrace.
  package var isPassing: Bool { kind == .full || kind == .inputOutput }
}
