import Glibc
import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceSimulator

/// `demo`: a simulated tenant and a collector in one process: the first thing a newcomer runs.
///
/// Everything it makes is in one folder, its configuration included, so that the other commands can
/// be tried on it.
enum DemoCommand {
  static let declaration = CommandDeclaration(
    name: "demo",
    summary: "collect from a simulated tenant, with a status page",
    details: [
      "Starts a simulated tenant, collects all it has, and says what came of it. The folder then "
        + "holds the events, the store, and a configuration that other commands can be tried on. "
        + "A folder that an earlier demo made is made anew; any other is left alone."
    ],
    options: SimulateCommand.contentOptions + [
      .text("folder", "FOLDER", "where everything goes", standard: "demo"),
      .integer("port", in: 0...65_535, "the port of the status page; 0 takes any", standard: 8365),
      .flag("keep", "leave the status page open until Ctrl-C"),
      SimulateCommand.faultOption,
    ],
    examples: [
      ("demo", "10,000 records"),
      ("demo --events 1000000 --keep", "a million, with time to look at the page"),
      ("demo --fault throttle-429 --fault cut-bodies", "on a bad day"),
    ],
    glossary: SimulateCommand.faults)

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let folder = try DemoFolder(arguments.string("folder") ?? "demo")
    let simulator = try simulator(arguments)
    defer { simulator.stop() }
    let path = try folder.writeConfiguration(
      simulator, consolePort: try consolePort(arguments.integer("port") ?? 8365))
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try Configuration.load(path: path, environment: invoked.environment)
    } catch {
      throw CommandFailure(error.description, .badConfiguration)
    }
    let console = configuration.console.map { "http://\($0.host):\($0.port)/" } ?? ""
    Output.say(
      "millrace demo: \(ProgressLine.grouped(simulator.oracle.offeredRecordCount)) records in "
        + "\(ProgressLine.grouped(simulator.oracle.blobs.count)) blobs; status page: \(console)")
    // What goes wrong on purpose is summed up at the end; only what needs a person is said before.
    let command = RunCommand(
      configuration: configuration, log: invoked.log(from: .error), patience: .seconds(60),
      workers: RunCommand.cores, staysOpen: arguments.flag("keep"), progressLog: invoked.log,
      whenDone: { [late = simulator.oracle.blobs.filter(\.isLate)] status in
        summarize(status, late: late, folder: folder)
      })
    let (outcome, _) = try await command.collect()
    let code = RunCommand.report(outcome, to: invoked)
    // One that stays open ends no other way.
    guard outcome.ending == .stopped, !arguments.flag("keep") else { return code }
    Output.say("millrace: stopped before all there is was delivered; a new demo begins anew")
    return .failed
  }

  private static func simulator(_ arguments: Arguments) throws(CommandFailure) -> Simulator {
    let seed = UInt64(arguments.integer("seed") ?? 1)
    var options = SimulatorOptions()
    options.content = .generated(events: arguments.integer("events") ?? 0, seed: seed)
    options.eventsPerBlob = arguments.integer("events-per-blob") ?? options.eventsPerBlob
    options.faults = FaultPlan(
      Set(arguments.strings("fault").compactMap { SimulatedFault(rawValue: $0) }), seed: seed)
    do throws(SimulatorError) {
      let simulator = try Simulator(options)
      try simulator.start()
      return simulator
    } catch {
      throw CommandFailure(error.description, .failed)
    }
  }

  /// The wanted port, or any other when it is taken: a demo should not fail for that.
  private static func consolePort(_ wanted: Int) throws(CommandFailure) -> Int {
    if wanted != 0, LoopbackPort.isFree(wanted) { return wanted }
    guard let free = LoopbackPort.anyFree() else {
      throw CommandFailure("no port is free on 127.0.0.1", .failed)
    }
    if wanted != 0 { Output.say("millrace demo: port \(wanted) is taken; using \(free)") }
    return free
  }

  private static func summarize(
    _ status: StatusReport, late: [SimulatorOracle.Blob], folder: DemoFolder
  ) {
    let seconds = max(status.run?.collectingSeconds ?? 0, 0.001)
    let events = status.sinks.first?.deliveredEvents ?? 0
    let rate = ProgressLine.grouped(Int(Double(events) / seconds))
    let lost = status.feeds.reduce(0) { $0 + $1.expired + $1.dead }
    let records = ProgressLine.grouped(late.reduce(0) { $0 + $1.recordCount })
    let listedLate =
      late.isEmpty
      ? ""
      : "\n  listed late     "
        + "\(Counted.text(late.count, "blob")) with \(records) records; what is not there yet is not waited for"
    Output.say(
      """

      \(ProgressLine.grouped(events)) events from \(ProgressLine.grouped(status.bodies)) blobs \
      (\(ByteSize.text(status.bodyBytes))) in \((seconds * 10).rounded() / 10) s: \(rate) events/s
        events          \(folder.eventsPath)
        dead letters    \(status.deadLetters)
        blobs lost      \(lost)\(listedLate)
        peak memory     \(ByteSize.text(status.run?.residentBytesPeak ?? 0)), the simulated tenant included
        look closer     millrace status --config \(folder.configurationPath)
      """)
  }
}
