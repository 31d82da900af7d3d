import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceStore
import Synchronization

/// `backup FILE`: a consistent copy of the store.
enum BackupCommand {
  static let declaration = CommandDeclaration(
    name: "backup",
    summary: "copy the store to a file, while it runs",
    details: [
      "Writes all that is committed at one moment to FILE (0600), beside a running collector or "
        + "without one. FILE appears when it is whole and durable, never before.",
      "To restore: stop the collector, put FILE in the place of millrace.db in the folder of the "
        + "store, and remove millrace.db-wal and millrace.db-shm there. Files of file sinks are cut "
        + "back to what the backup knows of them, and what they lose is delivered again: keep copies "
        + "of them first. docs/ledger.md says more.",
    ],
    options: [.flag("force", "replace FILE if it exists")],
    positionals: [PositionalDeclaration(name: "FILE", help: "where to")],
    printsReport: true,
    examples: [("backup /backup/millrace-monday.db", "copies the store")])

  /// What was written.
  private struct Report: Encodable {
    let file: String
    let bytes: Int
    let lastEntry: Int64
    let seconds: Double
  }

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let configuration = try invoked.configuration()
    guard let file = invoked.arguments.word("FILE") else {
      preconditionFailure("FILE is a required word")
    }
    // Opened as well, so that a store that is not there, or too new, is named as everywhere.
    let store = try OpenedStore.inspect(configuration)
    store.close()
    let stop = StopFlag()
    Signals.watch { _ in stop.set() }
    let line = Mutex(ProgressLine(log: invoked.log, ProgressLine.bytes))
    let start = ContinuousClock.now
    let outcome: Backup.Outcome
    do throws(StoreError) {
      outcome = try await Backup.write(
        from: configuration.store.path, to: file, replacing: invoked.arguments.flag("force")
      ) { progress in
        line.withLock { $0.show(done: progress.bytes, of: progress.totalBytes) }
        return !stop.isSet
      }
    } catch {
      line.withLock { $0.finish() }
      throw CommandFailure(error.description, .failed)
    }
    line.withLock { $0.finish() }
    let seconds = Double((ContinuousClock.now - start).milliseconds) / 1000
    if invoked.arguments.flag("json") {
      try Output.line(
        ReportJSON.text(
          Report(file: file, bytes: outcome.bytes, lastEntry: outcome.lastEntry, seconds: seconds)))
    } else {
      try Output.line(
        "backed up to \(file): \(ByteSize.text(outcome.bytes)), entries up to "
          + "\(outcome.lastEntry), in \(seconds) s")
    }
    return .done
  }
}

/// Set by a signal, seen by what runs.
private final class StopFlag: Sendable {
  private let state = Mutex(false)

  var isSet: Bool { state.withLock { $0 } }

  func set() {
    state.withLock { $0 = true }
  }
}
