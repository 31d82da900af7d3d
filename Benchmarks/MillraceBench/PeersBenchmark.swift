import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSimulator

/// Millrace beside log shippers, on the same records: JSON lines in, a durable queue, a file out.
enum PeersBenchmark {
  private static let roundsMax = 5

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    var peers: [any Peer] = [
      MemoryPeer(), MillracePeer(deduplicating: true), MillracePeer(deduplicating: false),
    ]
    do throws(PeerMissing) { peers.append(try SyslogNGPeer()) } catch {
      report.notes.append(error.reason)
    }
    do throws(PeerMissing) { peers.append(try RsyslogPeer(root: options.rsyslog)) } catch {
      report.notes.append(error.reason)
    }
    let folder = try TemporaryFolder(in: options.folder)
    let path = folder.path + "/records.ndjson"
    let input = PeerInput(
      path: path, events: options.events, bytes: try writeRecords(to: path, options))
    var runs = [[PeerFigures]](repeating: [], count: peers.count)
    for _ in 0..<min(options.rounds, roundsMax) {
      for (index, peer) in peers.enumerated() {
        runs[index].append(try await once(peer, input, options))
      }
    }
    report.peers = runs.map(PeerFigures.median)
  }

  private static func once(
    _ peer: any Peer, _ input: PeerInput, _ options: BenchOptions
  ) async throws -> PeerFigures {
    let folder = try TemporaryFolder(in: options.folder)
    let figures = try await peer.run(input, folder: folder)
    let lines = try folder.lineCount(of: Peers.output)
    guard lines == input.events else {
      throw ChildFailure(
        description: "\(peer.name) wrote \(lines) lines of \(input.events) in "
          + "\(Int(figures.wallSeconds)) s")
    }
    return figures
  }

  /// Writes the tenant's records, one a line; how many bytes that are.
  private static func writeRecords(to path: String, _ options: BenchOptions) throws -> Int {
    var simulated = SimulatorOptions()
    simulated.content = .generated(events: options.events, seed: options.seed)
    let oracle = try Simulator(simulated).oracle
    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { file.closeFile() }
    var bytes = 0
    for blob in oracle.blobs.sorted(by: { $0.created < $1.created }) {
      let lines = try oracle.records(of: blob).map { record in
        record.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + [0x0A]
      }.joined()
      let data = Data(lines)
      bytes += data.count
      try file.write(contentsOf: data)
    }
    return bytes
  }
}

/// What the job cost a program.
struct PeerFigures: Codable {
  let name: String
  let events: Int
  let bytes: Int
  let wallSeconds: Double
  /// Of all its processes.
  let processorSeconds: Double
  /// Of all its processes.
  let residentBytesPeak: Int

  static func median(_ rounds: [PeerFigures]) -> PeerFigures {
    PeerFigures(
      name: rounds[0].name, events: rounds[0].events, bytes: rounds[0].bytes,
      wallSeconds: Measured.median(rounds.map(\.wallSeconds)),
      processorSeconds: Measured.median(rounds.map(\.processorSeconds)),
      residentBytesPeak: rounds.map(\.residentBytesPeak).max() ?? 0)
  }
}
