import FoundationEssentials
import MillraceCore
import MillraceDoctor

/// How findings are shown.
struct CheckText {
  /// Whether levels are coloured, as terminals can.
  let isColoured: Bool

  /// A finding: what was found, and below it what it means and what to do.
  func lines(_ finding: Finding) -> [String] {
    let level = finding.level.rawValue
    let padding = String(repeating: " ", count: 9 - level.count)
    var lines = [
      coloured(level, finding.level) + padding + finding.subject + ": "
        + (named.contains(finding.area) ? finding.area.rawValue + ": " : "") + finding.message
    ]
    let indent = String(repeating: " ", count: 9)
    if !finding.meaning.isEmpty { lines.append(indent + finding.meaning) }
    if !finding.fix.isEmpty { lines.append(indent + "-> " + finding.fix) }
    if !finding.command.isEmpty { lines.append(indent + "   " + finding.command) }
    return lines
  }

  /// The areas that a subject does not tell.
  private let named: Set<Finding.Area> = [
    .secret, .dns, .connection, .tls, .clock, .token, .auditing, .throttling, .subscription,
  ]

  /// How many of each.
  func summary(_ findings: [Finding]) -> String {
    let failures = findings.count { $0.level == .failure }
    let warnings = findings.count { $0.level == .warning }
    return "\(findings.count - failures - warnings) ok, \(Counted.text(warnings, "warning")), "
      + Counted.text(failures, "failure")
  }

  /// The findings as a JSON array.
  static func json(_ findings: [Finding]) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(findings), as: UTF8.self)
    } catch {
      preconditionFailure("findings of strings are encodable: \(error)")
    }
  }

  private func coloured(_ text: String, _ level: Finding.Level) -> String {
    guard isColoured else { return text }
    let colour =
      switch level {
      case .ok: "32"
      case .warning: "33"
      case .failure: "31"
      }
    return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
  }
}
