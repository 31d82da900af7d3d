import MillraceCore
import MillraceEvents
import MillraceSinks
import MillraceStore

/// A sink with what the pipeline must know about it.
struct Delivery: Sendable {
  let sink: any Sink
  let encoding: Encoding
  /// Whether a sink that the store has never seen begins with what is fetched from now on, and not
  /// with the oldest content there is.
  let startsNow: Bool
  let batchEventsMax: Int
  let batchBytesMax: Int
  /// The wait after the first failure, and the longest one.
  let retryFirst: Duration
  let retryMost: Duration

  /// Where it begins when the store has never seen it.
  func start(in store: Store) async throws(StoreError) -> LogPosition {
    startsNow ? LogPosition(sequence: try await store.logExtent().last + 1) : .start
  }

  /// What its batches look like.
  var shape: BatchShape {
    BatchShape(encoding: encoding, eventsMax: batchEventsMax, bytesMax: batchBytesMax)
  }
}

/// What a sink wants of its events.
struct Encoding: Sendable {
  let format: EventFormat
  let raw: RawAttachment
  /// Knows where addresses are; nil leaves that out.
  var places: (any PlaceFinder)?
}
