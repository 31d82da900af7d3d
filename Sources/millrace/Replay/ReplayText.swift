import MillracePipeline
import MillraceStore

/// Replays as a person reads them in a terminal.
enum ReplayText {
  /// A table of replays.
  static func table(_ reports: [ReplayReport]) -> [String] {
    StatusText.table(
      ["REPLAY", "SINK", "STATE", "EVENTS DELIVERED", "OF", "STARTED", "LAST MOVED", "WHAT"],
      reports.map { report in
        [
          report.id.map { "\($0)" } ?? "-", report.request.sink, report.state.rawValue,
          "\(report.delivered)", total(report), report.createdAt ?? "-",
          report.updatedAt ?? "-",
          what(report.request),
        ]
      })
  }

  /// How many events a replay is about: those it has delivered, once it is done with looking which
  /// they are.
  private static func total(_ report: ReplayReport) -> String {
    if report.request.isCountKnown { return "\(report.events)" }
    return report.state == .done ? "\(report.delivered)" : "up to \(report.events)"
  }

  /// What is replayed, in the words it was asked for.
  static func what(_ request: ReplayRequest) -> String {
    var words: [String] = []
    if let from = request.from { words.append("--from \(from)") }
    if let to = request.to { words.append("--to \(to)") }
    if request.by != .event { words.append("--by \(request.by.rawValue)") }
    words += request.tenants.map { "--tenant \($0)" }
    words += request.contentTypes.map { "--content-type \($0)" }
    words += request.contentIds.map { "--content-id \($0)" }
    words += request.operations.map { "--operation \($0)" }
    if let rate = request.rate { words.append("--rate \(rate)") }
    if let format = request.format { words.append("--format \(format)") }
    return words.isEmpty ? "everything" : words.joined(separator: " ")
  }

  /// What is about to be sent, and what cannot be any more.
  static func beginning(_ report: ReplayReport) -> [String] {
    var lines: [String] = []
    let extent =
      (report.request.isCountKnown ? "" : "up to ")
      + "\(ProgressLine.grouped(report.events)) events in \(ProgressLine.grouped(report.blobs)) blobs"
    if let id = report.id {
      lines.append(
        "millrace: replay \(id) to sink \(report.request.sink): \(extent)"
          + (report.wasRunning ? "; it was begun before and goes on" : ""))
    }
    if report.goneBlobs > 0 {
      lines.append(
        "millrace: \(ProgressLine.grouped(report.goneBlobs)) more blobs with "
          + "\(ProgressLine.grouped(report.goneEvents)) events are gone: retention or a full store "
          + "took them, and they cannot be replayed")
    }
    return lines
  }

  /// What came of it.
  static func end(_ report: ReplayReport) -> String {
    let name = report.id.map { "replay \($0)" } ?? "replay"
    let place = report.request.sink.isEmpty ? "" : " to \(report.request.sink)"
    // Nobody is left here who could be running it.
    let state = report.state == .running ? "stopped" : report.state.rawValue
    return "\(name) is \(state): \(ProgressLine.grouped(report.delivered)) events delivered\(place)"
  }
}
