import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillracePipeline
import MillraceRuntime
import MillraceStore

/// `status`: asks the running collector, else reads the store.
enum StatusCommand {
  static let declaration = CommandDeclaration(
    name: "status",
    summary: "show feeds, queue and sinks",
    details: [
      "Asks the running collector over the socket in the store's folder; where none runs, reads the "
        + "store. Where one does not answer, it says so, reads the store and ends with 1. Changes "
        + "nothing."
    ],
    printsReport: true,
    examples: [("status", "a table"), ("status --json", "the same for programs")])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let configuration = try invoked.configuration()
    let report = try await report(configuration)
    if invoked.arguments.flag("json") {
      try Output.line(report.json)
    } else {
      for line in StatusText.lines(report) { try Output.line(line) }
    }
    return report.silentCollector == nil ? .done : .failed
  }

  private static func report(
    _ configuration: Configuration
  ) async throws(CommandFailure) -> StatusReport {
    let client = ControlClient(configuration)
    switch await client.ask("/status.json") {
    case .answer(let response): return try read(response)
    case .nobody: return try await stored(configuration)
    case .silence:
      var report = try await stored(configuration)
      report.silentCollector = client.holder
      return report
    }
  }

  /// What the store holds.
  private static func stored(
    _ configuration: Configuration
  ) async throws(CommandFailure) -> StatusReport {
    let configuration = await OpenedStore.resolved(configuration)
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    do throws(StoreError) {
      var report = StatusReport(
        try await store.status(), at: SystemWallClock().now(),
        tenantNames: OpenedStore.tenantNames(configuration))
      report.storeBytesMax = Int(configuration.store.maxSize)
      try await report.add(configuration, of: store)
      return report
    } catch {
      throw CommandFailure(error.description, .failed)
    }
  }

  private static func read(_ response: HTTPResponse) throws(CommandFailure) -> StatusReport {
    do {
      return try StatusReport(json: response.body)
    } catch {
      throw CommandFailure(
        "the running collector's answer cannot be read: HTTP \(response.status)", .failed)
    }
  }
}
