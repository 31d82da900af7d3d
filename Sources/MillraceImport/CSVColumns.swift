import MillraceCore

/// What the header of a CSV export says: how fields are separated, and where the records are.
struct CSVColumns: Hashable {
  let separator: UInt8
  /// The place of the column `AuditData`, from 0.
  let auditData: Int

  /// The separators there are: of the invariant culture, of cultures with a decimal comma, and of
  /// exports as text.
  private static let separators = [Ascii.comma, Ascii.semicolon, Ascii.tab]

  /// Reads a line, without its end; nil when it has no column `AuditData`.
  init?(line: PaddedBytes) {
    let bytes = line.bytes
    for separator in CSVColumns.separators {
      let names = CSVColumns.names(in: bytes, separator)
      if let place = names.firstIndex(of: "auditdata") {
        self.separator = separator
        auditData = place
        return
      }
    }
    return nil
  }

  /// The names in lower case. A separator within quotes separates nothing.
  private static func names(in line: [UInt8], _ separator: UInt8) -> [String] {
    var isInQuotes = false
    let fields = line.split(omittingEmptySubsequences: false) { byte in
      if byte == Ascii.quote { isInQuotes.toggle() }
      return byte == separator && !isInQuotes
    }
    return fields.map { field in
      var name = field
      if name.starts(with: Ascii.byteOrderMark) { name = name.dropFirst(3) }
      let isPadding: (UInt8) -> Bool = { Ascii.isBlank($0) || $0 == Ascii.quote }
      name = name.drop(while: isPadding)
      while let last = name.last, isPadding(last) { name = name.dropLast() }
      return String(decoding: name, as: UTF8.self).lowercased()
    }
  }

  /// Whether a line is one that Windows PowerShell and Excel write above the header.
  static func isPreamble(_ line: PaddedBytes) -> Bool {
    var text = line.bytes[...]
    if text.starts(with: Ascii.byteOrderMark) { text = text.dropFirst(3) }
    return ["#TYPE ", "sep="].contains { text.starts(with: Array($0.utf8)) }
  }
}
