import MillraceCore
import MillracePipeline

/// A status report as a person reads it in a terminal.
enum StatusText {
  static func lines(_ report: StatusReport) -> [String] {
    var lines: [String] = []
    if let run = report.run {
      lines.append(
        "collecting since \(run.startedAt): \(run.eventsPerSecond) events/s, "
          + "\(run.blobsFetched) blobs (\(ByteSize.text(run.bytesFetched))) fetched, "
          + "\(run.requestsThrottled) requests throttled, "
          + "peak memory \(ByteSize.text(run.residentBytesPeak))")
    } else if let silent = report.silentCollector {
      lines.append(
        "\(silent) holds the store and does not answer; this is what the store holds at "
          + report.time)
    } else {
      lines.append("no collector is running; this is what the store holds at \(report.time)")
    }
    lines.append("")
    lines += table(
      ["FEED", "LISTED UNTIL", "OWED", "FETCHED", "EXPIRED", "DEAD", "EVENTS", "REPEATS"],
      report.feeds.map { feed in
        [
          "\(feed.tenant)/\(feed.contentType)", feed.listedUntil ?? "never", "\(feed.owed)",
          "\(feed.fetched)", "\(feed.expired)", "\(feed.dead)", "\(feed.events)",
          "\(feed.repeats)",
        ]
      })
    lines.append("")
    lines.append(
      "store: \(report.bodies) bodies (\(ByteSize.text(report.bodyBytes))), \(report.records) records, "
        + "\(report.events) events, \(report.repeats) repeats, \(report.deadLetters) dead letters, "
        + "\(report.unindexedBodies) bodies not indexed")
    lines.append("       " + space(report))
    lines.append("")
    lines += table(
      ["SINK", "EVENTS DELIVERED", "REFUSED", "LAST DELIVERY", "BLOBS TO GO"],
      report.sinks.map { sink in
        [
          sink.name, "\(sink.deliveredEvents)", "\(sink.refusedEvents)",
          sink.deliveredAt ?? "never", "\(sink.pendingBodies)",
        ]
      })
    if !report.replays.isEmpty {
      lines.append("")
      lines += ReplayText.table(report.replays)
    }
    if let budgets = report.run?.budgets, !budgets.isEmpty {
      lines.append("")
      lines += table(
        ["TENANT", "REQUESTS/MIN ALLOWED", "LAST MINUTE", "THROTTLED", "PAUSED"],
        budgets.map { budget in
          [
            budget.tenant, "\(budget.requestsPerMinute)", "\(budget.requestsLastMinute)",
            "\(budget.throttled)", budget.pausedSeconds.map { "\($0) s" } ?? "no",
          ]
        })
    }
    for problem in report.run?.problems ?? [] {
      lines.append("")
      lines.append(self.problem(problem))
    }
    if report.run == nil, let problem = report.deadLetterProblem {
      lines.append("")
      lines.append(self.problem(problem))
    }
    return lines
  }

  private static func problem(_ problem: StatusReport.ProblemReport) -> String {
    "problem: \(problem.subject): \(problem.message) "
      + "(since \(problem.since), \(Counted.text(problem.count, "time")))"
  }

  /// What the store takes, and how much more it may.
  private static func space(_ report: StatusReport) -> String {
    var text =
      "\(report.heldBodies) bodies held in \(ByteSize.text(report.heldBytes)); "
      + "database \(ByteSize.text(report.databaseBytes)), \(ByteSize.text(report.usedBytes)) used"
    if let most = report.storeBytesMax { text += " of \(ByteSize.text(most))" }
    if report.storeIsFull == true {
      text += ": FULL, fetching pauses"
    } else if report.run == nil, let most = report.storeBytesMax, report.usedBytes >= most {
      text += ": FULL"
    }
    if report.droppedBodies > 0 {
      text += "; \(report.droppedBodies) bodies dropped before every sink had them"
    }
    return text
  }

  /// Rows under a head, columns aligned.
  static func table(_ head: [String], _ rows: [[String]]) -> [String] {
    let all = [head] + rows
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      row.indices.map { column in
        column == row.count - 1
          ? row[column]
          : row[column] + String(repeating: " ", count: widths[column] - row[column].count)
      }.joined(separator: "  ")
    }
  }
}
