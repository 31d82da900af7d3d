import FoundationEssentials
package import MillraceCore

/// What a token says about itself; for diagnosis alone, as its signature is not checked
/// (Microsoft identity platform, "Access token claims reference").
package struct TokenClaims: Hashable, Sendable {
  /// The tenant, as `tid`.
  package let tenant: String?
  /// The API the token is for, as `aud`.
  package let audience: String?
  /// Application permissions, as `roles`; empty when none was granted or consented to.
  package let roles: [String]
  /// Delegated permissions, as `scp`.
  package let scopes: [String]
  /// The end of its life by the issuer's clock, as `exp`.
  package let expires: Timestamp?

  /// Decodes the payload of a JSON Web Token (RFC 7519); nil for a token of another form.
  package init?(token: String) {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let payload = TokenClaims.bytes(base64URL: parts[1]),
      let members = JSONValue(payload), members.object != nil
    else { return nil }
    tenant = members["tid"]?.string
    audience = members["aud"]?.string
    roles = members["roles"]?.array?.compactMap(\.string) ?? []
    scopes = members["scp"]?.string?.split(separator: " ").map(String.init) ?? []
    // A time beyond the year 9999 is no time.
    expires = members["exp"]?.integer.flatMap {
      (0..<253_402_300_800).contains($0) ? Timestamp(milliseconds: Int64($0) * 1000) : nil
    }
  }

  /// Whether the token carries `ActivityFeed.Read`, which everything needs.
  package var canReadActivity: Bool { has("ActivityFeed.Read") }

  /// Whether the token carries `ActivityFeed.ReadDlp`, which `DLP.All` needs.
  package var canReadDLP: Bool { has("ActivityFeed.ReadDlp") }

  private func has(_ permission: String) -> Bool {
    (roles + scopes).contains { $0.lowercased() == permission.lowercased() }
  }

  private static func bytes(base64URL text: Substring) -> Data? {
    var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    return Data(base64Encoded: String(base64))
  }
}

/// A bearer token and when to replace it. It prints as a placeholder, whatever prints it.
package struct AccessToken: Hashable, Sendable, CustomStringConvertible,
  CustomDebugStringConvertible, CustomReflectable
{
  /// What goes into the `Authorization` header, and nowhere else.
  package let value: String
  /// When it arrived, by the local clock.
  package let received: Timestamp
  /// When it ends, by the local clock: a remote one is not trusted for it.
  package let expires: Timestamp
  /// When to ask for its successor.
  package let refresh: Timestamp
  /// What it says about itself; nil when it is opaque.
  package let claims: TokenClaims?

  /// A token with `life` left when it arrived at `received`.
  package init(value: String, received: Timestamp, life: Duration) {
    self.value = value
    self.received = received
    expires = received + life
    refresh = expires - min(Limits.tokenRefreshMargin, life / 10)
    claims = TokenClaims(token: value)
  }

  /// Whether the token may be used at `now`. A clock that was set back makes that unknown: no.
  package func isUsable(at now: Timestamp) -> Bool {
    received <= now && now < expires
  }

  /// Whether the token may be used at `now` and need not be replaced yet.
  package func isFresh(at now: Timestamp) -> Bool {
    isUsable(at: now) && now < refresh
  }

  package var description: String { "[token, expires \(expires)]" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
