extension Limits {
  // MARK: Requests over the network

  /// How long a connection may take to come about, name and TLS included.
  package static let requestConnectTimeout: Duration = .seconds(10)
  /// How long a request may stand still, before its first byte as well as between bytes.
  package static let requestIdleTimeout: Duration = .seconds(60)
  /// How long a request may take in all.
  package static let requestTotalTimeout: Duration = .seconds(600)
  /// How long a token request may take in all; its answer is a few kilobytes.
  package static let tokenRequestTimeout: Duration = .seconds(60)
  /// Requests under way to one host at the same time; others wait for their turn.
  package static let requestsPerHostMax = 16
  /// The largest head of an answer, in bytes, all of its header lines together.
  package static let answerHeadBytesMax = 256 << 10
  /// The most memory reserved on the word of a Content-Length, in bytes; beyond it a body's
  /// buffer grows with what really arrives.
  package static let bodyReserveBytesMax = 8 << 20
  /// The largest body of an answer that is parsed in search of an error, in bytes.
  package static let errorBodyBytesMax = 1 << 20
  /// The longest wait a `Retry-After` may ask for; longer ones are cut to it.
  package static let retryAfterMax: Duration = .seconds(86_400)

  // MARK: Tokens

  /// A token is renewed this long before its end, or a tenth of its life, whichever is shorter.
  package static let tokenRefreshMargin: Duration = .seconds(300)
  /// The life assumed of a token whose answer does not state one.
  package static let tokenLifeUnstated: Duration = .seconds(300)
  /// While a token is still good, the least time between two tries to renew it early.
  package static let tokenRefreshInterval: Duration = .seconds(15)

  // MARK: Credentials

  /// How long a signed assertion is good for. Five to ten minutes are recommended; the longer one
  /// forgives a clock that is late.
  package static let assertionLife: Duration = .seconds(600)
  /// How long before now an assertion begins, as clocks run ahead a little. A service's clock that
  /// differs by less is no reason to correct ours.
  package static let assertionHeadStart: Duration = .seconds(60)
  /// How long before its end a certificate or secret is warned about: time for a person to be back
  /// from a holiday, and for a change to be approved.
  package static let credentialExpiryWarning: Duration = .seconds(30 * 86_400)
  /// How often the ends of all credentials are looked at.
  package static let credentialWatchInterval: Duration = .seconds(86_400)
  /// The largest file of a certificate, a key or a token, in bytes.
  package static let credentialFileBytesMax = 1 << 20
  /// How long a connection to this machine's own identity endpoint may take to come about: where
  /// there is none, nobody answers.
  package static let identityConnectTimeout: Duration = .seconds(5)
}
