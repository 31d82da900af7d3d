import Foundation
import MillraceRuntime

/// Why a peer takes no part.
struct PeerMissing: Error {
  let reason: String
}

/// A program that does the same job: JSON lines in, through a queue on disk, parsed, reshaped, a
/// file out. It runs in the foreground with everything it needs in a folder of its own; the
/// system's service, its configuration and its files are left alone.
protocol Peer: Sendable {
  var name: String { get }

  /// Does the job once in a folder of its own, and writes `Peers.output` there.
  func run(_ input: PeerInput, folder: TemporaryFolder) async throws -> PeerFigures
}

/// What goes in: a file of records, one a line.
struct PeerInput {
  let path: String
  let events: Int
  let bytes: Int
}

/// A peer that is a process or several.
protocol ProcessPeer: Peer {
  /// Starts it: it reads the input from its beginning.
  func start(_ input: PeerInput, folder: TemporaryFolder) async throws -> PeerRun
}

/// The processes of a peer that is at work.
struct PeerRun {
  let children: [ChildProcess]
  /// What must live as long.
  var kept: SimulatedSource?
}

extension ProcessPeer {
  func run(_ input: PeerInput, folder: TemporaryFolder) async throws -> PeerFigures {
    let watch = Stopwatch()
    let run = try await start(input, folder: folder)
    let peaks = run.children.map(PeakWatch.init)
    var count = LineCount(of: folder.path + "/" + Peers.output)
    let deadline = ContinuousClock.now + Peers.patience
    while count.lines < input.events, ContinuousClock.now < deadline {
      usleep(10_000)
      count.update()
      for child in run.children where !child.isRunning {
        let result = await child.end()
        guard result.ending == .exited(0) else {
          throw ChildFailure(
            description: "\(name) ended with \(result.ending): \(result.complaintText)")
        }
      }
    }
    let seconds = watch.sample.wallSeconds
    var processorSeconds = 0.0
    for child in run.children {
      child.signal(SIGTERM)
      processorSeconds += await child.end().processorSeconds
    }
    _ = await run.kept?.stop()
    return PeerFigures(
      name: name, events: input.events, bytes: input.bytes, wallSeconds: seconds,
      processorSeconds: processorSeconds, residentBytesPeak: peaks.reduce(0) { $0 + $1.bytes })
  }
}

/// What is asked of peers.
enum Peers {
  static let output = "events.ndjson"
  static let patience: Duration = .seconds(900)

  /// The record as it came, beside the fields: a native event keeps all of a record, too.
  static let rawName = "raw"

  /// Names of an event, and the members of a record that they are taken from.
  static let fields: [(name: String, member: String)] = [
    ("time", "CreationTime"), ("id", "Id"), ("operation", "Operation"),
    ("organization_id", "OrganizationId"), ("record_type", "RecordType"),
    ("result", "ResultStatus"), ("user_key", "UserKey"), ("user_type", "UserType"),
    ("workload", "Workload"), ("client_ip", "ClientIP"), ("object_id", "ObjectId"),
    ("user_id", "UserId"), ("application_id", "ApplicationId"),
    ("actor_ip", "ActorIpAddress"), ("client_ip_address", "ClientIPAddress"),
    ("client_info", "ClientInfoString"), ("user_agent", "UserAgent"), ("site_url", "SiteUrl"),
    ("file_name", "SourceFileName"), ("item_type", "ItemType"),
  ]

  /// The largest record, with much to spare.
  static let messageBytesMax = 256 << 10
}
