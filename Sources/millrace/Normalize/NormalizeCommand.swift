import MillraceCore
import MillraceEvents
import MillraceLocation
import MillracePipeline
import MillraceRuntime

/// `normalize`: a filter from records to events, for trying things and for pipes.
struct NormalizeCommand {
  static let declaration = CommandDeclaration(
    name: "normalize",
    summary: "turn records into events, from files or standard input",
    details: [
      "Takes blobs (JSON arrays), single records and NDJSON, in any mixture; writes one event a line "
        + "to standard output. A record that cannot be parsed costs itself alone: it is named on "
        + "standard error (of each file the first twenty, the rest is counted), and the exit code is "
        + "65. So is a file that cannot be read.",
      "Events come in the order of their records. The work is shared by all cores; memory does not "
        + "grow with the input, be it one array of many gigabytes.",
      "--report prints no events but what there is to map next: record types without a name, "
        + "operations that no table knows, fields that no rule takes up.",
    ],
    options: [
      .choice(
        "format", EventFormat.allCases.map(\.rawValue), "what events look like", standard: "native"),
      .choice(
        "raw", RawAttachment.allCases.map(\.rawValue),
        "the untouched record in each event: raw, event.original (ecs) or raw_data (ocsf)",
        standard: "off"),
      .flag("explain", "say of each field where its value came from, instead of the event"),
      .flag(
        "structured-data",
        "with --explain: of the structured data that syslog messages have before the event"),
      .flag("report", "say what is unknown in the records, instead of printing events"),
      .integer(
        "workers", in: 1...64, "how many workers parse and encode (default: one for each core)"),
      .text("city", "FILE", "a City or Country database (.mmdb), for source.geo"),
      .text("asn", "FILE", "an ASN database (.mmdb), for source.as_number"),
      .text("anonymous", "FILE", "an Anonymous-IP database (.mmdb)"),
      .text(
        "domain", "DOMAIN", "a domain that is the tenant's own; others are outside",
        isRepeatable: true),
      .choice(
        "content-type", ContentType.allCases.map(\.rawValue), "which feed the records came from"),
    ],
    positionals: [
      PositionalDeclaration(
        name: "FILE", help: "a file; \"-\", or none, is standard input", isRequired: false,
        isRepeating: true)
    ],
    printsReport: true,
    examples: [
      ("normalize blob.json", "prints the events of a blob"),
      ("normalize --raw object - < records.ndjson", "with the record in each event"),
      ("normalize --format ecs --explain blob.json", "prints where each field came from"),
      (
        "normalize --explain --structured-data blob.json",
        "the same of what RFC 5424 messages begin with"
      ),
      ("normalize --report day.ndjson", "says what of a day's records is not understood"),
    ])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let places = try databases(arguments)
    let job = try NormalizeJob(arguments, places: places)
    let words = arguments.words("FILE")
    let input = NormalizeInput(words.isEmpty ? ["-"] : words)
    let crew = NormalizeCrew(input, job, workers: arguments.integer("workers") ?? RunCommand.cores)
    let outcome = await crew.work()
    if let failure = outcome.failure { throw failure }
    if job.output == .report {
      let report = SurveyReport(outcome.survey, unreadable: outcome.refused)
      if arguments.flag("json") {
        try Output.line(ReportJSON.text(report))
      } else {
        for line in SurveyText.lines(report) { try Output.line(line) }
      }
    }
    if outcome.refused > 0 {
      Output.say("millrace: \(outcome.refused) records could not be parsed")
    }
    return outcome.refused == 0 && outcome.unreadFiles == 0 ? .done : .badData
  }

  /// The databases that options name; one that cannot be used is an error here, as it was asked
  /// for by hand.
  private static func databases(
    _ arguments: Arguments
  ) throws(CommandFailure) -> PlaceDatabases? {
    var sources = LocationSources()
    sources.city = arguments.string("city")
    sources.network = arguments.string("asn")
    sources.anonymity = arguments.string("anonymous")
    let paths = [sources.city, sources.network, sources.anonymity].compactMap(\.self)
    if paths.isEmpty { return nil }
    for path in paths {
      do throws(LocationError) { try PlaceDatabases.check(path) } catch {
        throw CommandFailure("\(error.path): \(error.reason)", .badData)
      }
    }
    return PlaceDatabases(sources, log: Log(level: .warning))
  }
}
