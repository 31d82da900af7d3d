extension Limits {
  // MARK: Syslog

  /// The largest message, in bytes, unless configured: the most that rsyslog takes without being
  /// told to take more, a little less than the 8192 bytes that RFC 5425 wishes for.
  package static let syslogMessageBytes = 8096
  /// The bounds of what may be configured: RFC 5424 has every receiver take 480 bytes, which no
  /// event fits; and a batch has to be cut into messages in memory.
  package static let syslogMessageBytesRange = 1 << 10...1 << 20
  /// The largest message over UDP: a datagram of IPv4 less its headers (RFC 5426, section 3.2).
  package static let syslogDatagramBytesMax = 65_507
  /// Bytes that are written at once, and dropped from the window at once.
  package static let syslogChunkBytes = 128 << 10
  /// Bytes of the last deliveries kept for sending again, unless configured: more than a Linux
  /// receiver's kernel holds unread by default (net.ipv4.tcp_rmem, 6 MiB).
  package static let syslogResendBytes = 8 << 20
  /// The most that may be configured for it.
  package static let syslogResendBytesMax = 1 << 30
  /// How long they are kept, unless configured: a receiver that still has in memory what it read a
  /// minute ago is in deeper trouble than a restart.
  package static let syslogResendTime: Duration = .seconds(60)
  /// How often a sink with bytes in its window looks whether the receiver is still there.
  package static let syslogLookInterval: Duration = .seconds(1)
  /// How long a new connection through TLS is watched before a delivery over it counts: a receiver
  /// that refuses a certificate says so only after the handshake (RFC 8446, appendix E.3 and
  /// section 4.4.2.4), and what was written until then is lost.
  package static let syslogTrial: Duration = .milliseconds(300)
  /// The longest trial. It doubles with each connection that ends young, so that a receiver that
  /// ends every connection does not look like one that takes everything.
  package static let syslogTrialMax: Duration = .seconds(30)
  /// A connection that ends this soon ended young.
  package static let syslogYouth: Duration = .seconds(2)
  /// How long the receiver has to end a connection from its side when a sink is closed.
  package static let syslogFarewell: Duration = .seconds(5)
  /// The deepest nesting at which a JSON text is cut.
  package static let syslogCutDepthMax = 64
}
