import MillraceConfiguration
import MillraceCore
import MillraceEvents
import MillraceSinks
import MillraceStore

/// A sink with what the pipeline must know about it.
struct Delivery: Sendable {
  let sink: any Sink
  var encoding: Encoding
  /// Where a sink begins that the store has never seen.
  var from: SinkConfiguration.Start
  let batchEventsMax: Int
  let batchBytesMax: Int
  /// The wait after the first failure, and the longest one.
  let retryFirst: Duration
  let retryMost: Duration
  /// How long a batch is tried before its events become dead letters; nil for ever.
  var giveUpAfter: Duration?
  /// How long an event waits for others after a batch that was not full.
  var linger: Duration = .zero

  /// Where it begins when the store has never seen it.
  func start(in store: Store) async throws(StoreError) -> LogPosition {
    try await from.position(in: store)
  }

  /// How long to wait after the failure of attempt `attempt`.
  ///
  /// - Parameters:
  ///   - asked: what the receiver asks for, if it does.
  ///   - jitter: 0 up to 1.
  func wait(beforeRetry attempt: Int, atLeast asked: Duration?, jitter: Double) -> Duration {
    let wait = RetryPolicy.backoff(
      base: retryFirst, ceiling: retryMost, attempt: attempt, jitter: jitter)
    return max(wait, min(asked ?? .zero, max(retryMost, Limits.receiverWaitMax)))
  }

  /// Whether a batch is large enough that waiting for more would save little.
  func isFull(_ batch: EventBatch) -> Bool {
    batch.lines.count * 2 >= batchEventsMax || batch.bytes.count * 2 >= batchBytesMax
  }

  /// What its batches look like.
  var shape: BatchShape {
    BatchShape(encoding: encoding, eventsMax: batchEventsMax, bytesMax: batchBytesMax)
  }
}

extension SinkConfiguration.Start {
  /// Where a sink that begins now begins in a store.
  func position(in store: Store) async throws(StoreError) -> LogPosition {
    switch self {
    case .oldest: .start
    case .now: LogPosition(sequence: try await store.logExtent().last + 1)
    case .time(let time):
      LogPosition(sequence: try await store.firstSequence(createdSince: time))
    }
  }
}

/// What a sink wants of its events.
struct Encoding: Sendable {
  var format: EventFormat
  var raw: RawAttachment
  /// Knows where addresses are; nil leaves that out.
  var places: (any PlaceFinder)?
  /// What stands before each event, for syslog.
  var header: SyslogHeader?
  /// Which events the sink gets; nil for all.
  var filter: EventFilter?
  /// What the sink must know of each event beside its bytes.
  var facts: EventFacts = []
  /// Replaces what events say of people; nil leaves them as they are.
  var pseudonyms: (any Pseudonymizer)?
  /// What every event carries in `labels`.
  var labels: EventLabels?

  /// An encoder of such events, for one worker.
  func encoder() -> EventEncoder {
    EventEncoder(
      format: format, raw: raw, places: places, header: header, filter: filter, facts: facts,
      pseudonyms: pseudonyms, labels: labels)
  }
}
