import Foundation
import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime

/// Millrace's store and sink alone: bodies come from memory, as if just downloaded, and go to a
/// file through the store. Every step is durable, with deduplication on.
struct MemoryPeer: Peer {
  let name = "millrace, bodies from memory"
  private static let bodiesAtOnce = 8

  func run(_ input: PeerInput, folder: TemporaryFolder) async throws -> PeerFigures {
    let child = try Programs.start(
      Programs.ourselves,
      ["--role-deliver", "--input", input.path, "--folder", folder.path], folder: folder.path)
    let result = await child.end(atMost: Peers.patience)
    guard result.ending == .exited(0) else {
      throw ChildFailure(
        description: "\(name) ended with \(result.ending): \(result.complaintText)")
    }
    let run = try JSONDecoder().decode(ProgramRun.self, from: Data(result.output))
    return PeerFigures(
      name: name, events: input.events, bytes: input.bytes, wallSeconds: run.wallSeconds,
      processorSeconds: run.processorSeconds, residentBytesPeak: run.residentBytesPeak)
  }

  /// The role `deliver`: prints what it took.
  static func deliver(_ options: BenchOptions) async throws {
    let (bodies, events) = try bodies(of: options.input)
    // Nobody listens there: this collector has only what is handed to it.
    let text = SimulatedSource.configuration(
      port: 9, sinks: ["events: {type: file, path: \(Peers.output)}"])
    let configuration = try Configuration.parse(
      Array(text.utf8), name: "benchmark", environment: [:])
    let held = ProcessUsage.residentBytesPeak
    let watch = Stopwatch()
    let collector = try await Collector.open(
      configuration, workers: ProcessInfo.processInfo.activeProcessorCount, log: .silent)
    let running = Task { await collector.run(.continuous) }
    try await hand(bodies, to: collector)
    var count = LineCount(of: options.folder + "/" + Peers.output)
    while count.lines < events {
      usleep(5000)
      count.update()
    }
    let sample = watch.sample
    collector.stop()
    _ = await running.value
    collector.close()
    let run = ProgramRun(
      wallSeconds: sample.wallSeconds, processorSeconds: sample.processorSeconds,
      residentBytesPeak: ProcessUsage.residentBytesPeak - held)
    FileHandle.standardOutput.write(try JSONEncoder().encode(run))
  }

  /// Hands bodies over, a few at once, as a fetcher does.
  private static func hand(_ bodies: [PaddedBytes], to collector: Collector) async throws {
    guard let tenant = TenantID("41463f53-8812-40f4-890f-865bf6e35190") else { return }
    let feed = Feed(tenant: tenant, contentType: .general)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, body) in bodies.enumerated() {
        if index >= bodiesAtOnce { try await group.next() }
        group.addTask {
          let answer = try await collector.enter(body, for: feed)
          precondition(answer.sequence != nil, "a new body is entered")
        }
      }
      try await group.waitForAll()
    }
  }

  /// Bodies of as many records as a blob has.
  private static func bodies(of path: String) throws -> (bodies: [PaddedBytes], events: Int) {
    let lines = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A)
    let bodies = stride(from: 0, to: lines.count, by: Corpus.eventsPerBlob).map { start in
      let part = lines[start..<min(start + Corpus.eventsPerBlob, lines.count)]
      return PaddedBytes([0x5B] + part.joined(separator: [0x2C]) + [0x5D])
    }
    return (bodies, lines.count)
  }
}
