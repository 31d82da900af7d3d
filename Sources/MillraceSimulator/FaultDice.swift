import MillraceCore
import Synchronization

/// Decides which request suffers which fault, by the plan's seed and not by the order in which
/// requests of different threads happen to arrive.
final class FaultDice: Sendable {
  let plan: FaultPlan
  /// How often each request was made.
  private let attempts = Mutex<[UInt64: Int]>([:])
  private let done = Mutex<Set<String>>([])
  private let auditingOffCounts = Mutex<[TenantID: Int]>([:])
  private let spoiled = Mutex<[SimulatedFault: Int]>([:])

  init(_ plan: FaultPlan) {
    self.plan = plan
  }

  /// What happens to one attempt at a request.
  struct Draw {
    /// The fault that takes the place of the answer or spoils it.
    let failure: SimulatedFault?
    /// The faults that change how an answer is sent and leave it whole.
    let dress: [SimulatedFault]
    let hash: UInt64
  }

  /// Draws for the next attempt at a request. Of four attempts in a row the last one succeeds.
  func draw(for call: SimulatedCall) -> Draw {
    if plan.faults.isEmpty { return Draw(failure: nil, dress: [], hash: 0) }
    let key = scrambled(plan.seed, call.signature)
    let attempt = attempts.withLock { attempts in
      // Windows move on, so that the requests of a long run are ever new ones.
      if attempts.count >= 200_000 { attempts = [:] }
      attempts[key, default: -1] += 1
      return attempts[key, default: 0]
    }
    let hash = scrambled(key, UInt64(attempt))
    let round = scrambled(key, UInt64(attempt / 4) | 1 << 32)
    let failing = fraction(round) < plan.rate ? 1 + Int(scrambled(round) % 3) : 0
    var failure: SimulatedFault?
    if attempt % 4 < failing {
      let candidates = Self.failures.filter {
        plan.has($0) && Self.applies($0, to: call)
          // A token that is refused again right after it was renewed would mean something else.
          && ($0 != .shortTokens || attempt % 4 == 0)
      }
      if !candidates.isEmpty { failure = candidates[Int(hash >> 20) % candidates.count] }
    }
    if let failure { count(failure) }
    let dress = Self.dresses.filter {
      plan.has($0) && fraction(scrambled(hash, stableHash($0.rawValue))) < max(plan.rate, 0.5)
    }
    return Draw(failure: failure, dress: dress, hash: hash)
  }

  /// True once for each fault and subject.
  func once(_ fault: SimulatedFault, _ subject: String) -> Bool {
    guard plan.has(fault),
      done.withLock({ $0.insert(fault.rawValue + " " + subject).inserted })
    else { return false }
    count(fault)
    return true
  }

  /// Whether this request to a tenant is still one of those that find auditing switched off.
  func findsAuditingOff(_ tenant: TenantID) -> Bool {
    guard plan.has(.auditingOff) else { return false }
    let request = auditingOffCounts.withLock { counts in
      counts[tenant, default: 0] += 1
      return counts[tenant, default: 0]
    }
    guard request <= plan.auditingOffRequests else { return false }
    count(.auditingOff)
    return true
  }

  /// How many answers each fault spoiled.
  var counts: [SimulatedFault: Int] { spoiled.withLock { $0 } }

  private func count(_ fault: SimulatedFault) {
    spoiled.withLock { $0[fault, default: 0] += 1 }
  }

  private static let failures: [SimulatedFault] = [
    .throttle403, .throttle429, .serverErrors, .cutBodies, .resets, .html200, .error200,
    .shortTokens,
  ]

  private static let dresses: [SimulatedFault] = [.slowBodies, .unannounced, .byteOrderMark]

  private static func applies(_ fault: SimulatedFault, to call: SimulatedCall) -> Bool {
    switch (fault, call.kind) {
    case (.throttle403, .token), (.shortTokens, .token), (_, .other): false
    case (.error200, let kind): kind == .fetchContent
    default: true
    }
  }
}
