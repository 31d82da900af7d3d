/// Where a URL leads: scheme, host and port (RFC 6454). A bearer token touches one origin alone.
///
/// The reading is stricter than RFC 3986 on purpose: whatever two readers of URLs might understand
/// differently is refused, so that what is checked here is what libcurl then talks to.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
  /// `https`, or `http` on a loopback host.
  package let scheme: String
  /// In lower case; an IPv6 address in its brackets.
  package let host: String
  /// The stated port or the scheme's own.
  package let port: Int

  /// The origin of an absolute URL.
  ///
  /// Nil when the URL holds blanks, control characters, backslashes, other than ASCII or user
  /// information, when host or port are not plain, when the scheme is neither `https` nor `http`,
  /// or `http` to a host that is not loopback.
  package init?(url: String) {
    guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
      let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://")
    else { return nil }
    let scheme = url[..<colon].lowercased()
    guard scheme == "https" || scheme == "http" else { return nil }
    let afterScheme = url[colon...].dropFirst(3)
    let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard let (host, statedPort) = Origin.split(authority) else { return nil }
    let port: Int
    if let statedPort {
      guard (1...5).contains(statedPort.count), statedPort.allSatisfy({ ("0"..."9") ~= $0 }),
        let number = Int(statedPort), (1...65_535).contains(number)
      else { return nil }
      port = number
    } else {
      port = scheme == "https" ? 443 : 80
    }
    guard scheme == "https" || Origin.isLoopback(host) else { return nil }
    self.scheme = scheme
    self.host = host
    self.port = port
  }

  /// The origin `https://host`, for the hosts that are known in advance.
  init(secureHost host: String) {
    scheme = "https"
    self.host = host
    port = 443
  }

  /// Whether a URL leads to this very origin.
  package func contains(url: String) -> Bool {
    Origin(url: url) == self
  }

  /// The origin as the beginning of a URL, without a slash; the port only where it is unusual.
  package var description: String {
    let isUsual = port == (scheme == "https" ? 443 : 80)
    return "\(scheme)://\(host)" + (isUsual ? "" : ":\(port)")
  }

  /// Host and port of an authority without user information; nil when it is not plain.
  private static func split(_ authority: Substring) -> (host: String, port: Substring?)? {
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else { return nil }
      let address = authority[authority.index(after: authority.startIndex)..<close]
      let isPlain = address.utf8.allSatisfy {
        (0x30...0x3A).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
          || $0 == UInt8(ascii: ".")
      }
      let rest = authority[authority.index(after: close)...]
      guard address.contains(":"), isPlain, rest.isEmpty || rest.hasPrefix(":") else { return nil }
      return ("[\(address.lowercased())]", rest.isEmpty ? nil : rest.dropFirst())
    }
    let host = authority.prefix { $0 != ":" }
    let isPlain = host.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
    }
    guard !host.isEmpty, isPlain else { return nil }
    let rest = authority[host.endIndex...]
    return (host.lowercased(), rest.isEmpty ? nil : rest.dropFirst())
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127"
      && numbers.allSatisfy { $0.allSatisfy { ("0"..."9") ~= $0 } && UInt8($0) != nil }
  }
}
