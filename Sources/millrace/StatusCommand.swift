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
        + "store. Changes nothing."
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
    return .done
  }

  private static func report(
    _ configuration: Configuration
  ) async throws(CommandFailure) -> StatusReport {
    if let report = try await running(configuration) { return report }
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    do throws(StoreError) {
      return StatusReport(
        try await store.status(), at: SystemWallClock().now(),
        tenantNames: OpenedStore.tenantNames(configuration))
    } catch {
      throw CommandFailure(error.description, .failed)
    }
  }

  /// The running collector's report; nil when none answers.
  private static func running(
    _ configuration: Configuration
  ) async throws(CommandFailure) -> StatusReport? {
    guard let response = try await ControlClient(configuration).get("/status.json") else {
      return nil
    }
    do {
      return try StatusReport(json: response.body)
    } catch {
      throw CommandFailure(
        "the running collector's answer cannot be read: HTTP \(response.status)", .failed)
    }
  }
}
