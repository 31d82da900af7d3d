import Glibc
import MillraceCore
import MillraceRuntime
package import MillraceSimulator
import MillraceStore
import Synchronization

/// Kills a collector again and again, wherever it happens to be, and compares ledgers at the end.
///
/// The tenant shows a little more of its content with each kill, so that every run has something to
/// do, however fast the machine is.
package final class CrashCampaign: Sendable {
  /// Where everything is: configuration, store, sink files.
  package let folder: String
  /// The tenant.
  package let simulator: Simulator
  private let options: CrashOptions
  private let isParentNew: Bool
  private let state = Mutex(State())

  private struct State {
    var isStopped = false
    var child: ChildProcess?
  }

  /// How long a run that nothing kills may stand still.
  private static let patience = "120s"
  /// How long a run that nothing kills may take.
  private static let runTimeMax: Duration = .seconds(3600)
  /// How many runs in a row may be done before their kill: then something else is wrong.
  private static let escapesMax = 50

  /// Makes the folder and starts the tenant.
  package init(_ options: CrashOptions) throws(CampaignFailure) {
    self.options = options
    do throws(SimulatorError) {
      simulator = try Simulator(options.simulator)
      try simulator.start()
    } catch {
      throw CampaignFailure(error.description)
    }
    (folder, isParentNew) = try CampaignFolder.make(in: options.parent)
    try CampaignFolder.writeConfiguration(folder, simulator: simulator)
  }

  /// Removes the folder and all that is in it, and the one around it if it was made for this.
  package func removeFolder() throws(CampaignFailure) {
    try CampaignFolder.remove(folder)
    // Something else may be in it by now.
    if isParentNew { rmdir(options.parent) }
  }

  /// Ends the campaign early: the run under way is killed, and `run` throws.
  package func stop() {
    let child = state.withLock { state in
      state.isStopped = true
      return state.child
    }
    child?.signal(SIGKILL)
  }

  /// Carries the campaign out, whatever comes of it.
  ///
  /// - Throws: `CampaignFailure` when a collector fails by itself, or on `stop`.
  package func run(
    _ progress: @Sendable (CrashProgress) -> Void = { _ in }
  ) async throws(CampaignFailure) -> CrashReport {
    let started = ContinuousClock.now
    defer { simulator.stop() }
    var course = Course(options)
    try await killWhileMaking(&course, progress)
    // The first run, which nothing kills, says how long one takes.
    simulator.show(share: course.nextShare())
    var runTime = try await completeRun()
    while course.kills < options.kills {
      progress(CrashProgress(kills: course.kills, of: options.kills))
      simulator.show(share: course.nextShare())
      let begun = ContinuousClock.now
      let moment = course.plan.next(blobs: course.blobsShown)
      if try await strike(moment, runTime: runTime) {
        course.noteKill(try await look())
        // What was interrupted is added to the next run: kills must be able to come later.
        runTime = runTime * 1.1
      } else {
        runTime = min(runTime, ContinuousClock.now - begun)
        try course.noteEscape(most: CrashCampaign.escapesMax)
      }
    }
    progress(CrashProgress(kills: course.kills, of: options.kills))
    simulator.show(share: 1)
    _ = try await completeRun()
    let findings = await LedgerComparison(simulator.oracle, folder: folder).compare()
    return course.report(
      findings, faults: simulator.statistics.faultCount, took: ContinuousClock.now - started)
  }

  /// Kills while the store is made. The tenant shows nothing yet, so that a store may be made anew.
  private func killWhileMaking(
    _ course: inout Course, _ progress: @Sendable (CrashProgress) -> Void
  ) async throws(CampaignFailure) {
    simulator.show(share: 0)
    while course.kills < options.kills / 6 {
      progress(CrashProgress(kills: course.kills, of: options.kills))
      // Every other time what the last kill left is gone on with.
      if course.kills % 2 == 0 { try CampaignFolder.removeStore(folder) }
      if try await strike(course.plan.nextOfMaking(), runTime: .zero) {
        course.noteKill(CrashReport.Interrupted())
      } else {
        try course.noteEscape(most: CrashCampaign.escapesMax)
        try CampaignFolder.removeStore(folder)
      }
    }
  }

  // MARK: Runs

  /// Starts a collector and kills it; false when it was done before its moment came.
  private func strike(
    _ moment: KillMoment, runTime: Duration
  ) async throws(CampaignFailure) -> Bool {
    let child = try start()
    await KillWatch(
      child: child, moment: moment, runTime: runTime, simulator: simulator, folder: folder
    ).strike()
    let result = await child.end()
    try checkStopped()
    if result.ending == .signalled(SIGKILL) { return true }
    try check(result)
    return false
  }

  private func start() throws(CampaignFailure) -> ChildProcess {
    let child: ChildProcess
    do throws(ChildError) {
      child = try ChildProcess(
        options.program,
        [
          "run", "--once", "--patience", CrashCampaign.patience, "--log-level", "error",
          "--config", folder + "/" + CampaignFolder.configuration,
        ], environment: ["PATH": "/usr/bin:/bin", "HOME": folder], folder: folder)
    } catch {
      throw CampaignFailure(error.description)
    }
    state.withLock { $0.child = child }
    // A stop that came before the child was known has not ended it.
    if state.withLock({ $0.isStopped }) { child.signal(SIGKILL) }
    return child
  }

  /// A run to its end; how long it took.
  private func completeRun() async throws(CampaignFailure) -> Duration {
    let begun = ContinuousClock.now
    let result = await (try start()).end(atMost: CrashCampaign.runTimeMax)
    try checkStopped()
    try check(result)
    return ContinuousClock.now - begun
  }

  private func check(_ result: ChildResult) throws(CampaignFailure) {
    guard result.ending != .exited(0) else { return }
    throw CampaignFailure(
      "a collector that was not killed ended with \(result.ending):\n\(result.complaintText)")
  }

  private func checkStopped() throws(CampaignFailure) {
    if state.withLock({ $0.isStopped }) { throw CampaignFailure("stopped before the end") }
  }

  // MARK: What a kill left

  /// What was half done.
  private func look() async throws(CampaignFailure) -> CrashReport.Interrupted {
    var left = CrashReport.Interrupted()
    do throws(StoreError) {
      let store = try Store(folder: folder + "/store", access: .inspect)
      defer { store.close() }
      let status = try await store.status()
      if status.feeds.contains(where: { $0.blobs[.listed] ?? 0 > 0 }) { left.fetching = 1 }
      if status.unindexedBodies > 0 { left.indexing = 1 }
      for sink in status.sinks {
        if sink.position.sequence <= status.bodies { left.delivering = 1 }
        for file in try await store.files(of: sink.name) {
          let size = CampaignFolder.size(of: file.path, in: folder) ?? 0
          if size > file.length { left.uncommitted = 1 }
        }
      }
    } catch {
      throw CampaignFailure("after a kill the store cannot be read: \(error)")
    }
    return left
  }
}

