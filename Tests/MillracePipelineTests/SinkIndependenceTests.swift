import Foundation
import MillraceCore
import MillracePipeline
import MillraceSimulator
import Testing

/// Sinks share nothing: one that is stuck keeps its own events waiting and nobody else's.
@Suite(.timeLimit(.minutes(10)))
struct SinkIndependenceTests {
  @Test func `a sink that cannot be written leaves the other alone and catches up later`()
    async throws
  {
    let bench = try Bench(Bench.options(events: 200))
    // A file where the stuck sink wants a folder.
    let obstacle = bench.folder.appendingPathComponent("archive")
    try Data("in the way".utf8).write(to: obstacle)

    let (outcome, status) = try await bench.runOwing { outcome in
      let owed = outcome.owed.joined(separator: "\n")
      return owed.contains("sink archive") && !owed.contains("sink raw")
    }
    #expect(outcome.ending == .owed)
    let owed = outcome.owed.joined(separator: "\n")
    #expect(owed.contains("sink archive"), "it names the sink: \(owed)")
    #expect(!owed.contains("sink raw"), "and nobody else: \(owed)")
    #expect(try bench.rawLines() == bench.expectedLines())
    #expect(status.sinks.first { $0.name == "archive" }?.deliveredEvents == 0)

    try FileManager.default.removeItem(at: obstacle)
    let (later, _) = try await bench.runOnce()
    #expect(later.ending == .complete, "\(later.owed)")
    try bench.expectEveryRecordOnce()
  }

  @Test func `a sink added later gets what the store holds, or only what comes`() async throws {
    let bench = try Bench(Bench.options(events: 100))
    let first = "    raw: {type: file, path: '\(bench.rawPath)', format: raw}"
    _ = try await bench.runOnce(sinks: first)
    let oldest = bench.folder.appendingPathComponent("oldest.ndjson").path
    let now = bench.folder.appendingPathComponent("now.ndjson").path
    let (outcome, _) = try await bench.runOnce(
      sinks: """
            raw: {type: file, path: '\(bench.rawPath)', format: raw}
            oldest: {type: file, path: '\(oldest)', format: raw}
            now: {type: file, path: '\(now)', format: raw, from: now}
        """)
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    let copied = try String(contentsOfFile: oldest, encoding: .utf8).split(separator: "\n").count
    #expect(copied == 100)
    #expect(!FileManager.default.fileExists(atPath: now))
  }

  @Test func `a file has one line for each event, in whichever format`() async throws {
    let bench = try Bench(Bench.options(events: 50))
    let formats = ["native", "ecs", "ecs_o365", "ocsf", "cef"]
    let sinks = formats.map {
      "    \($0): {type: file, path: '\(bench.folder.path)/\($0)', format: \($0)}"
    }
    let (outcome, _) = try await bench.runOnce(sinks: sinks.joined(separator: "\n"))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    for (format, mark) in [
      ("native", "\"schema\":\"millrace/"), ("ecs", "\"ecs\":{\"version\":\"8.11.0\"}"),
      ("ecs_o365", "\"o365\":{\"audit\":{"), ("ocsf", "\"metadata\":{\"version\":\"1.8.0\""),
      ("cef", "CEF:0|Microsoft|Microsoft 365|"),
    ] {
      let text = try String(contentsOfFile: "\(bench.folder.path)/\(format)", encoding: .utf8)
      let lines = text.split(separator: "\n")
      #expect(lines.count == 50)
      #expect(lines.allSatisfy { $0.contains(mark) }, "\(format)")
    }
  }

  @Test func `what this version cannot do is refused, not ignored`() async throws {
    let bench = try Bench(Bench.options(events: 0))
    func refusal(_ setting: String) async -> String {
      let sinks = "    raw: {type: file, path: '\(bench.rawPath)', \(setting)}"
      let error = await #expect(throws: SetupError.self) {
        _ = try await bench.runOnce(sinks: sinks)
      }
      return error?.description ?? ""
    }
    let type = await refusal("filter: {exclude: {record_types: [15, StsLogin]}}")
    #expect(type.contains(/:\d+:\d+: sinks\.raw\.filter\.exclude\.record_types\[1\]: no record/))
    #expect(type.contains("called \"StsLogin\"; names are those"), "\(type)")
    let near = await refusal("filter: {include: {record_types: ExchangeItm}}")
    #expect(near.hasSuffix("called \"ExchangeItm\"; did you mean \"ExchangeItem\"?"), "\(near)")
    let field = await refusal("pseudonymise: {key: file:/none, fields: [users, actor.dommain]}")
    #expect(field.contains(/:\d+:\d+: sinks\.raw\.pseudonymise\.fields\[1\]: "actor\.dommain" is/))
    #expect(field.hasSuffix("did you mean \"actor.domain\"?"), "\(field)")
  }
}
