package import MillraceCore

/// A place events go.
///
/// A sink knows no store. Whoever delivers reads with the sink's cursor and moves it only after
/// `deliver` said durable, in one transaction with the receipt. Calls never overlap:
///
/// ```
/// open ──► deliver ──► (transaction: cursor + receipt) ──► committed ──► deliver …  ──► close
///             │ throws: nothing of the batch counts; deliver the same lines again later
///             └ the transaction failed: read the cursor again, deliver from there
/// ```
package protocol Sink: Sendable {
  /// The name from the configuration: the sink's identity.
  var name: String { get }

  /// Brings the outside into agreement with what was committed. Called before the first delivery,
  /// and again after it threw.
  func open(ledger: any SinkLedger) async throws(SinkError)

  /// Delivers all lines; when it returns, they are durable at the receiver, or named in the receipt
  /// as refused for good. The receipt is to be committed together with the cursor. When it throws,
  /// none of the lines counts as delivered.
  func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt

  /// Called after the receipt and the cursor are committed.
  func committed(_ receipt: SinkReceipt) async

  /// Lets go of descriptors and connections. What was delivered stays as it is.
  func close() async
}

/// What a sink must have remembered durably; kept by the store, under the sink's name.
package protocol SinkLedger: Sendable {
  /// The files entered and not retired since, with their committed lengths.
  func files() async throws(SinkError) -> [SinkFile]

  /// Commits `file` before it returns: a file is entered before its first byte is written. It
  /// takes the place of an earlier entry with the same device and inode, and is not finished any
  /// more.
  func enter(_ file: SinkFile) async throws(SinkError)

  /// The oldest finished files beyond what is kept at a moment, at most `limit` of them.
  func finishedFiles(
    beyond retention: FileRetention, at moment: Timestamp, limit: Int
  ) async throws(SinkError) -> [FinishedFile]

  /// Forgets finished files, which are gone, or not the sink's any more.
  func forgetFinished(_ files: [FinishedFile]) async throws(SinkError)
}

/// A ledger for sinks that remove nothing need not remember what they finished.
extension SinkLedger {
  /// None.
  package func finishedFiles(
    beyond retention: FileRetention, at moment: Timestamp, limit: Int
  ) async throws(SinkError) -> [FinishedFile] { [] }

  /// Nothing to forget.
  package func forgetFinished(_ files: [FinishedFile]) async throws(SinkError) {}
}

/// What a delivery changed, to be committed together with the cursor.
package struct SinkReceipt: Hashable, Sendable {
  /// The files written to, with their new lengths. Each takes the place of the entry with its
  /// device and inode.
  package var files: [SinkFile]
  /// Entries to remove, by device and inode: files that were renamed, deleted or not used for
  /// long. None of them is among `files`. Nothing uncommitted can stand in them, so nothing has
  /// to be remembered; should one be needed again, it is entered again.
  package var retired: [SinkFile]
  /// Files the sink is done with, to be remembered until they are removed: only where it removes
  /// any.
  package var finished: [SinkFile]
  /// Events of the batch that the receiver will never accept. Each becomes a dead letter; the rest
  /// of the batch is durable.
  package var refused: [RefusedEvent]

  /// A receipt; an empty one when a sink has nothing to remember.
  package init(
    files: [SinkFile] = [], retired: [SinkFile] = [], finished: [SinkFile] = [],
    refused: [RefusedEvent] = []
  ) {
    self.files = files
    self.retired = retired
    self.finished = finished
    self.refused = refused
  }
}

/// An event that a receiver will never accept, however often it is sent.
package struct RefusedEvent: Hashable, Sendable {
  /// Which event of the batch: its line's place in the log.
  package let position: LogPosition
  /// The receiver's words, for an operator; never empty, and without secrets.
  package let reason: String

  /// A refused event.
  package init(position: LogPosition, reason: String) {
    precondition(!reason.isEmpty, "a refusal has a reason")
    self.position = position
    self.reason = reason
  }
}
