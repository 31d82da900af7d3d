/// Something that others did to a sink's output and that lowers what is promised: a person should
/// know of it, while delivery goes on.
package struct SinkProblem: Hashable, Sendable {
  /// What was found.
  package enum Kind: String, CaseIterable, Sendable {
    /// A file was cut to nothing (`copytruncate`): what was written between its copy and its cut is
    /// lost, and a delivery that was under way may be in the copy and is written again.
    case emptied
    /// A file is shorter than committed (an editor, a lost disk): bytes delivered are gone.
    case shrunk
    /// A file was deleted while it was written to.
    case deleted
    /// A file of the ledger is neither at its path nor elsewhere in its folder.
    case missing
    /// Bytes that were not this sink's stood behind the committed end, and were cut off.
    case foreignBytes
  }

  /// What was done.
  package let kind: Kind
  /// The file.
  package let path: String
  /// How many bytes are gone (`emptied`, `shrunk`, `deleted`, `missing`) or were cut off
  /// (`foreignBytes`).
  package let bytes: Int64

  /// A problem.
  package init(kind: Kind, path: String, bytes: Int64) {
    self.kind = kind
    self.path = path
    self.bytes = bytes
  }
}
