import Foundation
import MillraceRuntime

/// Millrace itself: a collector that runs, and `import`, which hands it the records of a file.
/// Every step is durable: the body in the store, the decisions about repeats, the file, the cursor.
struct MillracePeer: ProcessPeer {
  let name: String
  private let setting: String

  init(deduplicating: Bool) {
    name = deduplicating ? "millrace, import" : "millrace, import, deduplicate: off"
    setting = deduplicating ? "" : "deduplicate: off"
  }

  func start(_ input: PeerInput, folder: TemporaryFolder) async throws -> PeerRun {
    let program = try Programs.millrace()
    // A tenant that has nothing.
    let source = try await SimulatedSource(events: 0, BenchOptions([]))
    let sink = "events: {type: file, path: \(Peers.output)}"
    try folder.write(
      SimulatedSource.configuration(port: source.port, sinks: [sink], more: setting),
      to: "millrace.yaml")
    let collector = try Programs.start(
      program, ["run", "--log-level", "error"], folder: folder.path)
    let socket = folder.path + "/store/control.sock"
    while collector.isRunning, access(socket, F_OK) != 0 { usleep(1000) }
    let importer = try Programs.start(
      program, ["import", "--log-level", "error", input.path], folder: folder.path)
    return PeerRun(children: [importer, collector], kept: source)
  }
}
