import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceStore

/// `sinks list|drop`: the cursors that the store keeps, also of sinks that are configured no more.
enum SinksCommand {
  static let declaration = CommandDeclaration(
    name: "sinks",
    summary: "list the sinks the store knows, or forget one that was removed",
    details: [
      "A sink's name is its identity: its cursor is kept when it is removed from the "
        + "configuration, so that it goes on where it stopped if it comes back. \"drop\" forgets "
        + "it; a sink of that name then begins anew, where its \"from\" says."
    ],
    subcommands: [
      CommandDeclaration(
        name: "list", summary: "show every sink the store knows, and how far it has come",
        printsReport: true),
      CommandDeclaration(
        name: "drop", summary: "forget a sink that is not configured any more",
        positionals: [PositionalDeclaration(name: "NAME", help: "the sink")], printsReport: true,
        examples: [("sinks drop old-siem", "after old-siem was taken out of the configuration")]),
    ])

  /// One line of the report.
  private struct Row: Codable {
    var name: String
    var type: String?
    var isConfigured: Bool
    var nextEntry: Int64
    var deliveredEvents: Int
    var refusedEvents: Int
    var deliveredAt: String?
  }

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let configuration = try invoked.configuration()
    switch invoked.arguments.command[1] {
    case "list": return try await list(configuration, asJSON: invoked.arguments.flag("json"))
    default: return try await drop(configuration, invoked.arguments)
    }
  }

  private static func list(
    _ configuration: Configuration, asJSON: Bool
  ) async throws(CommandFailure) -> ExitCode {
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    let known = try await OpenedStore.ask { () throws(StoreError) in try await store.status().sinks
    }
    let rows = known.map { sink in
      let configured = configuration.sinks.first { $0.name == sink.name }
      return Row(
        name: sink.name, type: configured?.kind.rawValue, isConfigured: configured != nil,
        nextEntry: sink.position.sequence, deliveredEvents: sink.deliveredEvents,
        refusedEvents: sink.refusedEvents, deliveredAt: sink.deliveredAt?.description)
    }
    if asJSON {
      try Output.line(ReportJSON.text(rows))
      return .done
    }
    for row in rows {
      let refused = row.refusedEvents > 0 ? ", \(row.refusedEvents) refused" : ""
      let last = row.deliveredAt.map { ", last at \($0)" } ?? ""
      try Output.line(
        "\(row.name) (\(row.type ?? "not configured")): next is log entry \(row.nextEntry), "
          + "\(row.deliveredEvents) events delivered\(refused)\(last)")
    }
    if rows.isEmpty { Output.say("millrace: the store knows no sink yet") }
    return .done
  }

  private static func drop(
    _ configuration: Configuration, _ arguments: Arguments
  ) async throws(CommandFailure) -> ExitCode {
    let order = SinkOrder(name: arguments.word("NAME") ?? "")
    try OpenedStore.expect(configuration)
    let outcome: SinkOutcome
    if let answer = try await ControlClient(configuration).send(
      "/sinks/drop", body: order, answer: SinkOutcome.self)
    {
      outcome = answer
    } else {
      let store = try OpenedStore.change(configuration)
      defer { store.close() }
      let desk = SinkDesk(store: store, configured: Set(configuration.sinks.map(\.name)))
      do throws(ControlError) { outcome = try await desk.drop(order) } catch {
        throw CommandFailure(error.error, .failed)
      }
    }
    if arguments.flag("json") {
      try Output.line(ReportJSON.text(outcome))
    } else if outcome.dropped {
      try Output.line("sink \(order.name): forgotten")
    }
    guard outcome.dropped else {
      Output.say(
        "millrace: the store knows no sink \(order.name); \"millrace sinks list\" shows them all")
      return .failed
    }
    return .done
  }
}
