import CCurl
package import MillraceCore

/// What a server's certificate says about itself (RFC 5280), as far as an operator asks for it.
package struct ServerCertificate: Hashable, Sendable {
  /// Whom it is for, such as `CN = manage.office.com`.
  package let subject: String
  /// Who vouches for it; the same as `subject` when it does so itself.
  package let issuer: String
  /// When it begins to count; nil when its date cannot be read.
  package let begins: Timestamp?
  /// When it ends; nil when its date cannot be read.
  package let ends: Timestamp?

  /// Whether nobody else vouches for it.
  package var isSelfSigned: Bool { subject == issuer }

  /// The chain that a transfer was shown, the server's own first; libcurl gives it as lists of
  /// `name:value` (CURLINFO_CERTINFO(3)).
  static func chain(of easy: UnsafeMutableRawPointer) -> [ServerCertificate] {
    guard let shown = millrace_curl_get_certificates(easy)?.pointee, shown.num_of_certs > 0 else {
      return []
    }
    return (0..<Int(shown.num_of_certs)).map { index in
      var fields: [String: String] = [:]
      var entry = shown.certinfo[index]
      while let line = entry?.pointee {
        let text = String(cString: line.data)
        if let colon = text.firstIndex(of: ":") {
          fields[String(text[..<colon])] = printable(text[text.index(after: colon)...])
        }
        entry = line.next
      }
      return ServerCertificate(
        subject: fields["Subject"] ?? "", issuer: fields["Issuer"] ?? "",
        begins: fields["Start date"].flatMap(date), ends: fields["Expire date"].flatMap(date))
    }
  }

  /// A stranger wrote it, and it goes to a terminal.
  private static func printable(_ text: Substring) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
          .prefix(512)))
  }

  /// Reads a date as OpenSSL prints it: `Nov  5 16:00:00 2027 GMT`.
  static func date(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ")
    guard parts.count == 5, parts[4] == "GMT", let month = months.firstIndex(of: parts[0]),
      let day = Int(parts[1]), let year = Int(parts[3]), (1...9999).contains(year),
      (1...CivilTime.daysInMonth(year: year, month: month + 1)).contains(day)
    else { return nil }
    let clock = parts[2].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]),
      (0...60).contains(clock[2])
    else { return nil }
    let days = CivilTime.days(year: year, month: month + 1, day: day)
    let seconds = Int64(clock[0] * 3600 + clock[1] * 60 + clock[2])
    return Timestamp(milliseconds: (days * 86_400 + seconds) * 1000)
  }

  private static let months: [Substring] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
