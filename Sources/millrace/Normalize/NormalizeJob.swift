import MillraceCore
import MillraceEvents
import MillraceLocation

/// What `normalize` does with records, as its options say.
struct NormalizeJob: Sendable {
  enum Output: Sendable {
    case events, explanations, report
  }

  let output: Output
  let format: EventFormat
  let raw: RawAttachment
  /// Whether explanations are of the structured data of syslog.
  let ofStructuredData: Bool
  let places: PlaceDatabases?
  /// What is known of the records beside themselves.
  let context: EventContext

  init(_ arguments: Arguments, places: PlaceDatabases?) throws(CommandFailure) {
    self.places = places
    format = arguments.choice("format") ?? .native
    raw = arguments.choice("raw") ?? .off
    ofStructuredData = arguments.flag("structured-data")
    let type = arguments.string("content-type").flatMap { ContentType(rawValue: $0) }
    context = EventContext(
      tenant: nil, tenantName: nil, domains: OwnDomains(arguments.strings("domain")),
      contentType: type, contentID: nil, available: nil, collected: nil)
    output =
      arguments.flag("report") ? .report : arguments.flag("explain") ? .explanations : .events
    if arguments.flag("explain"), !EventExplainer.formats.contains(format) {
      let formats = EventExplainer.formats.map(\.rawValue).joined(separator: ", ")
      throw CommandFailure("--explain is for the formats \(formats)", .badUsage)
    }
    if raw != .off, format == .raw || format == .cef {
      throw CommandFailure(
        "--raw is for the formats native, ecs, ecs_o365 and ocsf; "
          + (format == .cef ? "cef has no room for the record" : "raw is the record"), .badUsage)
    }
    if ofStructuredData, !arguments.flag("explain") {
      throw CommandFailure("--structured-data is for --explain", .badUsage)
    }
    if arguments.flag("explain"), arguments.flag("report") {
      throw CommandFailure("--explain and --report exclude each other", .badUsage)
    }
    if arguments.flag("json"), !arguments.flag("report") {
      throw CommandFailure("--json is for --report; events are JSON anyway", .badUsage)
    }
  }
}
