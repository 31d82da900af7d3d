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
  /// How many workers parse and encode.
  let workers: Int
  /// Whether the console stays open after the end, until a signal.
  var staysOpen = false
  /// Takes the progress of a run with an end where there is no terminal; nil for `log`.
  var progressLog: Log?
  /// Told what came of the run as soon as that is known.
  var whenDone: (@Sendable (StatusReport) -> Void)?

  static let declaration = CommandDeclaration(
    name: "run",
    summary: "collect and deliver until told to stop",
    details: [
      "Subscribes what is not subscribed, lists, fetches, stores, and delivers to every sink. "
        + "SIGTERM or SIGINT lets what is fetched be delivered, then ends with 0; a second one ends "
        + "at once. Nothing is lost either way. SIGHUP has file sinks open their files again, after "
        + "logrotate renamed them.",
      "With --once it ends when all there is now was delivered or is accounted for (expired, dead "
        + "letter). When something is still owed after --patience, it names it and ends with 69 if "
        + "a service did not answer, 77 if one refused, 78 if the configuration is wrong, or else "
        + "with 1, as it does when it was stopped before.",
    ],
    options: [
      .flag("once", "deliver all there is now, then exit"),
      .duration(
        "patience", in: .seconds(1)...(.seconds(86_400)),
        "with --once: how long nothing may move before it gives up", standard: "30s"),
      .integer(
        "workers", in: 1...64, "how many workers parse and encode (default: one for each core)"),
    ],
    examples: [
      ("run --config /etc/millrace/millrace.yaml", "collects until it is told to stop"),
      ("run --once --patience 2m", "collects what there is and exits"),
    ])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    guard arguments.flag("once") || !arguments.isGiven("patience") else {
      throw CommandFailure(
        "--patience belongs to --once: without it a run waits for as long as it takes", .badUsage)
    }
    let command = RunCommand(
      configuration: try invoked.configuration(), log: invoked.log,
      patience: arguments.flag("once") ? arguments.duration("patience") : nil,
      workers: arguments.integer("workers") ?? RunCommand.cores)
    let (outcome, status) = try await command.collect()
    let code = RunCommand.report(outcome, to: invoked)
    guard arguments.flag("once") else { return code }
    invoked.say(summary(status))
    guard outcome.ending == .stopped else { return code }
    invoked.say("stopped before all there is was delivered; the next run goes on")
    return .failed
  }

  /// How many cores this process may use.
  static var cores: Int { max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1) }

  /// One line on what a run has done.
  private static func summary(_ status: StatusReport) -> String {
    let delivered = status.sinks.map { "\($0.name): \(ProgressLine.grouped($0.deliveredEvents))" }
    return "\(ProgressLine.grouped(status.bodies)) blobs with "
      + "\(ProgressLine.grouped(status.records)) records in the store, "
      + "\(status.deadLetters) dead letters; events delivered: "
      + delivered.joined(separator: ", ")
      + "; peak memory \(ByteSize.text(status.run?.residentBytesPeak ?? 0))"
  }

  /// Runs; for `demo`, which wants to tell more of it.
  func collect() async throws(CommandFailure) -> (RunOutcome, StatusReport) {
    let collector = try await open()
    // Before commands can reach it: whoever finds it there may stop it in an orderly way.
    let signalled = Pulse()
    let stop: @Sendable (String) -> Void = { [log] name in
      log.info("stopping; a second signal ends at once", ["signal": name])
      collector.stop()
      signalled.beat()
    }
    let hadTerminal = Output.hasTerminal
    Signals.watch {
      // A terminal that went away sends the signal too: whoever sat there wants no collector.
      if hadTerminal && !Output.hasTerminal { return stop("SIGHUP") }
      Task { await collector.reopenSinks() }
    } first: { name in
      stop(name)
    }
    let consoles = try listen(collector)
    let progress = Task { await showProgress(collector) }
    let outcome = await collector.run(patience.map { .once(patience: $0) } ?? .continuous)
    progress.cancel()
    await progress.value
    let status: StatusReport
    do throws(StoreError) { status = try await collector.status() } catch {
      throw CommandFailure(error.description, .failed)
    }
    if staysOpen && signalled.count == 0 {
      whenDone?(status)
      Output.say("the status page stays open until Ctrl-C")
      await signalled.wait(beyond: 0)
    } else {
      whenDone?(status)
    }
    for console in consoles { console.stop() }
    collector.close()
    return (outcome, status)
  }

  private func open() async throws(CommandFailure) -> Collector {
    do {
      return try await Collector.open(configuration, workers: workers, log: log)
    } catch let error as StoreError {
      let code: ExitCode = error.kind == .inputOutput ? .badConfiguration : .failed
      throw CommandFailure(error.description, code)
    } catch let error as SetupError {
      let code: ExitCode =
        switch error.failure?.kind {
        case nil: .badConfiguration
        case .unreachable?: .unavailable
        default: .refused
        }
      throw CommandFailure(error.description, code)
    } catch {
      throw CommandFailure("\(error)", .failed)
    }
  }

  /// The console, where one is configured, and the socket that commands ask.
  private func listen(_ collector: Collector) throws(CommandFailure) -> [Console] {
    var consoles: [Console] = []
    let socket = Console.socketPath(folder: configuration.store.path)
    do throws(HTTPServerError) {
      consoles.append(try Console(collector: collector, on: .unixSocket(path: socket)))
    } catch {
      // Collecting does without: commands then read the store.
      log.warning("commands cannot ask this collector", ["reason": error.description])
    }
    guard let console = configuration.console else { return consoles }
    do throws(HTTPServerError) {
      consoles.append(
        try Console(collector: collector, on: .tcp(host: console.host, port: console.port)))
    } catch {
      throw CommandFailure(error.description, .failed)
    }
    return consoles
  }

  private func showProgress(_ collector: Collector) async {
    // An endless run logs what it does; only a run with an end has progress to show.
    guard patience != nil else { return }
    var line = ProgressLine(log: progressLog ?? log, of: "events processed")
    while !Task.isCancelled {
      let progress = collector.progress
      line.show(done: progress.processed, of: progress.indexed)
      do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
    }
    line.finish()
  }

  /// Says what is owed, and chooses the exit code.
  static func report(_ outcome: RunOutcome, to invoked: Invoked) -> ExitCode {
    guard outcome.ending == .owed else { return .done }
    invoked.say(
      (["not everything was delivered:"] + outcome.owed).joined(separator: "\n  "),
      isTrouble: true)
    let kinds = outcome.kinds
    if !kinds.isDisjoint(with: [.credentialRefused, .tokenRefused, .permissionMissing]) {
      return .refused
    }
    if kinds.contains(.misconfigured) { return .badConfiguration }
    if kinds.contains(.unreachable) { return .unavailable }
    return .failed
  }
}
