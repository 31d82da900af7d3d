import Foundation
import Glibc
import TestChildren
import Testing

/// `run` in a pipe, and what a signal does to files that were renamed.
@Suite(.timeLimit(.minutes(10)))
struct StdoutSinkCommandTests {
  private static let stdout = "out: {type: stdout, format: raw}"

  @Test func `a run in a pipe writes events to it, and nothing else`() async throws {
    let place = try Workplace(events: 300)
    try place.configure(sinks: [StdoutSinkCommandTests.stdout, Workplace.rawSink])
    let result = try await place.run("run", "--once", "--log-level", "debug")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    try place.write(result.outputText, to: "piped.ndjson")
    try place.expectEveryRecordOnce(in: "piped.ndjson")
    try place.expectEveryRecordOnce()
    #expect(result.complaintText.contains("out: 300"))
    // A second run has nothing to write.
    let again = try await place.run("run", "--once")
    #expect(again.exitCode == 0 && again.output.isEmpty, "\(again.complaintText)")
  }

  @Test func `head takes what it wants, and the next run writes what nobody took`() async throws {
    let place = try Workplace(events: 3000)
    try place.configure(sinks: [StdoutSinkCommandTests.stdout])
    let script = """
      set -o pipefail
      "$0" run --once | head -n 1 > first.ndjson
      echo "${PIPESTATUS[0]}"
      """
    let head = await
      (try ChildProcess(
        "/bin/bash", ["-c", script, MillraceProgram.path],
        environment: ["PATH": "/usr/bin:/bin", "HOME": place.folder], folder: place.folder,
        keeping: place)).end()
    #expect(head.outputText == "141\n", "\(head.complaintText)")
    #expect(!head.complaintText.contains("rror"), "\(head.complaintText)")
    #expect(try place.lines(of: "first.ndjson").count == 1)
    // What the pipe had taken whole may be committed, and is not written again.
    let status: [String: Any] = try json(try await place.run("status", "--json").outputText)
    let sinks = try #require(status["sinks"] as? [[String: Any]])
    let committed = try #require(sinks.first?["delivered_events"] as? Int)
    #expect(committed < 3000)
    let rest = try await place.run("run", "--once")
    #expect(rest.exitCode == 0, "\(rest.complaintText)")
    let lines = rest.outputText.split(separator: "\n")
    #expect(lines.count == 3000 - committed && Set(lines).count == lines.count)
  }

  @Test func `a replay in a pipe is events alone as well`() async throws {
    let place = try Workplace(events: 60)
    try place.configure(sinks: [StdoutSinkCommandTests.stdout])
    _ = try await place.run("run", "--once")
    let replay = try await place.run("replay", "--sink", "out")
    #expect(replay.exitCode == 0, "\(replay.complaintText)")
    try place.write(replay.outputText, to: "again.ndjson")
    try place.expectEveryRecordOnce(in: "again.ndjson")
    #expect(replay.complaintText.contains("replay 1 is done: 60 events delivered to out"))
  }

  @Test func `nobody who reads ends a collector by the signal of pipes`() async throws {
    let place = try Workplace(events: 50)
    try place.configure(sinks: [StdoutSinkCommandTests.stdout])
    let result = try await place.run("run", reader: .gone)
    #expect(result.ending == .signalled(SIGPIPE), "\(result.complaintText)")
  }

  @Test func `standard output that is closed is said, and no file gets the events`() async throws {
    let place = try Workplace(events: 50)
    try place.configure(sinks: [StdoutSinkCommandTests.stdout])
    let advice = "start Millrace with standard output open"
    let closed = try await withPatience { result in
      result.complaintText.contains(advice)
    } _: { patience in
      try ChildProcess(
        "/bin/sh",
        ["-c", "exec \"$0\" run --once --patience \"$1\" >&-", MillraceProgram.path, patience],
        environment: ["PATH": "/usr/bin:/bin", "HOME": place.folder], folder: place.folder,
        keeping: place)
    }
    #expect(closed.exitCode == 1, "\(closed.complaintText)")
    #expect(closed.complaintText.contains(advice))
    let verified = try await place.run("verify")
    #expect(verified.exitCode == 0, "\(verified.complaintText)")
  }

  @Test func `the signal to open files again lets go of what was renamed`() async throws {
    let place = try Workplace(events: 100)
    try place.configure()
    let collector = try place.start(["run"])
    try await eventually("everything is delivered") {
      try place.lines(of: "raw.ndjson").count == 100 || !collector.isRunning
    }
    try #require(collector.isRunning)
    try FileManager.default.moveItem(atPath: place.path("raw.ndjson"), toPath: place.path("raw.1"))
    collector.signal(SIGHUP)
    #expect(await collector.complains("files are opened again"))
    let open = try FileManager.default.contentsOfDirectory(
      atPath: "/proc/\(collector.process)/fd"
    ).compactMap {
      try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/\(collector.process)/fd/\($0)")
    }
    #expect(!open.contains { $0.hasSuffix("raw.1") }, "\(open)")
    #expect(collector.isRunning)
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
  }
}
