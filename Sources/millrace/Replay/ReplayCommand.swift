import MillraceConfiguration
import MillraceCore
import MillraceEvents
import MillracePipeline
import MillraceRuntime
import MillraceStore

/// `replay`: sends what is stored again, to a sink or to standard output.
struct ReplayCommand {
  let configuration: Configuration
  let arguments: Arguments
  let log: Log

  static let declaration = CommandDeclaration(
    name: "replay",
    summary: "send stored content again, to a sink or to standard output",
    details: [
      "Sends events that the store still holds: to a sink, beside what it gets live and without "
        + "touching its cursor, or to standard output. Each goes through today's normalizer, which is "
        + "how yesterday's mapping is repaired. Repeats and dead letters stay out, as they were "
        + "decided; nothing else is left out for having been sent before.",
      "Where a collector runs, it does the work, and this command shows how far it is; Ctrl-C leaves "
        + "it at work. Where none runs, this process does it. A replay survives whatever stops it: "
        + "the same command goes on where it was, and so does a collector that starts.",
    ],
    options: [
      .text("sink", "NAME", "the sink to send to, as it is configured"),
      .flag("to-stdout", "write the events to standard output instead"),
      .time("from", "only what happened at this time or later"),
      .time("to", "only what happened before this time"),
      .choice(
        "by", ReplaySelection.Basis.allCases.map(\.rawValue),
        "what --from and --to mean: when it happened, or when the service made it available",
        standard: "event"),
      .text("tenant", "TENANT", "only this tenant, by name or GUID", isRepeatable: true),
      .choice(
        "content-type", ContentType.allCases.map(\.rawValue), "only this content type",
        isRepeatable: true),
      .text("content-id", "ID", "only the content blob of this name", isRepeatable: true),
      .text("operation", "NAME", "only this operation, in any letter case", isRepeatable: true),
      .integer("rate", in: 1...Limits.replayRateMax, "at most this many events a second"),
      .choice(
        "format", EventFormat.allCases.map(\.rawValue),
        "what events look like (default: as the sink is configured; native on standard output)"),
      .flag("list", "show the latest replays"),
      .integer(
        "cancel", in: 1...Int.max, "end a replay; what it has delivered stays", valueName: "ID"),
      .integer("resume", in: 1...Int.max, "go on with a replay that was stopped", valueName: "ID"),
    ],
    printsReport: true,
    examples: [
      ("replay --sink siem --from 2026-03-04 --to 2026-03-05", "sends a day again"),
      (
        "replay --to-stdout --format raw --operation MailItemsAccessed",
        "prints the records of an operation"
      ),
    ])

