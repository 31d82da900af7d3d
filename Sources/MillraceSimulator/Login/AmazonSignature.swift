import MillraceCrypto
import MillraceHTTP

/// The check of a request's signature as Amazon's services make it (AWS General Reference,
/// "Signature Version 4").
enum AmazonSignature {
  /// Whether a request was signed for `service` with the simulated keys.
  static func accepts(_ request: ServerRequest, service: String) -> Bool {
    guard let authorization = request.header("Authorization"),
      authorization.hasPrefix("AWS4-HMAC-SHA256 "), let time = request.header("X-Amz-Date")
    else { return false }
    var fields: [String: String] = [:]
    for field in authorization.dropFirst("AWS4-HMAC-SHA256 ".count).split(separator: ",") {
      let parts = field.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { return false }
      fields[String(parts[0].drop { $0 == " " })] = String(parts[1])
    }
    let scope = (fields["Credential"] ?? "").split(separator: "/").map(String.init)
    guard scope.count == 5, scope[0] == SimulatedPlatform.awsAccessKeyID,
      time.hasPrefix(scope[1]), scope[3] == service, scope[4] == "aws4_request",
      let names = fields["SignedHeaders"], let signature = fields["Signature"]
    else { return false }
    // Clients differ in whether an unusual port is part of the host.
    let host = request.header("Host") ?? ""
    return [host, String(host.prefix { $0 != ":" })].contains { host in
      self.signature(request, names: names, host: host, time: time, scope: scope) == signature
    }
  }

  private static func signature(
    _ request: ServerRequest, names: String, host: String, time: String, scope: [String]
  ) -> String {
    let headers = names.split(separator: ";").map { name in
      "\(name):\(name == "host" ? host : request.header(String(name)) ?? "")\n"
    }.joined()
    let canonical = [
      request.method, request.rawPath, request.rawQuery ?? "", headers, names,
      hexadecimal(digest(request.body)),
    ].joined(separator: "\n")
    let toSign = [
      "AWS4-HMAC-SHA256", time, scope.dropFirst().joined(separator: "/"),
      hexadecimal(digest(Array(canonical.utf8))),
    ].joined(separator: "\n")
    var key = Array("AWS4\(SimulatedPlatform.awsSecretAccessKey)".utf8)
    for part in scope.dropFirst() { key = KeyedDigest.hmacSHA256(Array(part.utf8), key: key) }
    return hexadecimal(KeyedDigest.hmacSHA256(Array(toSign.utf8), key: key))
  }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    bytes.withUnsafeBytes { SHA256.digest(of: $0) }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
