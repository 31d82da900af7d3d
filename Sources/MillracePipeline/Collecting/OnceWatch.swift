package import MillraceCore
import MillraceRuntime
import MillraceStore
import Synchronization

/// How a run ended.
package struct RunOutcome: Sendable {
  /// Why it ended.
  package enum Ending: Sendable {
    /// Everything listed was delivered or is accounted for.
    case complete
    /// A stop was asked for.
    case stopped
    /// Something is still owed.
    case owed
  }

  /// Why it ended.
  package var ending: Ending
  /// What is owed and why, a line each.
  package var owed: [String] = []
  /// The kinds of trouble that what is owed is owed to.
  package var kinds: Set<ServiceFailure.Kind> = []
}

/// Decides when a run with `--once` is over: when every feed was listed to the moment it started,
/// every listed blob is fetched, expired or dead, and every sink stands at the end of the log; or
/// when nothing has moved for as long as the operator's patience, whoever asked for the wait, and
/// then it says what is owed. Permanent refusals are not waited for.
struct OnceWatch: Sendable {
  let contexts: [TenantContext]
  let sinks: [String]
  let store: Store
  let activity: Activity
  let patience: Duration

  let listed = Listed()

  init(
    contexts: [TenantContext], sinks: [String], store: Store, activity: Activity,
    patience: Duration
  ) {
    self.contexts = contexts
    self.sinks = sinks
    self.store = store
    self.activity = activity
    self.patience = patience
  }

  /// Notes that a feed was listed to the moment of the start.
  func noteListed(_ feed: Feed) {
    listed.insert(feed)
    activity.changed.beat()
  }

  /// Waits for the end. Returns nil when the task is cancelled first.
  func end() async -> RunOutcome? {
    var waitedFrom = ContinuousClock.now
    while !Task.isCancelled {
      let seen = activity.changed.count
      if let outcome = await outcomeNow() { return outcome }
      waitedFrom = max(waitedFrom, activity.lastProgress)
      if ContinuousClock.now - waitedFrom >= patience { return await owing() }
      // Looking costs a few small queries: not more often than every 20 ms, however much happens.
      do { try await Task.sleep(for: .milliseconds(20)) } catch { return nil }
      await activity.changed.wait(beyond: seen, atMost: .milliseconds(500))
    }
    return nil
  }

  private func outcomeNow() async -> RunOutcome? {
    let open = openFeeds()
    guard open.waiting.isEmpty else { return nil }
    do throws(StoreError) {
      // What a feed owes that is not configured any more is nobody's to fetch.
      let owed = try await store.owedCounts()
      if owed.keys.contains(where: feeds.contains) { return nil }
      let extent = try await store.logExtent()
      guard extent.firstUnindexed > extent.last else { return nil }
      let positions = try await store.sinkPositions()
      let end = LogPosition(sequence: extent.last + 1)
      guard sinks.allSatisfy({ (positions[$0] ?? .start) >= end }) else { return nil }
    } catch {
      activity.report("store", error.description, level: .error)
      return nil
    }
    let problems = activity.problems
    let isListedWhole = contexts.allSatisfy { context in
      context.types.allSatisfy { problems[context.unreadable($0)] == nil }
    }
    if open.refused.isEmpty && isListedWhole { return RunOutcome(ending: .complete) }
    return await owing()
  }

  /// The feeds that are configured.
  var feeds: Set<Feed> {
    Set(contexts.flatMap { context in context.types.map(context.feed) })
  }

  /// Feeds not yet listed: those that may still be, and those that are refused for good.
  private func openFeeds() -> (waiting: [Feed], refused: [Feed]) {
    let problems = activity.problems
    var waiting: [Feed] = []
    var refused: [Feed] = []
    for context in contexts {
      for type in context.types where !listed.contains(context.feed(type)) {
        switch problem(of: type, of: context, among: problems)?.kind {
        case .credentialRefused, .misconfigured, .permissionMissing, .auditingOff, .foreignOrigin:
          refused.append(context.feed(type))
        default:
          waiting.append(context.feed(type))
        }
      }
    }
    return (waiting, refused)
  }

  /// What keeps a feed from being listed: the tenant's trouble before the feed's own.
  func problem(
    of type: ContentType, of context: TenantContext, among problems: [String: Activity.Problem]
  ) -> Activity.Problem? {
    problems[context.name] ?? problems[context.subject(type)]
  }
}

/// The feeds that were listed to the end.
final class Listed: Sendable {
  private let feeds = Mutex<Set<Feed>>([])

  func insert(_ feed: Feed) {
    feeds.withLock { _ = $0.insert(feed) }
  }

  func contains(_ feed: Feed) -> Bool {
    feeds.withLock { $0.contains(feed) }
  }
}
