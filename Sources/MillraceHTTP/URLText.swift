/// The making of URLs and forms.
package enum URLText {
  /// Percent-encoding (RFC 3986, 2.1) of everything but unreserved characters; fit for paths,
  /// queries and forms alike.
  package static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var output: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        output.append(byte)
      default:
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// A URL with one parameter more, unless one of that name is there in any letter case. All other
  /// bytes stay as they are: `$` in content ids, odd orders, fractions of seconds.
  package static func adding(_ name: String, _ value: String, to url: String) -> String {
    let fragment = url.firstIndex(of: "#") ?? url.endIndex
    let base = url[..<fragment]
    var separator = "?"
    if let mark = base.firstIndex(of: "?") {
      let query = base[base.index(after: mark)...]
      for parameter in query.split(separator: "&") {
        let found = parameter.prefix { $0 != "=" }
        if found.lowercased() == name.lowercased() { return url }
      }
      separator = query.isEmpty || query.hasSuffix("&") ? "" : "&"
    }
    return "\(base)\(separator)\(name)=\(encoded(value))\(url[fragment...])"
  }
}