/// How a campaign goes on from run to run.
private struct Course {
  let options: CrashOptions
  var plan: KillPlan
  private(set) var kills = 0
  private(set) var escaped = 0
  private var escapedInARow = 0
  private var interrupted = CrashReport.Interrupted()
  private var share = 0.0

  /// How many blobs the last step of the share showed, roughly.
  private(set) var blobsShown = 0

  init(_ options: CrashOptions) {
    self.options = options
    plan = KillPlan(seed: options.seed)
  }

  /// Shows as much more as leaves something for every kill that is still to come.
  mutating func nextShare() -> Double {
    let step = (1 - share) / Double(options.kills - kills + 2)
    share += step
    blobsShown = Int(step * Double(options.events / options.eventsPerBlob))
    return share
  }

  mutating func noteKill(_ left: CrashReport.Interrupted) {
    kills += 1
    escapedInARow = 0
    interrupted.fetching += left.fetching
    interrupted.indexing += left.indexing
    interrupted.delivering += left.delivering
    interrupted.uncommitted += left.uncommitted
  }

  mutating func noteEscape(most: Int) throws(CampaignFailure) {
    escaped += 1
    escapedInARow += 1
    guard escapedInARow < most else {
      throw CampaignFailure("\(most) collectors in a row were done before they could be killed")
    }
  }

  func report(
    _ findings: LedgerComparison.Findings, faults: Int, took duration: Duration
  ) -> CrashReport {
    CrashReport(
      seed: options.seed, kills: kills, escaped: escaped, interrupted: interrupted,
      faults: faults, events: findings.events, repeats: findings.repeats, sinks: findings.sinks,
      problems: findings.problems, seconds: Double(duration.milliseconds) / 1000)
  }
}
