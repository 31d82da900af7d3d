import FoundationEssentials
import MillraceCrypto

/// A JSON Web Token, taken apart (RFC 7515, RFC 7519).
struct SignedToken {
  struct Header: Decodable {
    let alg: String
    let x5t: String?
    let x5tSHA256: String?

    enum CodingKeys: String, CodingKey {
      case alg
      case x5t
      case x5tSHA256 = "x5t#S256"
    }
  }

  struct Claims: Decodable {
    let iss: String
    let sub: String
    let aud: String
    let jti: String?
    let nbf: Int64?
    let exp: Int64
  }

  let header: Header
  let claims: Claims
  let signedBytes: [UInt8]
  let signature: [UInt8]

  var algorithm: SignatureAlgorithm? { SignatureAlgorithm(rawValue: header.alg) }

  /// Nil for what is no such token.
  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decoded(parts[0]),
      let claims = Base64URL.decoded(parts[1]), let signature = Base64URL.decoded(parts[2])
    else { return nil }
    do {
      self.header = try JSONDecoder().decode(Header.self, from: Data(header))
      self.claims = try JSONDecoder().decode(Claims.self, from: Data(claims))
    } catch {
      // Whatever is wrong with it, it is malformed.
      return nil
    }
    signedBytes = Array("\(parts[0]).\(parts[1])".utf8)
    self.signature = signature
  }
}
