import MillraceCore
import MillraceRuntime
import Synchronization

/// What the collector is doing, in numbers and current problems: for `status`, for progress lines,
/// and for deciding when nothing moves any more.
final class Activity: Sendable {
  /// A trouble that lasts, though it may be told in other words each time: the last of them.
  struct Problem: Sendable {
    var message: String
    var since: Timestamp
    var count: Int
    var kind: ServiceFailure.Kind?
    /// Whether anything was logged since it began, also in other words.
    var isLogged: Bool
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
    /// What was last logged of each subject: what comes and goes, or takes turns with another
    /// trouble, is not new each time.
    var said: [String: [Said]] = [:]
    var lastProgress = ContinuousClock.now
  }

  /// A message that was logged.
  private struct Said {
    let message: String
    var loggedAt: ContinuousClock.Instant
    /// How often it was reported since and not logged.
    var unlogged = 0
  }

  /// How long the same trouble is not logged again.
  private static let quiet: Duration = .seconds(60)

  /// How many messages of a subject are remembered: more do not take turns.
  private static let saidMax = 8

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

  /// Reports a trouble with `subject`; logged at once when it is new, and otherwise once a minute
  /// with how often it happened, whether it lasts, comes and goes, or takes turns with another.
  func report(
    _ subject: String, _ message: String, kind: ServiceFailure.Kind? = nil,
    level: LogLevel = .warning
  ) {
    let repeats: Int? = state.withLock { state in
      var problem =
        state.problems[subject]
        ?? Problem(message: message, since: clock.now(), count: 0, kind: kind, isLogged: false)
      let lasts = problem.count > 0 && problem.message == message
      let repeats = Activity.repeats(of: message, lasts, in: &state.said[subject, default: []])
      problem.message = message
      problem.kind = kind
      problem.count += 1
      problem.isLogged = problem.isLogged || repeats != nil
      state.problems[subject] = problem
      return repeats
    }
    changed.beat()
    guard let repeats else { return }
    if repeats > 0 {
      say(level, message, ["subject": subject, "repeated": "\(repeats)"])
    } else {
      say(level, message, ["subject": subject])
    }
  }

  /// How often a message came since it was logged, this time included, where it is to be logged
  /// now; 0 where it is new, nil where it is not to be logged.
  private static func repeats(of message: String, _ lasts: Bool, in said: inout [Said]) -> Int? {
    let now = ContinuousClock.now
    guard let place = said.firstIndex(where: { $0.message == message }) else {
      if said.count == saidMax { said.removeFirst() }
      said.append(Said(message: message, loggedAt: now))
      return 0
    }
    guard now - said[place].loggedAt >= quiet else {
      said[place].unlogged += 1
      return nil
    }
    // The newest stand last.
    let before = said.remove(at: place)
    said.append(Said(message: message, loggedAt: now))
    return before.unlogged > 0 || lasts ? before.unlogged + 1 : 0
  }

  /// The trouble with `subject` is over.
  func resolve(_ subject: String) {
    let ended = state.withLock { $0.problems.removeValue(forKey: subject) }
    guard let ended else { return }
    // What was not logged has nothing to recover from.
    if ended.isLogged {
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
