/// What a configuration may name as a place on the network.
///
/// Messages never quote the address: it may carry a password or a token.
enum WebAddress {
  /// Why an address is refused.
  struct Problem: Error {
    let message: String
    var hint = ""
  }

  /// Checks an `https://` URL; `http://` passes on loopback only, as it carries secrets and events
  /// in the clear.
  ///
  /// - Parameters:
  ///   - isOrigin: refuse a path, because the program appends its own.
  ///   - allowsClearText: let `http://` pass anywhere.
  /// - Returns: the URL without slashes at its end.
  static func checkedURL(
    _ text: String, isOrigin: Bool, allowsClearText: Bool = false
  ) throws(Problem) -> String {
    let isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://") else {
      throw Problem(
        message: allowsClearText
          ? "this is not an http:// or https:// URL" : "this is not an https:// URL")
    }
    guard text.unicodeScalars.allSatisfy({ (0x21..<0x7F).contains($0.value) }) else {
      throw Problem(message: "the URL contains a blank or a character that is not ASCII")
    }
    let afterScheme = text.dropFirst(isSecure ? 8 : 7)
    let authority = afterScheme.prefix { !"/?#".contains($0) }
    guard !authority.contains("@") else {
      throw Problem(
        message: "the URL carries a user name or password",
        hint: "give them under keys of their own")
    }
    let (host, _) = try hostAndPort(authority, needsPort: false)
    guard isSecure || allowsClearText || isLoopback(host) else {
      throw Problem(
        message: "http:// is for loopback addresses only; elsewhere it would send secrets and "
          + "events in the clear", hint: "use https://")
    }
    var path = afterScheme[authority.endIndex...]
    guard !path.contains("#") else { throw Problem(message: "the URL has a fragment (#…)") }
    guard !path.contains("?") || !isOrigin else {
      throw Problem(message: "the URL has a query (?…)")
    }
    while path.hasSuffix("/") { path = path.dropLast() }
    guard path.isEmpty || !isOrigin else {
      throw Problem(
        message: "only scheme and host (and port) are expected here",
        hint: "remove the path; the program adds its own")
    }
    return (isSecure ? "https://" : "http://") + authority.lowercased() + path
  }

  /// Splits `host:port`, `[IPv6]:port`, and without `needsPort` the host alone.
  static func hostAndPort(
    _ text: some StringProtocol, needsPort: Bool
  ) throws(Problem) -> (host: String, port: Int?) {
    let text = String(text)
    var host = text[...]
    var portText: Substring?
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else {
        throw Problem(message: "the IPv6 address lacks its \"]\"")
      }
      host = text[text.index(after: text.startIndex)..<close]
      guard !host.isEmpty, host.contains(":"),
        host.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit || ":.".utf8.contains($0) })
      else { throw Problem(message: "there is no IPv6 address between the brackets") }
      let tail = text[text.index(after: close)...]
      guard tail.isEmpty || tail.hasPrefix(":") else {
        throw Problem(message: "after \"]\" only \":\" and a port may follow")
      }
      portText = tail.isEmpty ? nil : tail.dropFirst()
    } else {
      if let colon = text.firstIndex(of: ":") {
        host = text[..<colon]
        portText = text[text.index(after: colon)...]
      }
      if portText?.contains(":") == true {
        throw Problem(message: "an IPv6 address stands in brackets: [2001:db8::1]:443")
      }
      guard isHostName(host) else {
        throw Problem(message: host.isEmpty ? "the host is missing" : "this is not a host name")
      }
    }
    guard let portText else {
      guard !needsPort else {
        throw Problem(message: "the port is missing", hint: "write host:port")
      }
      return (host.lowercased(), nil)
    }
    guard let port = decimalNumber(String(portText)), (0...65_535).contains(port) else {
      throw Problem(message: "the port is not a number from 0 to 65535")
    }
    return (host.lowercased(), port)
  }

  /// Whether a host is this machine: `localhost`, 127.0.0.0/8 or ::1.
  static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { part in
        part.count <= 3 && (decimalNumber(String(part)).map { (0...255).contains($0) } ?? false)
      }
  }

  /// Whether a text is made of labels of letters, digits and hyphens (RFC 1123, 2.1), underscores
  /// tolerated, as container networks use them.
  static func isHostName(_ text: some StringProtocol) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
        && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }
  }
}

extension MappingReader {
  /// A URL under a key; nil when it is not written or refused, which is noted.
  func webAddress(_ key: String, isOrigin: Bool = false) -> String? {
    guard let value = scalar(key) else { return nil }
    return webAddress(value, isOrigin: isOrigin)
  }

  /// The URL a value spells.
  func webAddress(_ value: ScalarValue, isOrigin: Bool = false) -> String? {
    do {
      return try WebAddress.checkedURL(value.text, isOrigin: isOrigin)
    } catch {
      fail(value, error.message, hint: error.hint)
      return nil
    }
  }
}
