import MillraceCore
import MillraceCrypto
import MillraceRuntime
import Synchronization

/// Checks client assertions as the login service does: signature, thumbprint, audience, times,
/// and that none is used twice (Microsoft identity platform, "Application authentication
/// certificate credentials" and "Workload identity federation").
final class AssertionVerifier: Sendable {
  /// How far clocks may be apart.
  static let skew: Duration = .seconds(300)

  private let issuer: SimulatedIssuer
  private let clock: any WallClock
  /// The `jti` of assertions that were accepted, with their ends.
  private let used = Mutex<[String: Int64]>([:])

  init(issuer: SimulatedIssuer, clock: any WallClock) {
    self.issuer = issuer
    self.clock = clock
  }

  /// Accepts an assertion or says why not.
  ///
  /// - Parameter endpoint: the URL that was asked, without its scheme.
  func check(
    _ assertion: String, options: SimulatedTenantOptions, endpoint: String
  ) throws(LoginRefusal) {
    guard let token = SignedToken(assertion) else {
      throw LoginRefusal(50_027, "JWT token is invalid or malformed.")
    }
    if token.claims.iss.lowercased() == options.clientID.lowercased() {
      try checkOwn(token, options: options, endpoint: endpoint)
    } else {
      try checkForeign(token, options: options)
    }
  }

  // MARK: Signed by the application

  private func checkOwn(
    _ token: SignedToken, options: SimulatedTenantOptions, endpoint: String
  ) throws(LoginRefusal) {
    guard token.claims.sub.lowercased() == options.clientID.lowercased() else {
      throw LoginRefusal(50_048, "Subject must match Issuer claim in the client assertion.")
    }
    guard let certificate = certificate(of: token, among: options.certificates),
      let algorithm = token.algorithm,
      certificate.verifies(token.signature, of: token.signedBytes, algorithm: algorithm),
      certificate.notBefore <= now, now < certificate.notAfter
    else {
      throw LoginRefusal(
        700_027,
        "The certificate with identifier used to sign the client assertion is not "
          + "registered on application, has expired, or did not make this signature.")
    }
    let audiences = ["http://", "https://"].map { $0 + endpoint }
    guard audiences.contains(token.claims.aud) else {
      throw LoginRefusal(
        50_012, "Client assertion contains an invalid audience '\(token.claims.aud)'.")
    }
    try checkTimes(token)
    guard let id = token.claims.jti, !id.isEmpty else {
      throw LoginRefusal(50_027, "The client assertion has no 'jti'.")
    }
    let isFresh = used.withLock { used in
      if used.count >= 10_000 { used = used.filter { $0.value > now } }
      return used.updateValue(token.claims.exp, forKey: id) == nil
    }
    guard isFresh else { throw LoginRefusal(50_013, "The client assertion was used before.") }
  }

  /// The registered certificate that the header names: SHA-256 under `x5t#S256`, SHA-1 under `x5t`.
  private func certificate(of token: SignedToken, among registered: [String]) -> Certificate? {
    for text in registered {
      guard let certificate = try? Certificate(pem: Array(text.utf8)) else { continue }
      if let named = token.header.x5tSHA256 {
        if Base64URL.decoded(named) == certificate.thumbprintSHA256 { return certificate }
      } else if let named = token.header.x5t,
        Base64URL.decoded(named) == certificate.thumbprintSHA1
      {
        return certificate
      }
    }
    return nil
  }

  // MARK: Signed by an outside issuer

  private func checkForeign(
    _ token: SignedToken, options: SimulatedTenantOptions
  ) throws(LoginRefusal) {
    let claims = token.claims
    let ofIssuer = options.federations.filter { $0.issuer == claims.iss }
    guard !ofIssuer.isEmpty else {
      throw LoginRefusal(
        700_211,
        "No matching federated identity record found for presented assertion issuer "
          + "'\(claims.iss)'.")
    }
    let ofSubject = ofIssuer.filter { $0.subject == claims.sub }
    guard !ofSubject.isEmpty else {
      let differsInCase = ofIssuer.contains { $0.subject.lowercased() == claims.sub.lowercased() }
      throw LoginRefusal(
        differsInCase ? 7_002_138 : 700_213,
        "No matching federated identity record found for presented assertion subject "
          + "'\(claims.sub)'.")
    }
    guard ofSubject.contains(where: { $0.audience == claims.aud }) else {
      throw LoginRefusal(
        700_212,
        "No matching federated identity record found for presented assertion audience "
          + "'\(claims.aud)'.")
    }
    guard issuer.signed(token) else {
      throw LoginRefusal(50_013, "Assertion failed signature validation.")
    }
    try checkTimes(token)
  }

  // MARK: Times

  private var now: Int64 { clock.now().milliseconds / 1000 }

  private func checkTimes(_ token: SignedToken) throws(LoginRefusal) {
    let skew = Self.skew.components.seconds
    let start = token.claims.nbf ?? 0
    guard start <= now + skew, now - skew < token.claims.exp else {
      throw LoginRefusal(
        700_024,
        "Client assertion is not within its valid time range. Current time: "
          + "\(clock.now()), assertion valid from \(time(start)), expiry time of assertion "
          + "\(time(token.claims.exp)).")
    }
  }

  private func time(_ seconds: Int64) -> String {
    Timestamp(milliseconds: min(max(seconds, 0), 253_402_300_799) * 1000).description
  }
}
