import Foundation
import MillraceRuntime

/// From the store to a receiver of syslog over TCP, beside what else sends lines: the same events,
/// as lines, to a receiver that only counts them.
enum SyslogBenchmark {
  private static let roundsMax = 3

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let receiver = try CountingReceiver()
    let folder = try TemporaryFolder(in: options.folder)
    let source = try await SimulatedSource(events: options.events, options)
    try folder.write(SimulatedSource.configuration(port: source.port), to: "millrace.yaml")
    let program = try Programs.millrace()
    _ = try await Programs.run(
      program, ["run", "--once", "--log-level", "error"], folder: folder.path)
    _ = await source.stop()
    let sink =
      "siem: {type: syslog, address: 'tcp://127.0.0.1:\(receiver.port)', framing: newline,"
      + " max_message_size: 1MiB}"
    try folder.write(SimulatedSource.configuration(port: 9, sinks: [sink]), to: "millrace.yaml")

    var contenders: [(name: String, start: (String) throws -> ChildProcess)] = [
      (
        "millrace, store to syslog sink",
        { folder in
          try Programs.start(
            program, ["replay", "--sink", "siem", "--log-level", "error"], folder: folder)
        }
      )
    ]
    do throws(PeerMissing) {
      let rsyslog = try RsyslogPeer(root: options.rsyslog)
      contenders.append(
        (
          "rsyslog, file to omfwd",
          { folder in
            // It remembers there which files it has read.
            let work = folder + "/" + UUID().uuidString
            try FileManager.default.createDirectory(
              atPath: work, withIntermediateDirectories: false)
            let configuration = rsyslog.forwarding(
              from: folder + "/events.ndjson", to: receiver.port, work: work)
            return try rsyslog.start(configuration, folder: work)
          }
        ))
    } catch {
      report.notes.append(error.reason)
    }
    if let loggen = Programs.find("loggen") {
      contenders.append(
        (
          "loggen, lines of a file as they are",
          { folder in
            try Programs.start(
              loggen,
              [
                "--inet", "--stream", "--read-file=events.ndjson", "--dont-parse",
                "--rate=100000000", "--interval=600", "127.0.0.1", "\(receiver.port)",
              ], folder: folder)
          }
        ))
    } else {
      report.notes.append("loggen is not installed: not compared")
    }
    var runs = [[ProgramRun]](repeating: [], count: contenders.count)
    for _ in 0..<min(options.rounds, roundsMax) {
      for (index, contender) in contenders.enumerated() {
        let run = try await once(contender.name, options.events, receiver) {
          try contender.start(folder.path)
        }
        runs[index].append(run)
      }
    }
    report.syslog = zip(contenders, runs).map { contender, runs in
      ReplayFigures(
        name: contender.name, events: options.events,
        run: runs.sorted { $0.wallSeconds < $1.wallSeconds }[runs.count / 2])
    }
  }

  /// Runs one until the receiver has as many lines as there are events.
  private static func once(
    _ name: String, _ events: Int, _ receiver: CountingReceiver,
    _ start: () throws -> ChildProcess
  ) async throws -> ProgramRun {
    receiver.reset()
    let watch = Stopwatch()
    let child = try start()
    let peak = PeakWatch(child)
    let deadline = ContinuousClock.now + Peers.patience
    while receiver.lines < events, ContinuousClock.now < deadline {
      usleep(2000)
      if child.isRunning { continue }
      let result = await child.end()
      // What it sent last may be on its way.
      if result.ending == .exited(0), name.hasPrefix("millrace") { continue }
      throw ChildFailure(
        description: "\(name) ended with \(result.ending): \(result.complaintText)")
    }
    let seconds = watch.sample.wallSeconds
    child.signal(SIGTERM)
    let result = await child.end()
    return ProgramRun(
      wallSeconds: seconds, processorSeconds: result.processorSeconds,
      residentBytesPeak: peak.bytes)
  }
}

extension RsyslogPeer {
  /// Sends the lines of a file on over TCP.
  func forwarding(from file: String, to port: Int, work: String) -> String {
    """
    global(workDirectory="\(work)" maxMessageSize="\(Peers.messageBytesMax)")
    module(load="imfile")
    template(name="line" type="string" string="%msg%\\n")
    ruleset(name="events") {
      action(type="omfwd" target="127.0.0.1" port="\(port)" protocol="tcp" template="line"
        tcp_framing="traditional")
    }
    input(type="imfile" file="\(file)" tag="event" ruleset="events"
      reopenOnTruncate="off" persistStateInterval="0")

    """
  }
}

extension ReportTables {
  static func syslog(_ figures: [ReplayFigures]) -> [String] {
    [""] + ["To a receiver of syslog over TCP that counts lines; the same events."]
      + replay(figures).dropFirst(2)
  }
}
