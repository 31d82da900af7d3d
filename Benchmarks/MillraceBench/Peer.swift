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

  /// Starts it: it reads `input` from its beginning and writes `Peers.output` in the folder.
  func start(input: String, folder: TemporaryFolder) async throws -> PeerRun
}

/// The processes of a peer that is at work.
struct PeerRun {
  let children: [ChildProcess]
  /// What must live as long.
  var kept: SimulatedSource?
}

/// What is asked of peers.
enum Peers {
  static let output = "events.ndjson"

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
