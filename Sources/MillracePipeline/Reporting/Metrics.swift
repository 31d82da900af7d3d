import MillraceCore

/// The status in the text format that Prometheus reads
/// (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4).
enum Metrics {
  static let type = "text/plain; version=0.0.4; charset=utf-8"

  static func text(_ report: StatusReport) -> String {
    var lines: [String] = []
    store(report, &lines)
    feeds(report, &lines)
    sinks(report, &lines)
    moments(report, &lines)
    if let run = report.run {
      add("requests_throttled_total", .counter, "Requests the service throttled.", &lines) {
        [("", run.requestsThrottled)]
      }
      budgets(run, &lines)
      add("blobs_settled_total", .counter, "Blobs fetched once more, as they were young.", &lines) {
        [("", run.blobsSettled ?? 0)]
      }
      add("blobs_completed_total", .counter, "Blobs that were served in part at first.", &lines) {
        [("", run.blobsCompleted ?? 0)]
      }
      add("problems", .gauge, "Troubles that last.", &lines) { [("", run.problems.count)] }
      add("resident_bytes_peak", .gauge, "The largest resident set so far.", &lines) {
        [("", run.residentBytesPeak)]
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func budgets(_ run: StatusReport.RunReport, _ lines: inout [String]) {
    let values: [(String, Kind, String, (StatusReport.BudgetReport) -> Int)] = [
      (
        "tenant_requests_per_minute_limit", .gauge, "Requests a minute, as learnt.",
        { $0.requestsPerMinute }
      ),
      (
        "tenant_requests_last_minute", .gauge, "Requests of the last minute.",
        { $0.requestsLastMinute }
      ),
      (
        "tenant_requests_throttled_total", .counter, "Requests the service throttled.",
        { $0.throttled }
      ),
      (
        "tenant_paused_seconds", .gauge, "What is left of a pause of the whole tenant.",
        { Int(($0.pausedSeconds ?? 0).rounded(.up)) }
      ),
    ]
    for (name, kind, help, value) in values {
      add(name, kind, help, &lines) {
        (run.budgets ?? []).map { (labels([("tenant", $0.tenant)]), value($0)) }
      }
    }
  }

  private enum Kind: String {
    case counter
    case gauge
  }

  private static func store(_ report: StatusReport, _ lines: inout [String]) {
    add("store_used_bytes", .gauge, "What the store holds.", &lines) { [("", report.usedBytes)] }
    if let most = report.storeBytesMax {
      add("store_max_bytes", .gauge, "Where fetching pauses.", &lines) { [("", most)] }
    }
    if let isFull = report.storeIsFull {
      add("store_full", .gauge, "1 while fetching pauses, as the store is full.", &lines) {
        [("", isFull ? 1 : 0)]
      }
    }
    add("store_held_bodies", .gauge, "Bodies that are still there.", &lines) {
      [("", report.heldBodies)]
    }
    add("dropped_bodies_total", .counter, "Bodies dropped before every sink had them.", &lines) {
      [("", report.droppedBodies)]
    }
    add("dead_letters", .gauge, "What could not be parsed or delivered, and is open.", &lines) {
      [("", report.deadLetters)]
    }
    add("unindexed_bodies", .gauge, "Bodies the index step has not come to.", &lines) {
      [("", report.unindexedBodies)]
    }
  }

  private static func feeds(_ report: StatusReport, _ lines: inout [String]) {
    let counters: [(String, Kind, String, KeyPath<StatusReport.FeedReport, Int>)] = [
      ("blobs_owed", .gauge, "Blobs listed and not fetched yet.", \.owed),
      ("blobs_fetched_total", .counter, "Blobs in the log.", \.fetched),
      ("blobs_expired_total", .counter, "Blobs the service no longer had.", \.expired),
      ("blobs_dead_total", .counter, "Blobs that were refused or given up.", \.dead),
      ("records_total", .counter, "Records of the blobs.", \.records),
      ("events_total", .counter, "Records that are events.", \.events),
      ("repeats_total", .counter, "Records that were sent before.", \.repeats),
      (
        "changed_repeats_total", .counter, "Repeats that came with other content.",
        \.changedRepeats
      ),
    ]
    for (name, kind, help, value) in counters {
      add(name, kind, help, &lines) {
        report.feeds.map { feed in
          (
            labels([("tenant", feed.tenant), ("content_type", feed.contentType)]),
            feed[keyPath: value]
          )
        }
      }
    }
  }

  /// Moments in seconds since 1970; what has none has no sample.
  private static func moments(_ report: StatusReport, _ lines: inout [String]) {
    func seconds(_ text: String?) -> Int? {
      text.flatMap { Timestamp($0) }.map { Int($0.milliseconds / 1000) }
    }
    let ofFeeds: [(String, String, KeyPath<StatusReport.FeedReport, String?>)] = [
      ("listed_until_timestamp_seconds", "Up to when the feed is listed.", \.listedUntil),
      ("newest_blob_timestamp_seconds", "When its newest blob was made available.", \.newestBlob),
    ]
    for (name, help, value) in ofFeeds {
      add(name, .gauge, help, &lines) {
        report.feeds.compactMap { feed in
          seconds(feed[keyPath: value]).map {
            (labels([("tenant", feed.tenant), ("content_type", feed.contentType)]), $0)
          }
        }
      }
    }
    add("sink_delivered_timestamp_seconds", .gauge, "When it last took events.", &lines) {
      report.sinks.compactMap { sink in
        seconds(sink.deliveredAt).map { (labels([("sink", sink.name)]), $0) }
      }
    }
  }

  private static func sinks(_ report: StatusReport, _ lines: inout [String]) {
    add("sink_events_delivered_total", .counter, "Events delivered.", &lines) {
      report.sinks.map { (labels([("sink", $0.name)]), $0.deliveredEvents) }
    }
    add("sink_events_refused_total", .counter, "Events refused for good.", &lines) {
      report.sinks.map { (labels([("sink", $0.name)]), $0.refusedEvents) }
    }
    add("sink_replays", .gauge, "Replays that are not over.", &lines) {
      report.sinks.map { sink in
        (
          labels([("sink", sink.name)]), report.replays.count { $0.request.sink == sink.name }
        )
      }
    }
    add("sink_pending_bodies", .gauge, "Bodies of the log behind the cursor.", &lines) {
      report.sinks.map { (labels([("sink", $0.name)]), $0.pendingBodies) }
    }
  }

  private static func add(
    _ name: String, _ kind: Kind, _ help: String, _ lines: inout [String],
    _ samples: () -> [(labels: String, value: Int)]
  ) {
    lines.append("# HELP millrace_\(name) \(help)")
    lines.append("# TYPE millrace_\(name) \(kind.rawValue)")
    for sample in samples() { lines.append("millrace_\(name)\(sample.labels) \(sample.value)") }
  }

  private static func labels(_ pairs: [(String, String)]) -> String {
    "{" + pairs.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
  }

  /// Label values escape backslash, quote and line feed.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result
  }
}
