import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceStore

/// `dead-letters list|show|retry|drop`: what could not be parsed, and what a sink refused for good.
enum DeadLettersCommand {
  private static let filters: [OptionDeclaration] = [
    .choice(
      "kind", DeadLetterKind.allCases.map(\.rawValue), "only this kind"),
    .text("sink", "NAME", "only what this sink refused"),
    .text("tenant", "TENANT", "only this tenant, by name or GUID"),
  ]

  private static let numbers = PositionalDeclaration(
    name: "ID", help: "the number of a dead letter, as list shows it", isRequired: false,
    isRepeating: true)

  static let declaration = CommandDeclaration(
    name: "dead-letters",
    summary: "show, retry or drop what could not be parsed or delivered",
    details: [
      "A blob or a record that could not be parsed, or an event that a sink refused for good, is "
        + "kept with its bytes until it is retried or dropped."
    ],
    subcommands: [
      CommandDeclaration(
        name: "list", summary: "show what is open",
        options: filters + [
          .integer("limit", in: 1...1_000_000, "show no more than this many", standard: 100)
        ], printsReport: true, examples: [("dead-letters list --sink siem", "what siem refused")]),
      CommandDeclaration(
        name: "show", summary: "show one with its reason and its bytes",
        options: [.flag("bytes", "write the bytes alone, as they arrived")],
        positionals: [PositionalDeclaration(name: "ID", help: "its number, as list shows it")],
        printsReport: true,
        examples: [("dead-letters show 17 --bytes > record.json", "keeps what arrived")]),
      CommandDeclaration(
        name: "retry", summary: "enter it into the log again",
        details: [
          "What a sink refused is delivered to that sink alone; what could not be parsed is parsed "
            + "again and goes to every sink. What fails again becomes a new dead letter, with one "
            + "attempt more."
        ],
        options: [.flag("all", "all that the other options take")] + filters,
        positionals: [numbers], printsReport: true,
        examples: [("dead-letters retry --all --sink siem", "after siem was mended")]),
      CommandDeclaration(
        name: "drop", summary: "give it up; its bytes are deleted",
        options: [.flag("all", "all that the other options take")] + filters,
        positionals: [numbers], printsReport: true,
        examples: [("dead-letters drop 17 18", "gives up two of them")]),
    ])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let configuration = await OpenedStore.resolved(try invoked.configuration())
    let arguments = invoked.arguments
    switch arguments.command[1] {
    case "list": return try await list(configuration, arguments)
    case "show": return try await show(configuration, arguments)
    case let action: return try await change(configuration, arguments, action)
    }
  }

  // MARK: Looking

  private static func list(
    _ configuration: Configuration, _ arguments: Arguments
  ) async throws(CommandFailure) -> ExitCode {
    let filter = try order(configuration, arguments).filter
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    let limit = arguments.integer("limit") ?? 100
    let (letters, count) = try await OpenedStore.ask { () throws(StoreError) in
      (
        try await store.openDeadLetters(filter, limit: limit),
        try await store.openDeadLetterCounts(filter).values.reduce(0, +)
      )
    }
    if count == 0 { try expect(filter.sink, in: configuration) }
    let reports = letters.map { DeadLetterReport($0, OpenedStore.tenantNames(configuration)) }
    if arguments.flag("json") {
      try Output.line(ReportJSON.text(reports))
    } else if !reports.isEmpty {
      for line in DeadLetterText.table(reports) { try Output.line(line) }
    }
    if count > letters.count {
      Output.say("millrace: \(letters.count) of \(count) are shown; --limit shows more")
    } else if count == 0 {
      Output.say("millrace: no dead letters")
    }
    return .done
  }

  private static func show(
    _ configuration: Configuration, _ arguments: Arguments
  ) async throws(CommandFailure) -> ExitCode {
    let id = try number(arguments.word("ID") ?? "")
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    let (found, bytes) = try await OpenedStore.ask { () throws(StoreError) in
      (try await store.deadLetter(id), try await store.deadLetterBytes(id))
    }
    guard let letter = found else {
      throw CommandFailure(
        "there is no dead letter \(id); \"millrace dead-letters list\" shows what is open", .failed)
    }
    var report = DeadLetterReport(letter, OpenedStore.tenantNames(configuration))
    if arguments.flag("bytes") {
      guard let bytes else {
        throw CommandFailure(
          "dead letter \(id) was \(report.closed ?? "closed"): its bytes are gone from it", .failed)
      }
      try Output.data(bytes)
    } else if arguments.flag("json") {
      report.text = bytes.map { String(decoding: $0, as: UTF8.self) }
      try Output.line(ReportJSON.text(report))
    } else {
      for line in DeadLetterText.lines(report) { try Output.line(line) }
      if let bytes { try Output.line("\n" + DeadLetterText.excerpt(bytes, of: id)) }
    }
    return .done
  }

  // MARK: Changing

  private static func change(
    _ configuration: Configuration, _ arguments: Arguments, _ action: String
  ) async throws(CommandFailure) -> ExitCode {
    let order = try order(configuration, arguments)
    try OpenedStore.expect(configuration)
    let outcome: DeadLetterOutcome
    let isRunning: Bool
    if let answer = try await ControlClient(configuration).send(
      "/dead-letters/\(action)", body: order, answer: DeadLetterOutcome.self)
    {
      (outcome, isRunning) = (answer, true)
    } else {
      (outcome, isRunning) = (try await changeStored(configuration, order, action), false)
    }
    if outcome.closed == 0, outcome.withoutSink.isEmpty {
      try expect(order.sink, in: configuration)
    }
    if arguments.flag("json") {
      try Output.line(ReportJSON.text(outcome))
    } else {
      try Output.line(DeadLetterText.outcome(outcome, of: action, isRunning: isRunning))
    }
    for line in DeadLetterText.complaints(outcome) { Output.say("millrace: " + line) }
    return outcome.missing.isEmpty && outcome.withoutSink.isEmpty ? .done : .failed
  }

  /// Without a collector this process is the one that writes.
  private static func changeStored(
    _ configuration: Configuration, _ order: DeadLetterOrder, _ action: String
  ) async throws(CommandFailure) -> DeadLetterOutcome {
    try await OpenedStore.ask { () throws(StoreError) in
      let store = try Store(folder: configuration.store.path)
      defer { store.close() }
      let desk = DeadLetterDesk(
        store: store, sinks: Set(configuration.sinks.map(\.name)),
        now: { SystemWallClock().now() })
      return action == "retry" ? try await desk.retry(order) : try await desk.drop(order)
    }
  }

  // MARK: Words

  /// Which dead letters the words mean. What changes something names them, or says `--all`.
  private static func order(
    _ configuration: Configuration, _ arguments: Arguments
  ) throws(CommandFailure) -> DeadLetterOrder {
    var order = DeadLetterOrder()
    order.kind = arguments.choice("kind")
    order.sink = arguments.string("sink")
    if let tenant = arguments.string("tenant") {
      order.tenant = try OpenedStore.tenant(tenant, in: configuration).description
    }
    guard arguments.command[1] != "list" else { return order }
    let words = arguments.words("ID")
    let isFiltered = ["kind", "sink", "tenant"].contains(where: arguments.isGiven)
    if arguments.flag("all") {
      guard words.isEmpty else {
        throw CommandFailure("give numbers or --all, not both", .badUsage)
      }
      return order
    }
    guard !words.isEmpty else {
      throw CommandFailure("say which: numbers, or --all", .badUsage)
    }
    guard !isFiltered else {
      throw CommandFailure("--kind, --sink and --tenant go with --all, not with numbers", .badUsage)
    }
    var ids: [Int64] = []
    for word in words { ids.append(try number(word)) }
    order.ids = ids
    return order
  }

  /// A sink that refused nothing is one of the configuration's, or its name is mistyped. One that
  /// was taken out of the configuration is found by its dead letters.
  private static func expect(
    _ sink: String?, in configuration: Configuration
  ) throws(CommandFailure) {
    guard let sink, !configuration.sinks.contains(where: { $0.name == sink }) else { return }
    throw CommandFailure(
      "no dead letter is of a sink \(sink), and none is in the configuration; there are: "
        + configuration.sinks.map(\.name).joined(separator: ", "), .badUsage)
  }

  private static func number(_ word: String) throws(CommandFailure) -> Int64 {
    guard let number = ArgumentValue.wholeNumber(word), number > 0 else {
      throw CommandFailure("\"\(word)\" is not the number of a dead letter", .badUsage)
    }
    return Int64(number)
  }
}
