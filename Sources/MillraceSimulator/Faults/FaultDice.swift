import MillraceCore
import MillraceRuntime
import Synchronization

/// Decides which request suffers which fault, by the plan's seed and not by the order in which
/// requests of different threads happen to arrive.
final class FaultDice: Sendable {
  let plan: FaultPlan
  private let clock: any WallClock
  private let startedAt: Timestamp
  /// The tenants by GUID and by domain.
  private let tenants: [String: SimulatedTenantOptions]
  /// How often each request was made.
  private let attempts = Mutex<[UInt64: Int]>([:])
  /// How often faults struck that do so a few times for each feed.
  private let done = Mutex<[String: Int]>([:])
  private let auditingOffCounts = Mutex<[TenantID: Int]>([:])
  private let spoiled = Mutex<[SimulatedFault: Int]>([:])
  /// How many answers each rule spoiled.
  private let ruleCounts = Mutex<[Int: Int]>([:])

  init(_ plan: FaultPlan, tenants: [SimulatedTenantOptions], clock: any WallClock) {
    self.plan = plan
    self.clock = clock
    startedAt = clock.now()
    var named: [String: SimulatedTenantOptions] = [:]
    for tenant in tenants {
      named[tenant.domain] = tenant
      named[tenant.tenantID.lowercased()] = tenant
    }
    self.tenants = named
  }

  /// What happens to one attempt at a request.
  struct Draw {
    /// The fault that takes the place of the answer or spoils it.
    let failure: SimulatedFault?
    /// The faults that change how an answer is sent and leave it whole.
    let dress: [SimulatedFault]
    let hash: UInt64
  }

  /// Draws for the next attempt at a request. Of four attempts in a row the last one succeeds,
  /// unless a rule wants every one to fail.
  func draw(for call: SimulatedCall) -> Draw {
    if plan.isEmpty { return Draw(failure: nil, dress: [], hash: 0) }
    let key = scrambled(plan.seed, call.signature)
    let attempt = attempts.withLock { attempts in
      // Windows move on, so that the requests of a long run are ever new ones.
      if attempts.count >= 200_000 { attempts = [:] }
      attempts[key, default: -1] += 1
      return attempts[key, default: 0]
    }
    let hash = scrambled(key, UInt64(attempt))
    let round = scrambled(key, UInt64(attempt / 4) | 1 << 32)
    let rules = rulesInForce(for: call)
    var failure =
      ruled(rules, call: call, attempt: attempt, round: round) ?? standing(rules, call: call)
    if failure == nil, attempt % 4 < failing(round, rate: plan.rate) {
      let open = rules.filter { $0.rule.rate == nil }
      let candidates = Self.failures.filter { fault in
        let rule = open.first { $0.rule.fault == fault }
        return (plan.faults.contains(fault) || rule != nil) && fault.strikes(call, attempt: attempt)
      }
      if !candidates.isEmpty {
        failure = candidates[Int(hash >> 20) % candidates.count]
        if let rule = open.first(where: { $0.rule.fault == failure }) { count(rule: rule.index) }
      }
    }
    if let failure { count(failure) }
    let dress = Self.dresses.filter { fault in
      let rule = rules.first { $0.rule.fault == fault }
      guard plan.faults.contains(fault) || rule != nil else { return false }
      let rate = rule?.rule.rate ?? max(plan.rate, 0.5)
      return fraction(scrambled(hash, stableHash(fault.rawValue))) < rate
    }
    return Draw(failure: failure, dress: dress, hash: hash)
  }

  /// The fault that spoils every attempt, if there is one.
  private func standing(_ rules: [RuleInForce], call: SimulatedCall) -> SimulatedFault? {
    [SimulatedFault.throttleAlways, .noKey500].first { fault in
      fault.strikes(call, attempt: 0)
        && (plan.faults.contains(fault) || rules.contains { $0.rule.fault == fault })
    }
  }

  /// How many attempts at a request fail in a round of four.
  private func failing(_ round: UInt64, rate: Double) -> Int {
    fraction(round) < rate ? 1 + Int(scrambled(round) % 3) : 0
  }

  /// The first fault that a rule with a rate of its own wants.
  private func ruled(
    _ rules: [RuleInForce], call: SimulatedCall, attempt: Int, round: UInt64
  ) -> SimulatedFault? {
    for (index, rule) in rules {
      guard let rate = rule.rate, Self.failures.contains(rule.fault) else { continue }
      let own = scrambled(round, UInt64(index) | 1 << 40)
      let isDue =
        rate >= 1
        ? rule.fault.strikes(call, attempt: 0)
        : attempt % 4 < failing(own, rate: rate) && rule.fault.strikes(call, attempt: attempt)
      guard isDue else { continue }
      count(rule: index)
      return rule.fault
    }
    return nil
  }

  // MARK: - Rules

  private typealias RuleInForce = (index: Int, rule: FaultRule)

  private func rulesInForce(for call: SimulatedCall) -> [RuleInForce] {
    guard !plan.rules.isEmpty, let tenant = tenants[call.tenant.lowercased()] else { return [] }
    let age = clock.now() - startedAt
    let type = call.contentType
    return plan.rules.enumerated().filter { index, rule in
      rule.concerns(tenant) && rule.concerns(call.kind) && rule.concerns(type)
        && rule.concerns(age) && !isSpent(index, rule)
    }.map { ($0.offset, $0.element) }
  }

  private func isSpent(_ index: Int, _ rule: FaultRule) -> Bool {
    guard let times = rule.times else { return false }
    return ruleCounts.withLock { $0[index, default: 0] } >= times
  }

  private func count(rule index: Int) {
    ruleCounts.withLock { $0[index, default: 0] += 1 }
  }

  // MARK: - Faults with a memory of their own

  /// Whether a fault that shapes answers concerns this feed now.
  func has(_ fault: SimulatedFault, _ tenant: SimulatedTenantOptions, _ type: ContentType?) -> Bool
  {
    if plan.faults.contains(fault) { return true }
    guard plan.has(fault) else { return false }
    let age = clock.now() - startedAt
    return plan.rules.contains {
      $0.fault == fault && $0.concerns(tenant) && $0.concerns(type) && $0.concerns(age)
    }
  }

  /// True the first few times for each fault and feed.
  func first(
    _ times: Int, _ fault: SimulatedFault, _ tenant: SimulatedTenantOptions, _ type: ContentType
  ) -> Bool {
    let subject = "\(fault.rawValue) \(tenant.tenantID) \(type)"
    guard has(fault, tenant, type) else { return false }
    let isDue = done.withLock { done in
      done[subject, default: 0] += 1
      return done[subject, default: 0] <= times
    }
    if isDue { count(fault) }
    return isDue
  }

  /// Whether this request to a tenant is still one of those that find auditing switched off.
  func findsAuditingOff(_ id: TenantID, _ tenant: SimulatedTenantOptions) -> Bool {
    guard has(.auditingOff, tenant, nil) else { return false }
    let request = auditingOffCounts.withLock { counts in
      counts[id, default: 0] += 1
      return counts[id, default: 0]
    }
    guard request <= plan.auditingOffRequests else { return false }
    count(.auditingOff)
    return true
  }

  /// How many answers each fault spoiled.
  var counts: [SimulatedFault: Int] { spoiled.withLock { $0 } }

  /// Counts an answer that a fault spoiled.
  func count(_ fault: SimulatedFault) {
    spoiled.withLock { $0[fault, default: 0] += 1 }
  }

  private static let failures = SimulatedFault.allCases.filter { $0.sort == .failure }
  private static let dresses = SimulatedFault.allCases.filter { $0.sort == .dress }
}
