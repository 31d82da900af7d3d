import MillraceCore
package import MillraceHTTP

/// How bodies are packed (`Content-Encoding`).
package enum BodyCoding: String, CaseIterable, Sendable {
  case none
  case gzip
  case zstd
}

/// What all sinks that speak HTTP are told.
package struct HTTPSinkOptions: Sendable {
  /// The sink's name.
  package var name: String
  /// Where the receiver is: URLs without a slash at their end, tried in turn; at least one.
  package var origins: [String]
  /// Whom to trust at the other end, and who we are to it.
  package var peer: HTTPPeer?
  /// How bodies are packed.
  package var coding: BodyCoding = .none
  /// The most events of one request.
  package var eventsMax = Limits.requestEventsDefault
  /// The most bytes of one request's body, before it is packed.
  package var bytesMax = Limits.requestBodyBytesDefault
  /// The most requests under way at once. With one the receiver gets events in the log's order.
  package var concurrency = Limits.sinkConcurrencyDefault
  /// How long one request may take.
  package var timeout = Limits.sinkRequestTimeout
  /// Who asks: header fields, secrets among them, read anew for each request.
  package var identity: RequestIdentity = { [] }
  /// The `User-Agent` of requests.
  package var userAgent = "millrace"

  /// The options of a sink, as they are unless configured.
  package init(name: String, origins: [String]) {
    precondition(!origins.isEmpty, "a receiver is somewhere")
    self.name = name
    self.origins = origins
  }
}
