package import MillraceCore
import MillraceHTTP

/// Whoever gives out bearer tokens for one application and one API.
package protocol TokenIssuer: Sendable {
  /// A new token.
  ///
  /// Throws `ServiceFailure` of operation `.token`.
  func issue() async throws(ServiceFailure) -> AccessToken
}

extension ServiceFailure {
  /// A token that was not even asked for, as the credential could not be had.
  init(_ error: CredentialError) {
    self.init(
      operation: .token, kind: error.kind, message: "\(error.subject): \(error.message)",
      hint: error.hint)
  }
}

/// What the answers of all token endpoints have in common.
enum TokenAnswer {
  /// Whether a token can stand in a header field.
  static func isUsable(_ token: String) -> Bool {
    !token.isEmpty && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// How long a token is good for: `expires_in`, or else the time to `expires_on` by the answer's
  /// own date; at most a week.
  static func life(_ body: JSONValue?, _ response: HTTPResponse, now: Timestamp) -> Duration {
    if let seconds = body?["expires_in"]?.integer { return bounded(seconds) }
    if let end = body?["expires_on"]?.integer {
      let reference = response.header("Date").flatMap(HTTPDate.parse) ?? now
      return bounded(end - Int(reference.milliseconds / 1000))
    }
    return Limits.tokenLifeUnstated
  }

  private static func bounded(_ seconds: Int) -> Duration {
    .seconds(min(max(seconds, 0), 7 * 86_400))
  }
}
