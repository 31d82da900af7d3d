import MillracePipeline
import MillraceRuntime
import MillraceStore

/// Stays with a replay until it is over, and shows how far it is.
struct ReplayFollowing {
  let client: ControlClient
  let log: Log

  /// How often is looked.
  private static let interval: Duration = .milliseconds(200)

  /// Follows a replay that the running collector does. Nil when the person at the terminal had
  /// enough: the replay goes on.
  func follow(_ begun: ReplayReport) async throws(CommandFailure) -> ReplayReport? {
    // Watched before anything is said: whoever reads it may answer at once.
    let signalled = Pulse()
    Signals.watch { _ in signalled.beat() }
    for line in ReplayText.beginning(begun) { Output.say(line) }
    let id = begun.id ?? 0
    var report = begun
    var line = ProgressLine(
      log: log, of: "events", isOpenEnded: false, base: begun.examined ?? 0)
    var problem: String?
    while report.state == .running {
      await signalled.wait(beyond: 0, atMost: ReplayFollowing.interval)
      if signalled.count > 0 {
        line.finish()
        Output.say(
          "millrace: replay \(id) goes on in the collector; \"millrace replay --list\" shows it, "
            + "\"millrace replay --cancel \(id)\" ends it")
        return nil
      }
      report = try await look(id)
      if let found = report.problem, found != problem {
        line.finish()
        Output.say("millrace: replay \(id) waits: \(found)")
      }
      problem = report.problem
      line.show(done: report.examined ?? 0, of: report.events)
    }
    line.finish()
    return report
  }

  private func look(_ id: Int64) async throws(CommandFailure) -> ReplayReport {
    let reason: String
    do throws(CommandFailure) {
      if let report = try await client.send(
        "/replay/show", body: ReplayNumber(id: id), answer: ReplayReport.self)
      {
        return report
      }
      reason = "it does not answer any more"
    } catch {
      reason = error.message
    }
    throw CommandFailure(
      "the collector that does the replay cannot be asked: \(reason); replay \(id) goes on when it"
        + " runs again, or with \"millrace replay --resume \(id)\"", .failed)
  }

  /// Runs a replay in this process.
  static func run(
    _ replay: StandaloneReplay, _ begun: ReplayReport, _ id: Int64, log: Log
  ) async throws -> ReplayReport? {
    Signals.watch { _ in replay.stop() }
    for line in ReplayText.beginning(begun) { Output.say(line) }
    let progress = Task { await show(replay, begun, id, log: log) }
    let ended: Result<Void, any Error>
    do { ended = .success(try await replay.run(id)) } catch { ended = .failure(error) }
    progress.cancel()
    await progress.value
    try ended.get()
    let report = try await replay.report(of: id)
    if report?.state == .running {
      Output.say(
        "millrace: stopped before its end; the same command or \"millrace replay --resume \(id)\" "
          + "goes on, and so does a collector that starts")
    }
    return report
  }

  private static func show(
    _ replay: StandaloneReplay, _ begun: ReplayReport, _ id: Int64, log: Log
  ) async {
    var line: ProgressLine?
    while !Task.isCancelled {
      do {
        try await Task.sleep(for: interval)
        guard let report = try await replay.report(of: id), let examined = report.examined else {
          continue
        }
        line =
          line ?? ProgressLine(log: log, of: "events", isOpenEnded: false, base: examined)
        line?.show(done: examined, of: report.events)
      } catch {
        // Cancelled, or a store in trouble, of which the replay itself tells.
        break
      }
    }
    line?.finish()
  }
}
