import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceStore
import Synchronization

/// `verify`: checks the store against its own digests, and repairs what can be repaired.
struct VerifyCommand {
  let configuration: Configuration
  let store: Store
  let log: Log

  static let declaration = CommandDeclaration(
    name: "verify",
    summary: "check the store against its own hashes",
    details: [
      "Reads every body and recomputes its digest, the chain over the log, the seals of days and the "
        + "totals, and has SQLite check the file. Names each entry that is not as it was written, and "
        + "what is unaffected. Works beside a running collector. Exits with 1 when something is "
        + "damaged.",
      "With --repair damaged bodies are taken out and fetched again while the service keeps them; "
        + "sinks that stopped at one go on. A running collector does it; without one this command "
        + "takes the store's lock, and the next run fetches.",
    ],
    options: [.flag("repair", "take damaged bodies out and have them fetched again")],
    printsReport: true,
    examples: [
      ("verify", "says what is damaged, if anything"),
      ("verify --repair", "and has it fetched again"),
    ])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let configuration = await OpenedStore.resolved(try invoked.configuration())
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    let command = VerifyCommand(configuration: configuration, store: store, log: invoked.log)
    var report = try await command.verify()
    if invoked.arguments.flag("repair") { try await command.repair(&report) }
    if invoked.arguments.flag("json") {
      try Output.line(ReportJSON.text(report))
    } else {
      for line in VerifyText.lines(report) { try Output.line(line) }
    }
    return VerifyText.isWell(report) ? .done : .failed
  }

  private func verify() async throws(CommandFailure) -> VerifyReport {
    // While a collector writes, one read over the whole file would keep its write-ahead log from
    // being reset.
    let isCollecting = await ControlClient(configuration).isCollecting()
    let line = Mutex(ProgressLine(log: log, ProgressLine.bytes))
    let verifier = Verifier(
      store: store, tenantNames: OpenedStore.tenantNames(configuration))
    do throws(StoreError) {
      let report = try await verifier.run(
        isWhole: !isCollecting, at: SystemWallClock().now()
      ) { progress in
        line.withLock { $0.show(done: progress.bytes, of: progress.totalBytes) }
      }
      line.withLock { $0.finish() }
      return report
    } catch {
      line.withLock { $0.finish() }
      throw CommandFailure(error.description, .failed)
    }
  }

  // MARK: Repair

  private func repair(_ report: inout VerifyReport) async throws(CommandFailure) {
    report.repairs = []
    var requests: [RepairRequest] = []
    let damaged = report.repairable
    for start in stride(from: 0, to: damaged.count, by: Limits.repairsPerRequest) {
      let end = min(start + Limits.repairsPerRequest, damaged.count)
      requests.append(RepairRequest(sequences: Array(damaged[start..<end])))
    }
    let leftovers = report.findings.filter { $0.kind == .bodyLeftover }.compactMap(\.sequence)
    let areTotalsWrong = report.findings.contains { $0.kind == .totals }
    if !leftovers.isEmpty || areTotalsWrong {
      requests.append(RepairRequest(leftovers: leftovers, totals: areTotalsWrong))
    }
    guard !requests.isEmpty else { return }
    let control = ControlClient(configuration)
    var own: (store: Store, repairer: Repairer)?
    defer { own?.store.close() }
    for request in requests {
      if own == nil {
        let answer = try await control.send("/repair", body: request, answer: RepairAnswer.self)
        if let answer {
          report.repairs? += answer.repairs
          continue
        }
        own = try await ownRepairer()
      }
      do throws(StoreError) {
        report.repairs? += try await own?.repairer.repair(request).repairs ?? []
      } catch {
        throw CommandFailure(error.description, .failed)
      }
    }
    if areTotalsWrong { report.totalsRecounted = true }
  }

  /// No collector runs: the store's lock keeps one from starting meanwhile.
  private func ownRepairer() async throws(CommandFailure) -> (store: Store, repairer: Repairer) {
    let store = try OpenedStore.change(configuration)
    do throws(StoreError) {
      let known = try await store.status().feeds.map(\.feed)
      return (
        store,
        Repairer(
          store: store, sinks: configuration.sinks.map(\.name),
          feeds: OpenedStore.feeds(configuration, known: known),
          tenantNames: OpenedStore.tenantNames(configuration), clock: SystemWallClock())
      )
    } catch {
      throw CommandFailure(error.description, .failed)
    }
  }
}
