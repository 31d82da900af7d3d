import Testing

@testable import MillraceCore

/// The budget of requests as plain arithmetic: hours pass in no time.
struct RequestBudgetTests {
  /// A service that takes `quota` requests in each minute, sliding, and one tenant of it that asks
  /// whenever it may.
  private struct Trial {
    var budget: RequestBudget
    let quota: Int
    var now: Duration = .zero
    /// When requests were taken in the last minute.
    private var taken: [Duration] = []
    private(set) var served = 0
    private(set) var refused: [Duration] = []
    private(set) var busiestMinute = 0

    init(ceiling: Int, quota: Int) {
      budget = RequestBudget(ceiling: ceiling)
      self.quota = quota
    }

    /// Asks for one request after the other until `end`.
    mutating func run(until end: Duration, for use: RequestBudget.Use = .backlog) {
      while now < end {
        switch budget.admit(use, at: now) {
        case .wait(let wait):
          precondition(wait > .zero, "a wait that does not wait is a loop")
          now += wait
        case .go:
          taken.removeAll { $0 <= now - .seconds(60) }
          guard taken.count < quota else {
            refused.append(now)
            budget.noteThrottling(at: now)
            now += .seconds(2)
            continue
          }
          taken.append(now)
          served += 1
          busiestMinute = max(busiestMinute, taken.count)
        }
      }
    }
  }

  @Test(arguments: [2000, 1200, 60, 7, 1])
  func `a quota at the ceiling is used well and never overrun`(_ quota: Int) {
    var trial = Trial(ceiling: quota, quota: quota)
    trial.run(until: .seconds(600))
    #expect(trial.refused.isEmpty)
    #expect(trial.busiestMinute <= quota)
    if quota >= 1000 { #expect(trial.served >= quota * 10 * 95 / 100, "\(trial.served)") }
    #expect(trial.served >= quota * 10 * 3 / 4, "\(trial.served)")
  }

  @Test(arguments: [1900, 1500, 1000, 700, 300])
  func `a quota below the ceiling is learnt from a few refusals, and used`(_ quota: Int) {
    var trial = Trial(ceiling: 2000, quota: quota)
    trial.run(until: .seconds(600))
    let learnt = trial.refused.count
    #expect((1...4).contains(learnt), "\(trial.refused)")
    let before = trial.served
    // Nothing is overrun from then on while the lesson is fresh.
    trial.run(until: .seconds(1000))
    let share = Double(trial.served - before) / (Double(quota) * 400 / 60)
    #expect(share > 0.85, "\(share) of the quota used")
  }

  @Test func `in a day a known quota is overrun a few times, not each hour`() {
    var trial = Trial(ceiling: 200, quota: 100)
    trial.run(until: .seconds(86_400))
    #expect(trial.refused.count <= 12, "\(trial.refused)")
    let late = trial.refused.filter { $0 > .seconds(43_200) }
    #expect(late.count <= 3, "\(late)")
  }

  @Test func `what someone else used up is not held against the service for long`() {
    var budget = RequestBudget(ceiling: 2000)
    for _ in 0..<10 { _ = budget.admit(.live, at: .zero) }
    budget.noteThrottling(at: .seconds(1))
    #expect(budget.limit(at: .seconds(2)) == 1000, "halved, not brought down to ten")
    #expect(budget.limit(at: .seconds(601)) == 1000)
    #expect(budget.limit(at: .seconds(1201)) == 1200, "a hundredth of the ceiling a minute")
    #expect(budget.limit(at: .seconds(7200)) == 2000, "and never above it")
  }

  @Test func `refusals at random slow down and never stop`() {
    var budget = RequestBudget(ceiling: 2000)
    for second in 0..<100 { budget.noteThrottling(at: .seconds(second)) }
    #expect(budget.limit(at: .seconds(100)) == 200)
    guard case .go = budget.admit(.backlog, at: .seconds(100)) else {
      Issue.record("a request is let go")
      return
    }
  }

  @Test func `while fetching takes all it may, listing finds room at once`() {
    var budget = RequestBudget(ceiling: 600)
    var now: Duration = .zero
    while now < .seconds(120) {
      guard case .wait(let wait) = budget.admit(.backlog, at: now) else { continue }
      now += wait
    }
    var waited: Duration = .zero
    for _ in 0..<5 {
      while case .wait(let wait) = budget.admit(.live, at: now) {
        now += wait
        waited += wait
      }
    }
    #expect(waited <= .seconds(1), "five listings waited \(waited)")
    #expect(budget.sentInMinute(at: now) <= 600)
  }

  @Test func `after a quiet hour not more than two seconds' worth goes at once`() {
    var budget = RequestBudget(ceiling: 600)
    _ = budget.admit(.live, at: .zero)
    var burst = 0
    while case .go = budget.admit(.live, at: .seconds(3600)) { burst += 1 }
    #expect((10...21).contains(burst), "\(burst)")
  }
}
