import Foundation
import MillraceHTTP
import MillraceRuntime
import Synchronization

/// From the store to a sink that speaks HTTP, by the real program, beside what the same receiver
/// takes from `wrk`, which sends the same bodies and does nothing else.
enum HTTPBenchmark {
  private static let roundsMax = 3

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let source = try await SimulatedSource(events: options.events, options)
    let folder = try TemporaryFolder(in: options.folder)
    let program = try Programs.millrace()
    try folder.write(SimulatedSource.configuration(port: source.port), to: "millrace.yaml")
    _ = try await Programs.run(
      program, ["run", "--once", "--log-level", "error"], folder: folder.path)
    let body = try requestBody(of: folder)
    var rounds: [String: [HTTPFigures]] = [:]
    for round in 0..<max(min(options.rounds, roundsMax), 1) {
      for compression in ["none", "gzip"] {
        rounds[compression, default: []].append(
          try await deliver(
            source, folder, options, compression: compression, name: "\(compression)\(round)"))
      }
      if let figures = try await wrk(body, folder, options) {
        rounds["wrk", default: []].append(figures)
      }
    }
    _ = await source.stop()
    if rounds["wrk"] == nil {
      report.notes.append("wrk is not installed (Debian: wrk), so that nothing stands beside it")
    }
    report.http = ["none", "gzip", "wrk"].compactMap { name in
      rounds[name].map { $0.sorted { $0.seconds < $1.seconds }[$0.count / 2] }
    }
  }

  /// A new sink, which begins with the oldest event the store has.
  private static func deliver(
    _ source: SimulatedSource, _ folder: TemporaryFolder, _ options: BenchOptions,
    compression: String, name: String
  ) async throws -> HTTPFigures {
    let receiver = PostCounter()
    let server = try HTTPServer(
      listen: .tcp(host: "127.0.0.1", port: 0), bodyBytesMax: 16 << 20
    ) { receiver.take($0) }
    defer { server.stop() }
    let sink =
      "\(name): {type: http, url: 'http://127.0.0.1:\(server.port)/', compression: \(compression)}"
    try folder.write(
      SimulatedSource.configuration(port: source.port, sinks: [sink]), to: "millrace.yaml")
    let (run, _) = try await Programs.run(
      try Programs.millrace(), ["run", "--once", "--log-level", "error"], folder: folder.path)
    let counts = receiver.counts
    // A packed body's events cannot be counted by its line feeds; the requests' names tell them.
    guard counts.events == options.events else {
      throw ChildFailure(description: "\(counts.events) of \(options.events) events arrived")
    }
    return HTTPFigures(
      name: "millrace, compression: \(compression)", events: counts.events, bytes: counts.bytes,
      requests: counts.requests, seconds: counts.seconds, peak: run.residentBytesPeak)
  }

  /// The first thousand events, as one request has them.
  private static func requestBody(of folder: TemporaryFolder) throws -> String {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/events.ndjson"))
    let lines = data.split(separator: UInt8(ascii: "\n")).prefix(1000)
    let path = folder.path + "/body"
    try Data(lines.joined(separator: [UInt8(ascii: "\n")]) + [UInt8(ascii: "\n")])
      .write(to: URL(fileURLWithPath: path))
    return path
  }

  private static func wrk(
    _ body: String, _ folder: TemporaryFolder, _ options: BenchOptions
  ) async throws -> HTTPFigures? {
    guard let program = Programs.find("wrk") else { return nil }
    let data = try Data(contentsOf: URL(fileURLWithPath: body))
    let events = data.count { $0 == UInt8(ascii: "\n") }
    try folder.write(
      """
      wrk.method = "POST"
      wrk.headers["X-Millrace-Batch"] = "wrk:1.0-1.0:\(events)"
      local file = io.open("\(body)", "rb")
      wrk.body = file:read("*a")
      file:close()
      """, to: "post.lua")
    let receiver = PostCounter()
    let server = try HTTPServer(
      listen: .tcp(host: "127.0.0.1", port: 0), bodyBytesMax: 16 << 20
    ) { receiver.take($0) }
    defer { server.stop() }
    let (run, _) = try await Programs.run(
      program,
      [
        "-t", "1", "-c", "4", "-d", options.isSmoke ? "1s" : "5s", "-s", "post.lua",
        "http://127.0.0.1:\(server.port)/",
      ], folder: folder.path)
    let counts = receiver.counts
    return HTTPFigures(
      name: "wrk, 4 connections", events: counts.events, bytes: counts.bytes,
      requests: counts.requests, seconds: counts.seconds, peak: run.residentBytesPeak)
  }
}

/// A receiver that counts and keeps nothing: the fastest that an HTTP server of ours can be.
private final class PostCounter: Sendable {
  struct Counts {
    var requests = 0
    var events = 0
    var bytes = 0
    var first = 0.0
    var last = 0.0

    /// From the first request to the last.
    var seconds: Double { last - first }
  }

  private let watch = Stopwatch()
  private let state = Mutex(Counts())

  var counts: Counts { state.withLock { $0 } }

  func take(_ request: ServerRequest) -> ServerResponse {
    let now = watch.sample.wallSeconds
    let events = request.header("X-Millrace-Batch")?.split(separator: ":").last.flatMap { Int($0) }
    state.withLock { counts in
      if counts.requests == 0 { counts.first = now }
      counts.last = now
      counts.requests += 1
      counts.events += events ?? 0
      counts.bytes += request.body.count
    }
    return ServerResponse(text: "{}", type: "application/json")
  }
}

/// What went to the receiver, and what it took.
struct HTTPFigures: Codable {
  let name: String
  let events: Int
  /// As they came over the connection.
  let bytes: Int
  let requests: Int
  /// From the first request to the last.
  let seconds: Double
  /// The largest resident set of the sender, in bytes.
  let peak: Int
}
