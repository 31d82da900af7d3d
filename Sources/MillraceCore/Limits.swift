/// Every bound of Millrace, each with its unit and the reason for its size.
///
/// A bound that has no place here is a bug: queues, bodies, batches and waits all end somewhere.
package enum Limits {
  // MARK: Listing (Activity API reference, "List available content")

  /// The widest window asked for. 24 h is documented, exactly 24 h has been refused.
  package static let windowWidth: Duration = .seconds(23 * 3600)
  /// How far back a window may start. Seven days are documented; starts at exactly seven days
  /// fail by the seconds a request takes.
  package static let windowReach: Duration = .seconds(7 * 86_400 - 15 * 60)
  /// How far behind the service's now a window ends, as blobs appear a little late.
  package static let windowGuard: Duration = .seconds(60)
  /// The narrowest window worth a request.
  package static let windowWidthMin: Duration = .seconds(1)
  /// How much before the cursor each poll lists again: blobs that appear a little late are found
  /// at once, and known ones cost nothing but their line in the answer.
  package static let listingOverlap: Duration = .seconds(600)
  /// How often everything still alive is listed again.
  package static let sweepInterval: Duration = .seconds(86_400)
  /// Pages of one window after which the paging is taken for a loop.
  package static let listingPagesMax = 10_000
  /// How often a window is tried before the whole poll begins anew, which asks for the subscription
  /// and makes the windows again.
  package static let windowTriesMax = 4
  /// The least time between two starts of one subscription.
  package static let subscriptionStartInterval: Duration = .seconds(15 * 60)

  // MARK: Requests

  /// The largest blob accepted, in bytes after decompression. A larger one becomes a dead letter
  /// that says so; it is never cut.
  package static let blobBytesMax = 4 << 30
  /// The largest listing page, token or subscription answer, in bytes.
  package static let answerBytesMax = 16 << 20
  /// How much of an unusable answer is kept for its error message, in bytes.
  package static let answerExcerptBytesMax = 1024
  /// The largest blob held in memory, in bytes. A larger one goes to a file while it arrives, and
  /// into the log in parts, so that memory is bounded whatever the service hands out.
  package static let ordinaryBlobBytesMax = 4 << 20
  /// The longest a blob is ever postponed: the longest wait the service may ask for and its jitter.
  package static let postponementMax: Duration = .seconds(30 * 3600)
  /// Blobs fetched at the same time, for one tenant.
  package static let fetchesPerTenantMax = 8
  /// Bytes of bodies being fetched or waiting to be committed, over all tenants.
  package static let fetchedBytesInFlightMax = 32 << 20
  /// Refusals of a blob's id (AF20052) after which it becomes a dead letter: about four hours.
  package static let contentIDRefusalsMax = 12
  /// The least wait honoured when the service asks for one: asking for none at all, or for a moment
  /// that has passed, must not turn into a loop without a pause.
  package static let retryAfterMin: Duration = .seconds(1)

  // MARK: Store

  /// Writes put into one transaction, so that one fsync serves them all.
  package static let writesPerTransactionMax = 256
  /// Bytes of one row of a blob's body, before compression.
  package static let bodyChunkBytes = 1 << 20
  /// The smallest row worth compressing, in bytes.
  package static let compressedBytesMin = 1 << 10
  /// Where a huge blob is cut into parts, in bytes: behind the record that reaches it.
  package static let partBytes = 1 << 20
  /// The largest part, in bytes; what has no end of a record in it is cut anywhere.
  package static let partBytesMax = recordBytesMax + partBytes

  // MARK: Events

  /// The largest single value of an input stream, in bytes.
  package static let inputValueBytesMax = 64 << 20

  /// The deepest nesting of a record. Real ones reach six.
  package static let recordDepthMax = 128
  /// The largest record that becomes an event, in bytes; a larger one becomes a dead letter.
  package static let recordBytesMax = 16 << 20

  // MARK: Replay and dead letters

  /// Rows of the log that are looked at in one read for a replay, so that others read in between.
  package static let replayRowsPerRead = 4096
  /// The highest rate a replay may be given, in events a second.
  package static let replayRateMax = 1_000_000
  /// Dead letters that are retried or dropped in one transaction.
  package static let deadLettersPerWrite = 64
  /// Bytes of dead letters that are entered into the log again in one transaction.
  package static let deadLetterBytesPerWrite = 4 << 20

  // MARK: Delivery

  /// Raw bytes of content kept in memory after their commit, so that the index step and sinks that
  /// keep up need not read them back.
  package static let recentBytesMax = 12 << 20
  /// Raw bytes one worker encodes at a time; a larger blob is cut between records.
  package static let sliceBytes = 1 << 20
  /// Raw bytes of one wave of slices, encoded together and delivered in order.
  package static let waveBytes = 2 << 20
  /// Bodies decided in one index commit.
  package static let indexGroupMax = 64

  /// Events of one batch to a sink.
  package static let batchEventsMax = 10_000
  /// Encoded bytes of one batch to a sink.
  package static let batchBytesMax = 4 << 20
  /// Buffers of that size that lie ready for the next batches, over all sinks.
  package static let idleBuffersMax = 4
  /// Files a file sink keeps open.
  package static let openFilesMax = 64

  /// Relations between bounds that the code relies on; checked once at start.
  package static func assertRelations() {
    precondition(windowWidth < .seconds(86_400), "a window stays under 24 h")
    precondition(windowReach < .seconds(7 * 86_400), "a window starts under seven days back")
    precondition(windowWidthMin < windowWidth, "windows have room")
    precondition(retryAfterMin < retryAfterMax, "waits have room")
    precondition(retryAfterMax < windowReach, "a wait ends before content expires")
    precondition(retryAfterMax * 1.2 < postponementMax, "a wait is a possible postponement")
    precondition(ordinaryBlobBytesMax <= blobBytesMax, "large blobs are larger than ordinary ones")
    precondition(recordBytesMax <= blobBytesMax, "a record fits into a blob")
    precondition(bodyChunkBytes <= blobBytesMax, "a chunk fits into a blob")
    precondition(sliceBytes <= waveBytes, "a slice fits into a wave")
    precondition(recordBytesMax < partBytesMax, "a record fits into a part")
  }
}
