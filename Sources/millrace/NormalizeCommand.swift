import Glibc
import MillraceCore
import MillraceEvents
import MillraceLocation
import MillraceRuntime

/// `normalize`: a filter from records to events, for trying things and for pipes.
struct NormalizeCommand {
  static let declaration = CommandDeclaration(
    name: "normalize",
    summary: "turn records into events, from files or standard input",
    details: [
      "Takes blobs (JSON arrays), single records and NDJSON, in any mixture; writes one event a line "
        + "to standard output. A record that cannot be parsed costs itself alone: it is named on "
        + "standard error, and the exit code is 65."
    ],
    options: [
      .choice(
        "format", EventFormat.allCases.map(\.rawValue), "what events look like", standard: "native"),
      .choice(
        "raw", RawAttachment.allCases.map(\.rawValue), "the untouched record in each native event",
        standard: "off"),
      .flag("explain", "say of each field where its value came from, instead of the event"),
      .text("city", "FILE", "a City or Country database (.mmdb), for source.geo"),
      .text("asn", "FILE", "an ASN database (.mmdb), for source.as_number"),
      .text("anonymous", "FILE", "an Anonymous-IP database (.mmdb)"),
      .choice(
        "content-type", ContentType.allCases.map(\.rawValue), "which feed the records came from"),
    ],
    positionals: [
      PositionalDeclaration(
        name: "FILE", help: "a file; \"-\", or none, is standard input", isRequired: false,
        isRepeating: true)
    ],
    examples: [
      ("normalize blob.json", "prints the events of a blob"),
      ("normalize --raw object - < records.ndjson", "with the record in each event"),
      ("normalize --format ecs --explain blob.json", "prints where each field came from"),
    ])

  private let context: EventContext
  private var encoder: EventEncoder
  /// Explains events instead of writing them.
  private let explainer: EventExplainer?
  private var output: [UInt8] = []
  private var refused = 0

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let places = try databases(invoked.arguments)
    let format: EventFormat = invoked.arguments.choice("format") ?? .native
    if invoked.arguments.flag("explain"), !EventExplainer.formats.contains(format) {
      let formats = EventExplainer.formats.map(\.rawValue).joined(separator: ", ")
      throw CommandFailure("--explain is for the formats \(formats)", .badUsage)
    }
    var command = NormalizeCommand(invoked.arguments, format, places: places)
    let files = invoked.arguments.words("FILE")
    for file in files.isEmpty ? ["-"] : files { try command.normalize(file) }
    try command.flush()
    guard command.refused > 0 else { return .done }
    Output.say("millrace: \(command.refused) records could not be parsed")
    return .badData
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
        throw CommandFailure(error.description, .badData)
      }
    }
    return PlaceDatabases(sources, log: Log(level: .warning))
  }

  private init(_ arguments: Arguments, _ format: EventFormat, places: PlaceDatabases?) {
    let type = arguments.string("content-type").flatMap { ContentType(rawValue: $0) }
    context = EventContext(
      tenant: nil, tenantName: nil, contentType: type, contentID: nil, available: nil,
      collected: nil)
    encoder = EventEncoder(
      format: format, raw: arguments.choice("raw") ?? .off, places: places)
    explainer =
      arguments.flag("explain") ? EventExplainer(format: format, places: places) : nil
  }

  private mutating func normalize(_ path: String) throws(CommandFailure) {
    let isInput = path == "-"
    let file = isInput ? "standard input" : path
    let descriptor = isInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CommandFailure("\(file): \(String(cString: strerror(errno)))", .badData)
    }
    defer { if !isInput { close(descriptor) } }
    var splitter = InputSplitter()
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw CommandFailure("\(file): \(String(cString: strerror(errno)))", .badData)
      }
      if count == 0 { break }
      chunk.withUnsafeBytes { splitter.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      while let value = try split(file, { () throws(InputProblem) in try splitter.next() }) {
        try emit(value, of: file)
      }
    }
    while let value = try split(file, { () throws(InputProblem) in try splitter.finish() }) {
      try emit(value, of: file)
    }
  }

  private func split(
    _ file: String, _ next: () throws(InputProblem) -> PaddedBytes?
  ) throws(CommandFailure) -> PaddedBytes? {
    do throws(InputProblem) { return try next() } catch {
      throw CommandFailure("\(file): \(error)", .badData)
    }
  }

  private mutating func emit(_ value: PaddedBytes, of file: String) throws(CommandFailure) {
    let scan = BlobScanner.scan(value)
    if let problem = scan.problem, scan.records.isEmpty {
      refused += 1
      Output.say("millrace: \(file): \(problem.reason)")
    }
    for record in scan.records {
      switch record.verdict {
      case .dead(let reason):
        refused += 1
        Output.say("millrace: \(file): \(reason)")
      case .event:
        if let explainer {
          explain(explainer.explain(record, of: value, context: context))
        } else {
          _ = encoder.encode(record, of: value, context: context, into: &output)
        }
        if output.count >= 1 << 20 { try flush() }
      }
    }
  }

  /// One field a line, as columns with tabs between them; an empty line ends the event.
  private mutating func explain(_ fields: [ExplainedField]) {
    for field in fields {
      output += Array("\(field.path)\t\(field.value)\t\(field.origin)\n".utf8)
    }
    output.append(UInt8(ascii: "\n"))
  }

  private mutating func flush() throws(CommandFailure) {
    try Output.data(output)
    output.removeAll(keepingCapacity: true)
  }
}
