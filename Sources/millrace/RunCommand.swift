import Glibc
import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillracePipeline
import MillraceRuntime
import MillraceStore

/// `run`: collects until it is told to stop, or with `--once` until all there is now was delivered.
struct RunCommand {
  let configuration: Configuration
  let log: Log
  /// Nil runs until a signal.
  let patience: Duration?

  /// Runs, and says what came of it.
  func run() async throws(CommandFailure) -> ExitCode {
    let (outcome, _) = try await collect()
    return RunCommand.report(outcome)
  }

  /// Runs; for `demo`, which wants to tell more of it.
  func collect() async throws(CommandFailure) -> (RunOutcome, StatusReport) {
    let collector = try await open()
    let consoles = try listen(collector)
    Signals.watch { name in
      log.info("stopping; a second signal ends at once", ["signal": name])
      collector.stop()
    }
    let progress = Task { await showProgress(collector) }
    let outcome = await collector.run(patience.map { .once(patience: $0) } ?? .continuous)
    progress.cancel()
    await progress.value
    for console in consoles { console.stop() }
    let status: StatusReport
    do throws(StoreError) { status = try await collector.status() } catch {
      throw CommandFailure(error.description, .failed)
    }
    collector.close()
    return (outcome, status)
  }

  private func open() async throws(CommandFailure) -> Collector {
    do {
      return try await Collector.open(configuration, log: log)
    } catch let error as StoreError {
      let code: ExitCode = error.kind == .inputOutput ? .configuration : .failed
      throw CommandFailure(error.description, code)
    } catch let error as ConfigurationError {
      throw CommandFailure(error.description, .configuration)
    } catch {
      throw CommandFailure("\(error)", .failed)
    }
  }

  /// The console, where one is configured, and the socket that commands ask.
  private func listen(_ collector: Collector) throws(CommandFailure) -> [Console] {
    var addresses: [HTTPServer.Listen] = [
      .unixSocket(path: Console.socketPath(folder: configuration.store.path))
    ]
    if let console = configuration.console {
      addresses.append(.tcp(host: console.host, port: console.port))
    }
    var consoles: [Console] = []
    for address in addresses {
      do throws(HTTPServerError) {
        consoles.append(try Console(collector: collector, on: address))
      } catch {
        throw CommandFailure(error.description, .failed)
      }
    }
    return consoles
  }

  private func showProgress(_ collector: Collector) async {
    // An endless run logs what it does; only a run with an end has progress to show.
    guard patience != nil else { return }
    var line = ProgressLine()
    while !Task.isCancelled {
      let progress = collector.progress
      line.show(done: progress.delivered, of: progress.indexed)
      do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
    }
    line.finish()
  }

  /// Says what is owed, and chooses the exit code.
  static func report(_ outcome: RunOutcome) -> ExitCode {
    guard outcome.ending == .owed else { return .done }
    Output.say("millrace: not everything was delivered:")
    for line in outcome.owed { Output.say("  " + line) }
    let kinds = outcome.kinds
    if kinds.contains(.credentialRefused) || kinds.contains(.tokenRefused) { return .refused }
    if kinds.contains(.misconfigured) { return .configuration }
    if kinds.contains(.unreachable) { return .unavailable }
    return .failed
  }
}
