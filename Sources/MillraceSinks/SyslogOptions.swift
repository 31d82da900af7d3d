import MillraceCore
package import MillraceStreams

/// How a syslog sink is set up.
package struct SyslogOptions: Sendable {
  /// How the receiver is spoken to.
  package enum Transport: Hashable, Sendable {
    case udp(Endpoint)
    case tcp(Endpoint)
    case tls(Endpoint, TLSSettings)
    /// A socket of this machine, stream or datagram, whichever it is.
    case unix(path: String)
  }

  /// How messages are told apart in a stream (RFC 6587, RFC 5425). Datagrams need nothing.
  package enum Framing: Hashable, Sendable {
    /// The length in bytes and a blank before each message.
    case octetCounting
    /// A line feed behind each message.
    case newline
  }

  /// What becomes of a message that is larger than allowed.
  package enum Oversize: Hashable, Sendable {
    /// Several messages with the same header.
    case split
    /// The beginning, and a mark that something is missing.
    case truncate
    /// A dead letter.
    case deadLetter
  }

  /// How the receiver is spoken to.
  package var transport: Transport
  /// How messages are told apart in a stream.
  package var framing: Framing
  /// The largest message, in bytes, framing aside.
  package var messageBytesMax = Limits.syslogMessageBytes
  /// What becomes of a larger one.
  package var oversize = Oversize.truncate
  /// Whether a text that is not ASCII alone begins with a byte order mark (RFC 5424, section 6.4).
  package var marksUTF8 = true
  /// Whether texts are JSON objects, which stay such when they are cut.
  package var isJSON = true
  /// The number in the name of the element that numbers the parts of a message that was split.
  package var enterprise = 32473
  /// Bytes of what was delivered last that are kept, to be sent again when the connection ends
  /// unasked; 0 for none.
  package var resendBytes = Limits.syslogResendBytes
  /// How long they are kept at most.
  package var resendTime = Limits.syslogResendTime
  /// How long the receiver may take nothing.
  package var stallTime = Limits.streamStallTime
  /// How long a connection may take to come about.
  package var connectTime = Limits.streamConnectTime

  /// The defaults.
  package init(transport: Transport, framing: Framing) {
    self.transport = transport
    self.framing = framing
  }
}
