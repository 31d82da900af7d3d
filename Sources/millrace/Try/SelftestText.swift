import MillraceCampaign
import MillraceRuntime
import Synchronization

/// What a campaign found, as a person reads it.
enum SelftestText {
  static func lines(_ report: CrashReport) -> [String] {
    let grouped = ProgressLine.grouped
    var lines = [
      "\(grouped(report.kills)) kills, \(grouped(report.events)) events, "
        + "\(report.sinks.count) sinks: \(grouped(report.lost)) lost, "
        + "\(grouped(report.doubled)) doubled"
    ]
    let left = report.interrupted
    lines.append(
      "  half done at the kills: fetching \(left.fetching), deciding \(left.indexing), "
        + "delivering \(left.delivering), bytes without a cursor \(left.uncommitted) times")
    lines.append(
      "  the tenant spoiled \(grouped(report.faults)) answers and sent "
        + "\(grouped(report.repeats)) events again; \(grouped(report.escaped)) collectors were "
        + "done before their kill; \(Int(report.seconds.rounded())) s")
    for sink in report.sinks {
      var text =
        "  sink \(sink.name): \(grouped(sink.lines)) lines, \(grouped(sink.lost)) lost, "
        + "\(grouped(sink.doubled)) doubled"
      if sink.foreign > 0 { text += ", \(grouped(sink.foreign)) that the tenant never sent" }
      lines.append(text)
    }
    lines += report.problems.map { "  " + $0 }
    if !report.isClean { lines.append("  the same again: --seed \(report.seed)") }
    return lines
  }
}

/// The progress line of a campaign, which is told of from any thread.
final class CampaignLine: Sendable {
  private let line: Mutex<ProgressLine>

  init(log: Log) {
    line = Mutex(ProgressLine(log: log, of: "kills", isOpenEnded: false))
  }

  func show(_ progress: CrashProgress) {
    line.withLock { $0.show(done: progress.kills, of: progress.of) }
  }

  func finish() {
    line.withLock { $0.finish() }
  }
}
