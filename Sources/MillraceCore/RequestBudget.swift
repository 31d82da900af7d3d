/// How many requests a tenant may be sent, and when the next one may go: spread evenly, never more
/// in any minute than the limit, and the limit learnt from throttling.
///
/// The service counts requests by the minute and refuses what goes beyond, without saying where the
/// bound lies (Activity API reference, "Throttling and quotas"). So the limit begins at the
/// configured ceiling. A throttling answer brings it down to what the minute before really took, at
/// most by half (multiplicative decrease); later it rises by a hundredth of the ceiling a minute
/// (additive increase). The more often it was told, the longer it waits before it rises, so that a
/// quota below the ceiling is run into a few times at first and about once a day afterwards.
///
/// A plain value: the time is passed in as a `Duration` since any fixed moment.
package struct RequestBudget: Sendable {
  /// What a request is for.
  package enum Use: Sendable {
    /// Listing and subscriptions: what is new is found out about, whatever else is owed.
    case live
    /// Fetching what is listed, which may take days.
    case backlog
  }

  /// Whether a request may go.
  package enum Admission: Hashable, Sendable {
    /// It may, and is counted.
    case go
    /// Ask again after this.
    case wait(Duration)
  }

  /// Requests of the last minute, by quarters of a second.
  private var sent = SlidingMinute()
  /// What the operator allows in a minute.
  package let ceiling: Int
  /// The learnt bound in a minute; never above the ceiling.
  private var learnt: Double
  private var throttledAt: Duration?
  /// Throttlings since the limit was last at the ceiling.
  private var lessons = 0
  /// When the next request is due by the even pace; a moment in the past means savings.
  private var nextFree: Duration?

  /// A budget of at most `ceiling` requests a minute.
  package init(ceiling: Int) {
    precondition(ceiling > 0, "a rate above zero")
    self.ceiling = ceiling
    learnt = Double(ceiling)
  }

  /// The bound in a minute at `now`.
  package func limit(at now: Duration) -> Int {
    guard let throttledAt else { return ceiling }
    let rising = now - throttledAt - patience
    guard rising > .zero else { return Int(learnt) }
    let risen = learnt + Double(ceiling) * Limits.budgetRisePerMinute * rising.minutes
    return min(Int(risen), ceiling)
  }

  /// Requests of the minute before `now`.
  package func sentInMinute(at now: Duration) -> Int { sent.count(at: now) }

  /// Asks for one request at `now`.
  package mutating func admit(_ use: Use, at now: Duration) -> Admission {
    let most = allowed(use, at: now)
    if sent.count(at: now) >= most { return .wait(sent.untilLess(than: most, at: now)) }
    let interval = Duration.seconds(60) / most
    let burst = max(most / 30, 1)
    // Savings are bounded: a tenant that was quiet may catch up on two seconds, not on a minute.
    let oldest = now - interval * (burst - 1)
    let free = max(nextFree ?? oldest, oldest)
    // A longer interval than the last one must not have its wait counted twice.
    if free > now { return .wait(min(free - now, interval)) }
    nextFree = free + interval
    sent.add(at: now)
    return .go
  }

  /// What of the limit a use may take in a minute: a little is left for requests that are still on
  /// their way, as they arrive closer together than they were sent; and of that, fetching leaves a
  /// little for listing.
  private func allowed(_ use: Use, at now: Duration) -> Int {
    let limit = limit(at: now)
    let most = max(limit - max(limit / 100, limit > 10 ? 1 : 0), 1)
    switch use {
    case .live: return most
    case .backlog: return max(most - max(most / 50, most > 10 ? 1 : 0), 1)
    }
  }

  /// Learns from a throttling answer. Answers that come while the tenant pauses for an earlier one
  /// belong to that, and must not be told.
  package mutating func noteThrottling(at now: Duration) {
    let before = Double(limit(at: now))
    if before >= Double(ceiling) { lessons = 0 }
    let floor = max(Double(ceiling) * Limits.budgetFloor, 1)
    // The refused one was counted, too.
    let taken = Double(max(sent.count(at: now) - 1, 0)) * 0.98
    learnt = min(max(before / 2, taken, floor), before)
    throttledAt = now
    lessons += 1
  }

  /// How long the limit stays where a throttling brought it: the longer the more often it was told.
  private var patience: Duration {
    var patience = Limits.budgetPatience
    for _ in 1..<max(lessons, 1) where patience < Limits.budgetPatienceMax {
      patience = patience * 6
    }
    return min(patience, Limits.budgetPatienceMax)
  }
}

/// Counts of the last minute, by quarters of a second; a quarter leaves as a whole, when its last
/// moment is a minute old.
private struct SlidingMinute: Sendable {
  private static let quarter: Duration = .milliseconds(250)
  private static let quarters = 241

  /// A ring by the number of the quarter; empty until the first request, as most tenants idle.
  private var counts: [UInt16] = []
  private var newest: Int64 = 0
  private var total = 0

  private static func number(_ now: Duration) -> Int64 { now.milliseconds / quarter.milliseconds }

  private func place(_ number: Int64) -> Int {
    let remainder = Int(number % Int64(Self.quarters))
    return remainder < 0 ? remainder + Self.quarters : remainder
  }

  mutating func add(at now: Duration) {
    if counts.isEmpty {
      counts = [UInt16](repeating: 0, count: Self.quarters)
      newest = Self.number(now)
    }
    let number = max(Self.number(now), newest)
    for passed in 0..<min(number - newest, Int64(Self.quarters)) {
      let place = place(number - passed)
      total -= Int(counts[place])
      counts[place] = 0
    }
    newest = number
    // More than this in a quarter is beyond any ceiling; the count then errs on the small side.
    guard counts[place(number)] < .max else { return }
    counts[place(number)] += 1
    total += 1
  }

  func count(at now: Duration) -> Int {
    guard !counts.isEmpty else { return 0 }
    var count = total
    let passed = min(max(Self.number(now) - newest, 0), Int64(Self.quarters))
    // What stood in the places that time has come to since is older than a minute.
    for step in 0..<passed { count -= Int(counts[place(newest + 1 + step)]) }
    return count
  }

  /// How long until fewer than `most` are counted.
  func untilLess(than most: Int, at now: Duration) -> Duration {
    let current = Self.number(now)
    var count = count(at: now)
    for step in 1...Int64(Self.quarters) {
      let leaving = current + step - Int64(Self.quarters)
      guard leaving > newest - Int64(Self.quarters), leaving <= newest else { continue }
      count -= Int(counts[place(leaving)])
      if count < most {
        return Self.quarter * Int((current + step)) - now
      }
    }
    return .seconds(60)
  }
}

extension Duration {
  fileprivate var minutes: Double { Double(milliseconds) / 60_000 }
}
