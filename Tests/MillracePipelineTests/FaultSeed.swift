import MillraceCore
import MillraceSimulator
import Testing

/// A random bad day, determined by its number: which faults, how often, how large everything is.
struct FaultSeed: CustomTestStringConvertible, Sendable {
  let number: UInt64
  let options: SimulatorOptions

  /// Makes up the day.
  init(_ number: UInt64) {
    self.number = number
    var random = SplitMix(state: number &* 0x9E37_79B9_7F4A_7C15 &+ 1)
    let candidates = SimulatedFault.allCases.filter(Self.isFit)
    let faults = Set(
      candidates.shuffled(using: &random).prefix(Int.random(in: 1...6, using: &random)))
    var plan = FaultPlan(faults, seed: number)
    // A failure costs a wait of a second or more, real time.
    plan.rate = Double.random(in: 0.02...0.08, using: &random)
    plan.slowBodyPause = .milliseconds(5)
    plan.lateAfterRequests = Int.random(in: 1...30, using: &random)
    if faults.contains(where: Self.isSlow) { plan.rate = 0.02 }
    var options = SimulatorOptions()
    options.content = .generated(
      events: Int.random(in: 20...120, using: &random), seed: number)
    options.eventsPerBlob = Int.random(in: 1...8, using: &random)
    options.pageSize = Int.random(in: 1...6, using: &random)
    options.tenants = SimulatorOptions.tenants(Int.random(in: 0..<4, using: &random) == 0 ? 2 : 1)
    options.compression = Bool.random(using: &random)
    // Late content takes a second run, which begins with a burst of its own.
    options.quota = RequestQuota(
      requests: faults.contains(.lateBlobs) ? 2 * Self.quota : Self.quota, per: .seconds(2),
      refusal: RequestQuota.Refusal.allCases.randomElement(using: &random) ?? .forbidden)
    if Int.random(in: 0..<3, using: &random) == 0 { plan.rules = [Self.outage(using: &random)] }
    plan.confineHugePages()
    options.faults = plan
    self.options = options
  }

  /// What the collector is configured to: 20 requests a second, after a burst of 40.
  static let requestsPerMinute = 1200
  /// What the service takes in two seconds: the burst and twice 20; what was let go before and
  /// arrives together, at most 13 requests of 5 listings and 8 fetches; and as many again for the
  /// second attempts of those whose token was refused.
  private static let quota = 40 + 40 + 13 + 13

  /// Whether a run with the fault ends within seconds, with a known outcome.
  private static func isFit(_ fault: SimulatedFault) -> Bool {
    switch fault {
    // A refused id is asked for again after five seconds, and a huge record takes its time in a
    // build for tests: both have tests of their own.
    case .af20052, .hugeRecords: false
    default: fault.effect != .lasts
    }
  }

  /// A short time in which every request of a kind, or of a feed, fails.
  private static func outage(using random: inout SplitMix) -> FaultRule {
    let failures: [SimulatedFault] = [
      .serverErrors, .resets, .html200, .requestTimeout, .cutBodies, .redirects, .af50005,
    ]
    var rule = FaultRule(failures.randomElement(using: &random) ?? .resets, rate: 1)
    rule.times = Int.random(in: 1...6, using: &random)
    if Bool.random(using: &random) {
      rule.contentTypes = [ContentType.allCases.randomElement(using: &random) ?? .exchange]
    } else {
      rule.requests = [
        [.token, .listSubscriptions, .startSubscription, .listContent, .fetchContent]
          .randomElement(using: &random) ?? .token
      ]
    }
    return rule
  }

  /// Whether each strike costs several seconds.
  private static func isSlow(_ fault: SimulatedFault) -> Bool {
    [.throttle403, .throttle429, .af20022, .af20023].contains(fault)
  }

  var testDescription: String {
    let names = options.faults.faults.map(\.rawValue).sorted().joined(separator: ", ")
    let outages = options.faults.rules.map {
      "; \($0.times ?? 0) times \($0.fault.rawValue) for \($0.requests) \($0.contentTypes)"
    }
    return "seed \(number): \(names)\(outages.joined())"
  }
}

extension FaultPlan {
  /// Leaves `hugePages` to one feed: each page of it is 16 MiB that nobody keeps.
  mutating func confineHugePages() {
    guard faults.remove(.hugePages) != nil else { return }
    var rule = FaultRule(.hugePages)
    rule.contentTypes = [.general]
    rules.append(rule)
  }
}

/// A generator that a number determines (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
