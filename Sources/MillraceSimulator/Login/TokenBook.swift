import MillraceCore
import MillraceCrypto
import MillraceRuntime
import Synchronization

/// The tokens that were issued and are good yet.
final class TokenBook: Sendable {
  /// What a token says.
  struct Grant: Sendable {
    let tenant: TenantID
    let clientID: String
    let roles: [String]
    let end: Timestamp
  }

  private struct State {
    var grants: [String: Grant] = [:]
    var count: UInt64 = 0
  }

  private let state = Mutex(State())
  private let clock: any WallClock

  init(clock: any WallClock) {
    self.clock = clock
  }

  /// Issues a token that no other equals. It has the shape and the claims of the service's own
  /// (Get started with Office 365 Management APIs, "Sample token"); its signature is no real one.
  func issue(
    tenant: TenantID, clientID: String, roles: [String], lifetime: Duration, assertion: Bool
  ) -> String {
    let now = clock.now()
    let end = now + lifetime
    let number = state.withLock { state in
      state.count += 1
      return state.count
    }
    let principal = guidText(stableHash(tenant.description + clientID))
    let issuer = "https://sts.windows.net/\(tenant)/"
    let roleList = roles.map { "\"\($0)\"" }.joined(separator: ",")
    let claims = [
      #""aud":"https://manage.office.com""#, #""iss":"\#(issuer)""#,
      #""iat":\#(seconds(now))"#, #""nbf":\#(seconds(now))"#, #""exp":\#(seconds(end))"#,
      #""appid":"\#(clientID)""#, #""appidacr":"\#(assertion ? 2 : 1)""#,
      #""idp":"\#(issuer)""#, #""oid":"\#(principal)""#,
      roles.isEmpty ? nil : #""roles":[\#(roleList)]"#,
      #""sub":"\#(principal)""#, #""tid":"\#(tenant)""#,
      #""uti":"\#(guidText(scrambled(number)))""#, #""ver":"1.0""#,
    ].compactMap(\.self).joined(separator: ",")
    let header = #"{"typ":"JWT","alg":"RS256","x5t":"simulated","kid":"simulated"}"#
    var signature = SeededGenerator(seed: number)
    let token = [
      Array(header.utf8), Array("{\(claims)}".utf8),
      (0..<256).map { _ in UInt8(truncatingIfNeeded: signature.next()) },
    ].map(Base64URL.encoded).joined(separator: ".")
    state.withLock { state in
      // A client that asks for a token each second must not make the book grow without end.
      if state.grants.count >= 10_000 { state.grants = state.grants.filter { $0.value.end > now } }
      state.grants[token] = Grant(
        tenant: tenant, clientID: clientID, roles: roles, end: end)
    }
    return token
  }

  /// The grant behind an Authorization header; nil when it has none that is good.
  func grant(for authorization: String?) -> Grant? {
    guard let token = token(in: authorization) else { return nil }
    let now = clock.now()
    return state.withLock { state in
      guard let grant = state.grants[token], grant.end > now else { return nil }
      return grant
    }
  }

  /// Makes the token of an Authorization header useless.
  func revoke(_ authorization: String?) {
    guard let token = token(in: authorization) else { return }
    state.withLock { $0.grants[token] = nil }
  }

  private func token(in authorization: String?) -> String? {
    guard let parts = authorization?.split(separator: " ", maxSplits: 1), parts.count == 2,
      parts[0].lowercased() == "bearer"
    else { return nil }
    return String(parts[1])
  }

  private func seconds(_ time: Timestamp) -> Int64 { time.milliseconds / 1000 }
}
