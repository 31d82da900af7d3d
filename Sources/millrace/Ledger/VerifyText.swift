import MillracePipeline

/// A verification as a person reads it in a terminal.
enum VerifyText {
  static func lines(_ report: VerifyReport) -> [String] {
    var lines = [
      "checked \(grouped(report.entries)) entries of the log and \(grouped(report.bodies)) bodies "
        + "(\(ByteSize.text(report.bytes)) as fetched), \(report.sealedDays) sealed days, "
        + "in \(report.seconds) s"
    ]
    for finding in report.findings {
      lines.append("")
      lines.append(place(finding) + finding.message)
      lines.append("  \(finding.remedy)")
    }
    if report.moreFindings > 0 {
      lines.append("")
      lines.append("\(grouped(report.moreFindings)) more like these")
    }
    if !report.sound { lines += unaffected(report) }
    lines += repairs(report)
    lines.append("")
    lines.append(verdict(report))
    return lines
  }

  /// Whether nothing is left to do: all is sound, or what was not is delivered or on its way.
  static func isWell(_ report: VerifyReport) -> Bool {
    guard !report.sound else { return true }
    guard report.moreFindings == 0, let repairs = report.repairs else { return false }
    let mended = Set(
      repairs.filter { $0.outcome != "lost" && $0.outcome != "whole" }.map(\.sequence))
    return report.findings.allSatisfy { finding in
      switch finding.kind {
      case .bodyDamaged, .bodyMissing: finding.sequence.map { mended.contains($0) } ?? false
      case .bodyLeftover: true
      case .totals: report.totalsRecounted == true
      default: false
      }
    }
  }

  private static func place(_ finding: VerifyReport.Finding) -> String {
    var words: [String] = []
    if let first = finding.sequence {
      let isRange = finding.lastSequence.map { $0 != first } ?? false
      words.append(
        isRange ? "entries \(first) to \(finding.lastSequence ?? first)" : "entry \(first)")
    }
    if let day = finding.day { words.append(day) }
    if let tenant = finding.tenant, let type = finding.contentType {
      let blob = finding.contentId.map { "blob \($0) of " } ?? ""
      words.append("\(blob)\(tenant)/\(type)")
    }
    return words.isEmpty ? "" : words.joined(separator: ", ") + ": "
  }

  private static func unaffected(_ report: VerifyReport) -> [String] {
    [
      "",
      "unaffected: \(grouped(report.bodiesWhole)) of \(grouped(report.bodies)) bodies have the digest "
        + "they were written with, \(grouped(report.entriesInChain)) of \(grouped(report.entries)) "
        + "entries stand in the chain as they were written",
    ]
  }

  private static func repairs(_ report: VerifyReport) -> [String] {
    guard let repairs = report.repairs, !repairs.isEmpty else { return [] }
    return [""]
      + repairs.map { repair in
        let blob =
          repair.contentId.map {
            ", blob \($0) of \(repair.tenant ?? "")/\(repair.contentType ?? "")"
          }
          ?? ""
        return "repaired: entry \(repair.sequence)\(blob): \(outcome(repair))"
      }
  }

  private static func outcome(_ repair: VerifyReport.Repair) -> String {
    let events = repair.events.map { "\(grouped($0)) events" } ?? "its events"
    let reason = repair.reason ?? ""
    return switch repair.outcome {
    case "awaited":
      "it is fetched again; sinks that have not passed it wait for it, and get it in its place"
    case "restoring":
      "every sink has it; it is fetched again for replays"
    case "fetched_anew":
      "it was not parsed yet; it is fetched again, and comes at the end of the log"
    case "delivered":
      "every sink has \(events); it cannot be had again for replays (\(reason))"
    case "lost":
      "lost: \(events) did not reach every sink, and it cannot be had again (\(reason))"
    default:
      "the collector reads it whole: the damage is between the disk and this command; look at the "
        + "kernel's log"
    }
  }

  private static func verdict(_ report: VerifyReport) -> String {
    if report.sound { return "sound" }
    let count = report.findings.count + report.moreFindings
    if isWell(report) { return "repaired" }
    return "damaged: \(grouped(count)) finding\(count == 1 ? "" : "s")"
  }

  private static func grouped(_ number: Int) -> String { ProgressLine.grouped(number) }
}
