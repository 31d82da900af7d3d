import MillraceCore
import MillraceRuntime
import Synchronization

/// What the collector is doing, in numbers and current problems: for `status`, for progress lines,
/// and for deciding when nothing moves any more.
final class Activity: Sendable {
  /// A trouble that lasts.
  struct Problem: Sendable {
    var message: String
    var since: Timestamp
    var count: Int
    var loggedCount: Int
    var loggedAt: ContinuousClock.Instant
    var kind: ServiceFailure.Kind?
  }

  struct Counters: Sendable {
    var listings = 0
    var blobsListed = 0
    var blobsFetched = 0
    var bytesFetched = 0
    var blobsLost = 0
    /// Blobs fetched once more as they were young, and those of them that had more then.
    var blobsSettled = 0
    var blobsCompleted = 0
    var throttled = 0
    var recordsIndexed = 0
    /// Records that are no events: dead ones and repeats.
    var skipped = 0
    var eventsDropped = 0
    var eventsDelivered: [String: Int] = [:]
    /// Events each sink is done with: delivered, refused, or kept out by its filter.
    var eventsProcessed: [String: Int] = [:]
    var eventsRefused: [String: Int] = [:]
    var eventsReplayed: [String: Int] = [:]
  }

  private struct State {
    var counters = Counters()
    var problems: [String: Problem] = [:]
    /// Troubles that are over, the last of each subject: what comes and goes is not new each time.
    var settled: [String: Problem] = [:]
    var lastProgress = ContinuousClock.now
  }

  /// How long the same trouble is not logged again.
  private static let quiet: Duration = .seconds(60)

  private let state = Mutex(State())
  private let log: Log
  private let clock: any WallClock
  /// Beats at each change, for whoever waits for the end.
  let changed = Pulse()

  init(log: Log, clock: any WallClock) {
    self.log = log
    self.clock = clock
  }

  var counters: Counters { state.withLock { $0.counters } }
  var problems: [String: Problem] { state.withLock { $0.problems } }

  /// When a ledger state or a cursor last changed, or when work that takes long was last seen to
  /// come nearer to that. Attempts are not progress.
  var lastProgress: ContinuousClock.Instant { state.withLock { $0.lastProgress } }

  /// Counts something that moved a ledger state or a cursor.
  func progress(_ count: (inout Counters) -> Void) {
    state.withLock { state in
      count(&state.counters)
      state.lastProgress = .now
    }
    changed.beat()
  }

  /// Says that something large is nearer to its end: nothing durable changed, but it will.
  func move() {
    state.withLock { $0.lastProgress = .now }
  }

  /// Counts something that changed nothing durable.
  func note(_ count: (inout Counters) -> Void) {
    state.withLock { count(&$0.counters) }
  }

  /// Reports a trouble with `subject`; logged at once when it is new or says something else, and
  /// otherwise once a minute with how often it happened, whether it lasts or comes and goes.
  func report(
    _ subject: String, _ message: String, kind: ServiceFailure.Kind? = nil,
    level: LogLevel = .warning
  ) {
    let now = ContinuousClock.now
    let repeats: Int? = state.withLock { state in
      guard var problem = state.problems[subject], problem.message == message else {
        var problem = Problem(
          message: message, since: clock.now(), count: 1, loggedCount: 1, loggedAt: now, kind: kind)
        defer { state.problems[subject] = problem }
        guard let before = state.settled[subject], before.message == message,
          now - before.loggedAt < Activity.quiet
        else { return 0 }
        problem.loggedCount = 0
        problem.loggedAt = before.loggedAt
        return nil
      }
      problem.count += 1
      defer { state.problems[subject] = problem }
      guard now - problem.loggedAt >= Activity.quiet else { return nil }
      defer { problem.loggedCount = problem.count }
      problem.loggedAt = now
      return problem.count - problem.loggedCount
    }
    changed.beat()
    guard let repeats else { return }
    if repeats > 0 {
      say(level, message, ["subject": subject, "repeated": "\(repeats)"])
    } else {
      say(level, message, ["subject": subject])
    }
  }

  /// The trouble with `subject` is over.
  func resolve(_ subject: String) {
    let ended = state.withLock { state in
      let ended = state.problems.removeValue(forKey: subject)
      if let ended { state.settled[subject] = ended }
      return ended
    }
    guard let ended else { return }
    // What was not logged has nothing to recover from.
    if ended.loggedCount > 0 {
      log.info("recovered", ["subject": subject, "failures": "\(ended.count)"])
    }
    changed.beat()
  }

  private func say(_ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, String>) {
    switch level {
    case .debug: log.debug(message, fields)
    case .info: log.info(message, fields)
    case .warning: log.warning(message, fields)
    case .error: log.error(message, fields)
    }
  }
}
