import MillraceCore
import MillraceCrypto
import MillraceRuntime
import Synchronization

/// Every outside issuer of a simulation: one key signs for all of them.
final class SimulatedIssuer: Sendable {
  private let made = Mutex<EphemeralKey?>(nil)
  private let count = Mutex<UInt64>(0)
  private let clock: any WallClock

  init(clock: any WallClock) {
    self.clock = clock
  }

  /// Made when it is first needed, as most simulations do without.
  private var key: EphemeralKey {
    made.withLock { made in
      if let made { return made }
      let key = EphemeralKey()
      made = key
      return key
    }
  }

  /// A signed token (RFC 7519) with these claims.
  func token(_ identity: SimulatedFederation, life: Duration = .seconds(3600)) -> String {
    let number = count.withLock { count in
      count += 1
      return count
    }
    let now = clock.now().milliseconds / 1000
    let claims = [
      ("iss", Answers.quoted(identity.issuer)), ("sub", Answers.quoted(identity.subject)),
      ("aud", Answers.quoted(identity.audience)), ("iat", "\(now)"), ("nbf", "\(now)"),
      ("exp", "\(now + life.components.seconds)"),
      ("jti", Answers.quoted(guidText(scrambled(number)))),
    ].map { "\"\($0)\":\($1)" }.joined(separator: ",")
    let unsigned = [#"{"alg":"RS256","typ":"JWT","kid":"simulated"}"#, "{\(claims)}"]
      .map { Base64URL.encoded(Array($0.utf8)) }.joined(separator: ".")
    let signature = key.sign(Array(unsigned.utf8), algorithm: .rs256)
    return "\(unsigned).\(Base64URL.encoded(signature))"
  }

  /// Whether a token was signed here.
  func signed(_ token: SignedToken) -> Bool {
    token.algorithm == .rs256
      && key.verifies(token.signature, of: token.signedBytes, algorithm: .rs256)
  }
}
