import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceStore
import Synchronization

/// The machine's clock, set forward or back.
final class MovableClock: WallClock {
  private let shift: Mutex<Duration>

  init(ahead: Duration = .zero) {
    shift = Mutex(ahead)
  }

  func now() -> Timestamp { SystemWallClock().now() + shift.withLock { $0 } }

  /// Sets the clock, however far.
  func set(ahead: Duration) {
    shift.withLock { $0 = ahead }
  }
}

extension Bench {
  /// Works on the store while no collector does; its lock is free again when this returns.
  func withStore(_ body: (Store) async throws -> Void) async throws {
    let store = try Store(folder: storePath)
    try await body(store)
    store.close()
  }

  /// Runs a collector once with a clock of its own, or some content types alone, and closes it.
  func collect(
    clock: any WallClock = SystemWallClock(), patience: Duration = .seconds(120),
    contentTypes: String? = nil
  ) async throws -> (outcome: RunOutcome, status: StatusReport) {
    var text = configurationText()
    if let contentTypes {
      text = text.replacing(
        "    poll_interval:", with: "    content_types: \(contentTypes)\n    poll_interval:")
    }
    let configuration = try Configuration.parse(
      Array(text.utf8), name: "test.yaml", environment: [:])
    let collector = try await Collector.open(
      configuration, workers: 2, log: .silent, clock: clock)
    let outcome = await collector.run(.once(patience: patience))
    let status = try await collector.status()
    collector.close()
    return (outcome, status)
  }
}
