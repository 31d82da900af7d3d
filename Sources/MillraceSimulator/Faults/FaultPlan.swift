package import MillraceCore

/// Which faults happen, to whom, when, and how often.
package struct FaultPlan: Sendable {
  /// Faults that concern everybody, all the time; all of them can be combined.
  package var faults: Set<SimulatedFault>
  /// Faults that concern some, or come and go.
  package var rules: [FaultRule] = []
  /// Determines which requests and which blobs suffer.
  package var seed: UInt64
  /// The share of requests, 0 to 1, whose first one to three attempts fail. The same request
  /// never fails four times in a row, unless a rule says so.
  package var rate: Double
  /// How many requests the tenant has served before `lateBlobs` shows the late ones.
  package var lateAfterRequests: Int
  /// How many requests to the API of a tenant `auditingOff` refuses.
  package var auditingOffRequests: Int
  /// How long `slowBodies` rests before each of the four pieces of a body, and `slowAnswers` before
  /// an answer.
  package var slowBodyPause: Duration

  /// A plan; without faults unless some are given.
  package init(
    _ faults: Set<SimulatedFault> = [], seed: UInt64 = 1, rate: Double = 0.3,
    lateAfterRequests: Int = 40, auditingOffRequests: Int = 3,
    slowBodyPause: Duration = .milliseconds(50)
  ) {
    precondition((0...1).contains(rate), "a rate of faults is a share of all requests")
    self.faults = faults
    self.seed = seed
    self.rate = rate
    self.lateAfterRequests = lateAfterRequests
    self.auditingOffRequests = auditingOffRequests
    self.slowBodyPause = slowBodyPause
  }

  /// Whether a fault happens to anybody at all.
  func has(_ fault: SimulatedFault) -> Bool {
    faults.contains(fault) || rules.contains { $0.fault == fault }
  }

  /// Whether a fault that is laid out once, and not drawn for each request, concerns a feed.
  func has(_ fault: SimulatedFault, _ tenant: SimulatedTenantOptions, _ type: ContentType?) -> Bool
  {
    faults.contains(fault)
      || rules.contains { $0.fault == fault && $0.concerns(tenant) && $0.concerns(type) }
  }

  /// Whether nothing ever happens.
  var isEmpty: Bool { faults.isEmpty && rules.isEmpty }
}

/// A fault with its bounds: for whom, for which requests, from when until when.
package struct FaultRule: Sendable, Hashable {
  /// What happens.
  package var fault: SimulatedFault
  /// The share of requests that suffer, 0 to 1; nil for that of the plan. With 1 every attempt
  /// fails, however often it is made.
  package var rate: Double?
  /// GUIDs or domains of the tenants concerned, in lower case; empty for all.
  package var tenants: Set<String> = []
  /// The feeds concerned; empty for all. Requests that name none are not concerned by a rule that
  /// does.
  package var contentTypes: Set<ContentType> = []
  /// The requests concerned; empty for all.
  package var requests: Set<SimulatorStatistics.Request> = []
  /// Since the start of the simulator, by its clock.
  package var from: Duration = .zero
  /// Since the start of the simulator, by its clock; nil for ever.
  package var until: Duration?
  /// How many answers are spoiled at most; nil for any number.
  package var times: Int?

  /// A fault without bounds.
  package init(_ fault: SimulatedFault, rate: Double? = nil) {
    self.fault = fault
    self.rate = rate
  }

  func concerns(_ tenant: SimulatedTenantOptions) -> Bool {
    tenants.isEmpty || tenants.contains(tenant.tenantID.lowercased())
      || tenants.contains(tenant.domain)
  }

  func concerns(_ type: ContentType?) -> Bool {
    contentTypes.isEmpty || type.map(contentTypes.contains) ?? false
  }

  func concerns(_ request: SimulatorStatistics.Request) -> Bool {
    requests.isEmpty || requests.contains(request)
  }

  func concerns(_ age: Duration) -> Bool { age >= from && until.map { age < $0 } ?? true }
}
