internal import MillraceCore

/// Durations and sizes as people write them, in the configuration and on the command line.
package enum Quantity {
  /// What a duration may look like, for error messages.
  package static let durationForms = "a duration such as 500ms, 30s, 15m, 24h, 30d or 1h30m"
  /// What a size may look like, for error messages.
  package static let sizeForms =
    "a size in bytes such as 64KiB, 1GiB, 10MB or 123 (KiB is 1024 bytes, KB is 1000)"

  private static let durationUnits: [(name: String, milliseconds: Int64)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  private static let sizeUnits: [(name: String, bytes: Int64)] = [
    ("b", 1), ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000),
    ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40),
  ]

  /// Reads `30s`, `15m`, `24h`, `30d`, `500ms`, or several joined from large to small (`1h30m`).
  ///
  /// - Returns: nil for anything else: no unit, a fraction, a sign, an unknown unit, units out of
  ///   order, or more than `Limits.durationMax`.
  package static func duration(_ text: some StringProtocol) -> Duration? {
    var rest = Array(text.utf8)[...]
    guard !rest.isEmpty else { return nil }
    var total: Int64 = 0
    var nextUnit = 0
    while !rest.isEmpty {
      guard let number = leadingNumber(&rest) else { return nil }
      let letters = rest.prefix { isLetter($0) }
      rest = rest.dropFirst(letters.count)
      let name = String(decoding: letters, as: UTF8.self)
      guard let unit = durationUnits[nextUnit...].firstIndex(where: { $0.name == name }) else {
        return nil
      }
      nextUnit = unit + 1
      let (product, tooLarge) = number.multipliedReportingOverflow(
        by: durationUnits[unit].milliseconds)
      let (sum, tooMuch) = total.addingReportingOverflow(product)
      guard !tooLarge, !tooMuch else { return nil }
      total = sum
    }
    let duration = Duration.milliseconds(total)
    return duration <= Limits.durationMax ? duration : nil
  }

  /// Reads a number of bytes, with or without a unit in any letter case; nil for anything else.
  package static func size(_ text: some StringProtocol) -> Int64? {
    var rest = Array(text.utf8)[...]
    guard let number = leadingNumber(&rest) else { return nil }
    let name = String(decoding: rest, as: UTF8.self).lowercased()
    guard let unit = name.isEmpty ? ("b", 1) : sizeUnits.first(where: { $0.name == name }) else {
      return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
    return overflow ? nil : product
  }

  /// Spells a duration the way it is read: `1h30m`; fractions of a millisecond are dropped.
  package static func text(_ duration: Duration) -> String {
    var rest = duration.milliseconds
    guard rest > 0 else { return "0s" }
    var text = ""
    for unit in durationUnits where rest >= unit.milliseconds {
      text += "\(rest / unit.milliseconds)\(unit.name)"
      rest %= unit.milliseconds
    }
    return text
  }

  /// Spells a size the way it is read, in the largest binary unit that leaves no rest.
  package static func text(bytes: Int64) -> String {
    for (name, unit) in [
      ("TiB", Int64(1) << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1024),
    ]
    where bytes >= unit && bytes % unit == 0 {
      return "\(bytes / unit)\(name)"
    }
    return "\(bytes)"
  }

  private static func leadingNumber(_ rest: inout ArraySlice<UInt8>) -> Int64? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    rest = rest.dropFirst(digits.count)
    return Int64(String(decoding: digits, as: UTF8.self))
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }
}
