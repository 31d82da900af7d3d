/// The bounds of sinks that speak HTTP.
extension Limits {
  /// Events of one request, unless configured: what receivers' own manuals recommend to start with.
  package static let requestEventsDefault = 1000
  /// Encoded bytes of one request before compression, unless configured: proxies and receivers
  /// commonly refuse more than one megabyte or somewhat above.
  package static let requestBodyBytesDefault = 1 << 20
  /// Requests under way at once to one receiver, unless configured, and at most. Each holds its
  /// body in memory twice, once for the library.
  package static let sinkConcurrencyDefault = 4
  /// The most that can be configured.
  package static let sinkConcurrencyMax = 32
  /// How long a request of a sink may take, unless configured: indexing may be slow, and a receiver
  /// that hangs longer is better asked again.
  package static let sinkRequestTimeout: Duration = .seconds(60)
  /// The largest answer of a receiver that is read: one word or two for each of 10 000 events.
  package static let sinkAnswerBytesMax = 16 << 20
  /// A receiver's size limit that was found by its refusals is not taken for smaller than this.
  package static let learntBodyBytesMin = 16 << 10
  /// Requests that went well until a limit found by refusals is doubled, as it may have been a
  /// proxy's mood.
  package static let learntBodyPatience = 64
  /// So many refusals of single events, with none accepted, say that the receiver is not set up for
  /// these events: a person must act before they all become dead letters.
  package static let refusalsUnprovenMax = 16
  /// What is under way when the collector stops may take this long to be answered, so that it does
  /// not have to be sent again.
  package static let sinkStopGrace: Duration = .seconds(5)
  /// The first wait for an acknowledgement of Splunk's indexers, doubled up to the longest: the
  /// manual asks senders not to poll all the time.
  package static let acknowledgementFirstWait: Duration = .milliseconds(250)
  /// The longest wait between two questions for an acknowledgement.
  package static let acknowledgementMostWait: Duration = .seconds(5)
  /// After this the manual has senders send again: an indexer that died acknowledges nothing.
  package static let acknowledgementPatience: Duration = .seconds(300)
  /// The most bytes of one call to the Logs Ingestion API before compression: 1 MB, which leaves it
  /// open whether a million or a mebibyte is meant.
  package static let sentinelBodyBytesMax = 1_000_000
  /// The longest `_id` of a document, in bytes (Elasticsearch reference, "_id field").
  package static let documentIDBytesMax = 512
}