  /// What selects, and says nothing to a replay that is there already.
  private static let selecting = [
    "from", "to", "tenant", "content-type", "content-id", "operation", "rate", "format",
  ]

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let modes = ["sink", "to-stdout", "list", "cancel", "resume"].filter(arguments.isGiven)
    guard modes.count == 1 else {
      throw CommandFailure(
        "replay needs one of --sink NAME, --to-stdout, --list, --cancel ID, --resume ID", .badUsage)
    }
    if !["sink", "to-stdout"].contains(modes[0]),
      let extra = selecting.first(where: arguments.isGiven)
    {
      throw CommandFailure("--\(extra) says nothing to --\(modes[0])", .badUsage)
    }
    let command = ReplayCommand(
      configuration: await OpenedStore.resolved(try invoked.configuration()),
      arguments: arguments, log: invoked.log)
    switch modes[0] {
    case "sink": return try await command.send()
    case "to-stdout": return try await command.print()
    case "list": return try await command.list()
    case "cancel": return try await command.cancel()
    default: return try await command.resume()
    }
  }

  private var isJSON: Bool { arguments.flag("json") }

  // MARK: To a sink

  private func request(sink: String) throws(CommandFailure) -> ReplayRequest {
    var request = ReplayRequest(sink: sink)
    if let from = arguments.time("from"), let to = arguments.time("to"), from >= to {
      throw CommandFailure("--from has to be before --to", .badUsage)
    }
    request.from = arguments.time("from")?.description
    request.to = arguments.time("to")?.description
    request.by = arguments.choice("by") ?? .event
    for word in arguments.strings("tenant") {
      request.tenants.append(try OpenedStore.tenant(word, in: configuration).description)
    }
    request.contentTypes = arguments.strings("content-type")
    request.contentIds = arguments.strings("content-id")
    request.operations = arguments.strings("operation")
    request.rate = arguments.integer("rate")
    request.format = arguments.string("format")
    return request
  }

  private func send() async throws(CommandFailure) -> ExitCode {
    let name = arguments.string("sink") ?? ""
    guard let sink = configuration.sinks.first(where: { $0.name == name }) else {
      let known = configuration.sinks.map(\.name).joined(separator: ", ")
      throw CommandFailure(
        "no sink \(name) in the configuration; there are: \(known)", .badUsage)
    }
    do throws(SetupError) { try SinkFactory.checkBuilt(sink) } catch {
      throw CommandFailure(error.description, .badConfiguration)
    }
    let request = try request(sink: name)
    if let refusal = SinkFactory.refusal(of: request.format, for: sink) {
      throw CommandFailure(refusal, .badUsage)
    }
    try OpenedStore.expect(configuration)
    let client = ControlClient(configuration)
    if let report = try await client.send(
      "/replay/start", body: request, answer: ReplayReport.self)
    {
      return finish(try await ReplayFollowing(client: client, log: log).follow(report))
    }
    return try await standalone { (replay) throws(StoreError) in try await replay.start(request) }
  }

  private func resume() async throws(CommandFailure) -> ExitCode {
    let id = Int64(arguments.integer("resume") ?? 0)
    try OpenedStore.expect(configuration)
    let client = ControlClient(configuration)
    if var report = try await client.send(
      "/replay/show", body: ReplayNumber(id: id), answer: ReplayReport.self)
    {
      report.wasRunning = true
      try ReplayCommand.expectRunning(report)
      return finish(try await ReplayFollowing(client: client, log: log).follow(report))
    }
    return try await standalone { (replay) throws(StoreError) in
      var report = try await replay.report(of: id)
      report?.wasRunning = true
      return report
    }
  }

  private static func expectRunning(_ report: ReplayReport) throws(CommandFailure) {
    guard report.state != .running else { return }
    throw CommandFailure(
      "replay \(report.id ?? 0) is \(report.state.rawValue); start a new one with --sink", .failed)
  }

  /// Runs a replay in this process, holding the store's lock.
  private func standalone(
    _ find: (StandaloneReplay) async throws(StoreError) -> ReplayReport?
  ) async throws(CommandFailure) -> ExitCode {
    do {
      let replay = try StandaloneReplay(configuration, workers: RunCommand.cores, log: log)
      defer { replay.close() }
      guard let report = try await find(replay), let id = report.id else {
        throw CommandFailure(
          "there is no such replay; \"millrace replay --list\" shows them", .failed)
      }
      if arguments.isGiven("resume") { try ReplayCommand.expectRunning(report) }
      return finish(try await ReplayFollowing.run(replay, report, id, log: log))
    } catch let failure as CommandFailure {
      throw failure
    } catch let error as SetupError {
      throw CommandFailure(error.description, .badConfiguration)
    } catch {
      throw CommandFailure("\(error)", .failed)
    }
  }

  /// Says what came of a replay, and chooses the exit code. Nil when it is still at work.
  private func finish(_ report: ReplayReport?) -> ExitCode {
    guard let report else { return .done }
    if isJSON {
      say(ReportJSON.text(report), report)
    } else {
      say(ReplayText.end(report), report)
    }
    guard report.state == .done else { return .failed }
    if report.events == 0 {
      Output.say(
        "millrace: nothing that the store has indexed is in the span; what was imported is indexed by"
          + " the next \"millrace run\"")
    }
    guard report.damagedBlobs > 0 else { return .done }
    Output.say(
      "millrace: \(report.damagedBlobs) damaged blobs were left out; \"millrace verify\" names them"
    )
    return .failed
  }

  /// A report is data, unless events are.
  private func say(_ text: String, _ report: ReplayReport) {
    let sink = configuration.sinks.first { $0.name == report.request.sink }
    guard !report.request.sink.isEmpty, sink?.kind != .stdout else { return Output.say(text) }
    do throws(CommandFailure) { try Output.line(text) } catch { Output.say(error.message) }
  }

  // MARK: To standard output

  private func print() async throws(CommandFailure) -> ExitCode {
    let request = try request(sink: "")
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    let stream = ReplayStream(
      store, request, workers: RunCommand.cores,
      tenants: TenantFacts.known(configuration),
      places: configuration.location?.open(log: log), labels: EventLabels(configuration.labels))
    var line = ProgressLine(log: log, of: "events", isOpenEnded: false)
    do {
      let report = try await stream.run { error in
        Output.say("millrace: left out: \(error)")
      } progress: { report in
        // A terminal that shows the events has no place for it.
        if !Output.isTerminal { line.show(done: report.examined ?? 0, of: report.events) }
      } write: { (bytes) throws(CommandFailure) in
        try Output.data(bytes)
      }
      line.finish()
      for text in ReplayText.beginning(report) { Output.say(text) }
      return finish(report)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure("\(error)", .failed)
    }
  }

  // MARK: Jobs

  private static let listed = 50

  private func list() async throws(CommandFailure) -> ExitCode {
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    let reports = try await OpenedStore.ask { () throws(StoreError) in
      try await store.replays(limit: ReplayCommand.listed)
    }.map { ReplayReport($0) }
    if isJSON {
      try Output.line(ReportJSON.text(reports))
    } else if reports.isEmpty {
      Output.say("millrace: nothing was replayed yet")
    } else {
      for line in ReplayText.table(reports) { try Output.line(line) }
    }
    return .done
  }

  private func cancel() async throws(CommandFailure) -> ExitCode {
    let id = Int64(arguments.integer("cancel") ?? 0)
    try OpenedStore.expect(configuration)
    let report: ReplayReport
    if let answer = try await ControlClient(configuration).send(
      "/replay/cancel", body: ReplayNumber(id: id), answer: ReplayReport.self)
    {
      report = answer
    } else {
      report = try await cancelStored(id)
    }
    try Output.line(isJSON ? ReportJSON.text(report) : ReplayText.end(report))
    return .done
  }

  private func cancelStored(_ id: Int64) async throws(CommandFailure) -> ReplayReport {
    do {
      let replay = try StandaloneReplay(configuration, workers: 1, log: log)
      defer { replay.close() }
      let isCancelled = try await replay.cancel(id)
      guard let report = try await replay.report(of: id) else {
        throw CommandFailure(
          "there is no replay \(id); \"millrace replay --list\" shows them", .failed)
      }
      guard isCancelled else {
        throw CommandFailure("replay \(id) is \(report.state.rawValue)", .failed)
      }
      return report
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure("\(error)", .failed)
    }
  }
}
