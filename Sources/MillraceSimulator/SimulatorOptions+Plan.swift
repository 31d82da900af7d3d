package import MillraceConfiguration
import MillraceCore

extension SimulatorOptions {
  /// The words a plan file may use.
  package static let planWords = SimulationPlan.Words(
    faults: SimulatedFault.allCases.sorted().map(\.rawValue),
    requests: SimulatorStatistics.Request.allCases.filter { $0 != .other }.map(\.planName),
    refusals: RequestQuota.Refusal.allCases.map(\.rawValue),
    buckets: RequestQuota.Bucket.allCases.map(\.rawValue))

  /// Does what a plan file says, on top of what is set already.
  package mutating func follow(_ plan: SimulationPlan) {
    if let seed = plan.seed { faults.seed = UInt64(seed) }
    if plan.clockAhead != .zero || plan.clockSpeed != 1 {
      clock = ServiceClock(clock, ahead: plan.clockAhead, speed: Double(plan.clockSpeed))
    }
    if plan.windowSlack != .zero { windowSlack = plan.windowSlack }
    if let planned = plan.quota {
      quota = RequestQuota(
        requests: planned.requests, per: planned.per,
        refusal: planned.answer.flatMap { RequestQuota.Refusal(rawValue: $0) } ?? .forbidden,
        bucket: planned.by.flatMap { RequestQuota.Bucket(rawValue: $0) } ?? .tenant)
    }
    faults.rules += plan.faults.compactMap(FaultRule.init)
  }

  /// So many tenants that differ in their GUIDs and domains; the first is that of the
  /// demonstration.
  package static func tenants(_ count: Int) -> [SimulatedTenantOptions] {
    (0..<count).map { number in
      guard number > 0 else { return SimulatedTenantOptions() }
      return SimulatedTenantOptions(
        tenantID: guidText(UInt64(number)), domain: "tenant\(number).example.com")
    }
  }
}

extension SimulatorStatistics.Request {
  /// How plan files call it: `list-content`.
  var planName: String { rawValue.replacing(" ", with: "-") }
}

extension FaultRule {
  /// A fault of a plan file.
  fileprivate init?(_ planned: SimulationPlan.Fault) {
    guard let fault = SimulatedFault(rawValue: planned.name) else { return nil }
    self.init(fault, rate: planned.rate)
    tenants = Set(planned.tenants)
    contentTypes = Set(planned.contentTypes)
    requests = Set(
      SimulatorStatistics.Request.allCases.filter { planned.requests.contains($0.planName) })
    from = planned.from
    until = planned.until
    times = planned.times
  }
}
