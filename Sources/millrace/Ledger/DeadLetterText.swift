import MillraceCore
import MillracePipeline
import MillraceStore

/// A dead letter as reports show it. The JSON form is part of the interface: fields are only added.
struct DeadLetterReport: Codable {
  var id: Int64
  var kind: DeadLetterKind
  var createdAt: String
  var tenant: String
  var contentType: String
  var contentId: String
  /// Its place in the log.
  var sequence: Int64
  /// The record's ordinal in its body, from 0; absent when the whole body is meant.
  var record: Int?
  /// The sink that refused it.
  var sink: String?
  var attempts: Int
  var reason: String
  var bytes: Int
  /// `retried` or `dropped`; absent while it is open.
  var closed: String?
  var closedAt: String?
  /// The log entry that a retry made.
  var retriedAs: Int64?
  /// The bytes as text; only where one is shown.
  var text: String?

  init(_ letter: StoredDeadLetter, _ tenantNames: [TenantID: String]) {
    id = letter.id
    kind = letter.kind
    createdAt = letter.createdAt.description
    tenant = tenantNames[letter.feed.tenant] ?? letter.feed.tenant.description
    contentType = letter.feed.contentType.rawValue
    contentId = letter.contentID.description
    sequence = letter.sequence
    record = letter.record
    sink = letter.sink
    attempts = letter.attempts
    reason = letter.reason
    bytes = letter.byteCount
    closedAt = letter.closedAt?.description
    switch letter.closing {
    case .retried(let sequence): (closed, retriedAs) = ("retried", sequence)
    case .dropped: closed = "dropped"
    case nil: break
    }
  }

  /// Where it comes from.
  var place: String {
    "\(tenant)/\(contentType) \(contentId)" + (record.map { " record \($0)" } ?? "")
  }
}

/// Dead letters as a person reads them in a terminal.
enum DeadLetterText {
  /// How much of the bytes is shown.
  private static let excerptBytes = 4096

  static func table(_ reports: [DeadLetterReport]) -> [String] {
    StatusText.table(
      ["ID", "KIND", "WHEN", "SINK", "ATTEMPTS", "SIZE", "REASON", "WHERE"],
      reports.map { report in
        [
          "\(report.id)", report.kind.rawValue, report.createdAt, report.sink ?? "-",
          "\(report.attempts)", ByteSize.text(report.bytes), oneLine(report.reason),
          oneLine(report.place),
        ]
      })
  }

  static func lines(_ report: DeadLetterReport) -> [String] {
    var lines = [
      "dead letter \(report.id): \(report.kind.rawValue), attempt \(report.attempts)",
      "when      \(report.createdAt)",
      "where     \(oneLine(report.place))",
      "log       \(report.sequence)" + (report.record.map { ":\($0)" } ?? ""),
    ]
    if let sink = report.sink { lines.append("sink      \(sink)") }
    lines.append("reason    \(oneLine(report.reason))")
    if let closed = report.closed, let moment = report.closedAt {
      let entry = report.retriedAs.map { " as log entry \($0)" } ?? ""
      lines.append("closed    \(closed)\(entry) at \(moment)")
    } else {
      lines.append("size      \(ByteSize.text(report.bytes))")
    }
    return lines
  }

  /// The beginning of the bytes.
  static func excerpt(_ bytes: [UInt8], of id: Int64) -> String {
    let text = harmless(String(decoding: bytes.prefix(excerptBytes), as: UTF8.self))
    guard bytes.count > excerptBytes else { return text }
    return text + "\n… the first \(excerptBytes) of \(bytes.count) bytes; "
      + "\"millrace dead-letters show \(id) --bytes\" writes all of them"
  }

  /// A text made safe for a terminal: what arrived is not ours to trust.
  private static func harmless(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isHarmless = scalar == "\n" || scalar == "\t" || !scalar.properties.isControl
      result.unicodeScalars.append(isHarmless ? scalar : "\u{FFFD}")
    }
    return result
  }

  private static func oneLine(_ text: String) -> String {
    harmless(text).replacing("\n", with: " ")
  }

  static func outcome(_ outcome: DeadLetterOutcome, of action: String, isRunning: Bool) -> String {
    guard action == "retry" else { return "\(outcome.closed) dropped" }
    let next =
      isRunning ? "the collector delivers them now" : "the next \"millrace run\" delivers them"
    return "\(outcome.closed) entered into the log again" + (outcome.closed > 0 ? "; \(next)" : "")
  }

  static func complaints(_ outcome: DeadLetterOutcome) -> [String] {
    var lines: [String] = []
    if !outcome.missing.isEmpty {
      lines.append("no open dead letter: \(list(outcome.missing))")
    }
    if !outcome.withoutSink.isEmpty {
      lines.append(
        "left as they are, as the sink that refused them is not configured any more: "
          + list(outcome.withoutSink))
    }
    return lines
  }

  private static func list(_ ids: [Int64]) -> String {
    let shown = ids.prefix(20).map { "\($0)" }.joined(separator: ", ")
    return ids.count > 20 ? "\(shown) and \(ids.count - 20) more" : shown
  }
}

extension Unicode.Scalar.Properties {
  /// Whether a terminal may take it for more than a sign.
  fileprivate var isControl: Bool {
    generalCategory == .control || generalCategory == .format
  }
}
