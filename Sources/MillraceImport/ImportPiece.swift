package import MillraceCore

/// A part of an input, ready for the store: whole records of one feed.
///
/// The same input always gives the same pieces, so the store knows those it has by their digest.
package struct ImportPiece: Sendable {
  /// Whose records they are, and of which kind.
  package let feed: Feed
  /// A JSON array of the records, each as it stands in the input.
  package let body: PaddedBytes
  /// How many records it holds; 0 for a piece that keeps something broken.
  package let recordCount: Int
  /// What is broken about the one value it keeps; nil for a piece of records.
  package let fault: ImportFault?

  init(feed: Feed, body: PaddedBytes, recordCount: Int, fault: ImportFault? = nil) {
    self.feed = feed
    self.body = body
    self.recordCount = recordCount
    self.fault = fault
  }
}

/// Something in an input that cannot be imported as a record.
package struct ImportFault: Hashable, Sendable {
  /// The line of the input on which it begins, from 1.
  package let line: Int
  /// Why not, for an operator; holds nothing of the input's content.
  package let reason: String
  /// Whether its bytes are kept in the store, as a dead letter.
  package let isKept: Bool

  /// `line 7: not a JSON object`.
  package var description: String { "line \(line): \(reason)" }
}
