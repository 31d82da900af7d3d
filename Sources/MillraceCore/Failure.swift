/// A call to the service that did not give what was asked for.
///
/// Made in one place (the source's reading of answers), decided upon in one place
/// (`RetryPolicy`). It never holds tokens, secrets or event bodies.
package struct ServiceFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done.
  package enum Operation: String, Sendable {
    case token
    case listSubscriptions = "list subscriptions"
    case startSubscription = "start subscription"
    case stopSubscription = "stop subscription"
    case listContent = "list content"
    case fetchContent = "fetch content"
  }

  /// What happened, by the service's own error code wherever it gives one: the HTTP status alone
  /// says little (a throttled call is answered 403 as well as 429).
  package enum Kind: String, CaseIterable, Sendable {
    /// AF429, or HTTP 429.
    case throttled
    /// HTTP 401 without a code: the token is missing, expired or not accepted.
    case tokenRefused
    /// AF10001, or a token without the role: the application lacks the permission.
    case permissionMissing
    /// The token endpoint refused the credential; an operator must replace it.
    case credentialRefused
    /// The configuration cannot be right (tenant, client, cloud, content type, parameter).
    case misconfigured
    /// "Tenant … does not exist": audit logging is switched off, or not yet on.
    case auditingOff
    /// AF20022: this application has not subscribed to the content type.
    case notSubscribed
    /// AF20023: the subscription is disabled, or not yet effective.
    case subscriptionDisabled
    /// AF20024: the answer to starting what is started; a success in disguise.
    case alreadyEnabled
    /// AF20030, AF20055: the window breaks a rule.
    case windowRefused
    /// AF20031: the page token is stale.
    case pageStale
    /// AF20050, or 404 on a blob: the content is gone.
    case contentMissing
    /// AF20051: the content is older than the service keeps it.
    case contentExpired
    /// AF20052: the content id is refused.
    case contentIDRefused
    /// A URL that does not lead to the configured API host; no token was sent there.
    case foreignOrigin
    /// The body arrived short, or not as its encoding promised.
    case truncated
    /// The body is larger than the stated limit.
    case tooLarge
    /// An answer of success whose body is not what was asked for.
    case malformed
    /// AF50000, 5xx, 408: the service's own trouble.
    case serviceTrouble
    /// No usable connection: DNS, TCP, TLS, timeout.
    case unreachable
    /// Paging that never ends or repeats itself.
    case pagingLoop
    /// The call was cancelled by us.
    case cancelled
    /// Any other refusal.
    case refused
  }

  /// The call that failed.
  package let operation: Operation
  /// What `RetryPolicy` decides by, together with the operation.
  package let kind: Kind
  /// The service's code, such as `AF20023` or `AADSTS7000215`, when it gave one.
  package let code: String?
  /// The HTTP status, when there was an answer.
  package let status: Int?
  /// What the service asked us to wait.
  package let retryAfter: Duration?
  /// What happened, in words for an operator; free of secrets.
  package let message: String
  /// What the operator can do about it; empty when nothing needs doing.
  package let hint: String

  /// A failure of `operation`.
  package init(
    operation: Operation, kind: Kind, code: String? = nil, status: Int? = nil,
    retryAfter: Duration? = nil, message: String, hint: String = ""
  ) {
    self.operation = operation
    self.kind = kind
    self.code = code
    self.status = status
    self.retryAfter = retryAfter
    self.message = message
    self.hint = hint
  }

  /// One line: operation, code or status, message, hint.
  package var description: String {
    var text = operation.rawValue
    // Some messages of the service begin with the code themselves.
    if let code, !message.hasPrefix(code) {
      text += ": " + code
    } else if code == nil, let status {
      text += ": HTTP \(status)"
    }
    text += ": " + message
    if !hint.isEmpty { text += " (" + hint + ")" }
    return text
  }
}
