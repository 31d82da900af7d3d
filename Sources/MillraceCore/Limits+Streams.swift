extension Limits {
  // MARK: Connections of sinks

  /// How long a connection may take to come about, TLS included.
  package static let streamConnectTime: Duration = .seconds(10)
  /// How long a peer may take nothing at all before its connection is given up. Receivers stop
  /// reading while their own queues are full; a minute without a byte is more than that. It is also
  /// how long the kernel waits for an acknowledgement (TCP_USER_TIMEOUT).
  package static let streamStallTime: Duration = .seconds(60)
  /// How long what waits for a peer goes on waiting once Millrace is told to stop.
  package static let streamFarewell: Duration = .seconds(2)
  /// How often what waits for a peer looks whether it is told to stop.
  package static let streamGlance: Duration = .milliseconds(200)
  /// The head start of one address of a host over the next (RFC 8305, section 5).
  package static let streamHeadStart: Duration = .milliseconds(250)
  /// Seconds without a byte after which the kernel asks a peer whether it is still there, the
  /// seconds between such questions, and how many may stay without an answer.
  package static let streamKeepalive: (idle: Int32, interval: Int32, tries: Int32) = (60, 15, 4)
  /// The shortest and the longest time between two looks at what the peer has acknowledged.
  package static let streamAcknowledgementGlance: (Duration, Duration) =
    (.microseconds(200), .milliseconds(20))
  /// What a peer that ought to be silent may say between two looks, in bytes; the rest waits.
  package static let streamChatterMax = 256 << 10
}
