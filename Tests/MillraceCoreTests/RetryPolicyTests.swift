import MillraceCore
import Testing

/// What is decided, without how long.
private enum Decision: String {
  case accept, renewToken, retry, pauseFeed, pauseTenant, resubscribe, restartWindow, expire, bury
  case stop

  init(_ disposition: Disposition) {
    self =
      switch disposition {
      case .accept: .accept
      case .renewToken: .renewToken
      case .retry: .retry
      case .pauseFeed: .pauseFeed
      case .pauseTenant: .pauseTenant
      case .resubscribe: .resubscribe
      case .restartWindow: .restartWindow
      case .expire: .expire
      case .bury: .bury
      case .stop: .stop
      }
  }
}

extension Disposition {
  /// The wait in it, if it has one.
  fileprivate var wait: Duration? {
    switch self {
    case .retry(let wait), .pauseFeed(let wait), .pauseTenant(let wait), .resubscribe(let wait),
      .restartWindow(let wait):
      wait
    case .accept, .renewToken, .expire, .bury, .stop: nil
    }
  }
}

struct RetryPolicyTests {
  private typealias Operation = ServiceFailure.Operation
  private typealias Kind = ServiceFailure.Kind

  private static let operations: [Operation] = [
    .token, .listSubscriptions, .startSubscription, .stopSubscription, .listContent, .fetchContent,
  ]

  /// The decision at the first attempt for each kind; columns as in `operations`.
  private static let table: [Kind: [Decision]] = [
    .throttled: [
      .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant,
    ],
    .tokenRefused: [.renewToken, .renewToken, .renewToken, .renewToken, .renewToken, .renewToken],
    .permissionMissing: [
      .pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .pauseFeed, .pauseFeed,
    ],
    .credentialRefused: [
      .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant,
    ],
    .misconfigured: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .pauseFeed, .pauseFeed],
    .auditingOff: [
      .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant, .pauseTenant,
    ],
    .notSubscribed: [
      .pauseTenant, .pauseTenant, .resubscribe, .accept, .resubscribe, .resubscribe,
    ],
    .subscriptionDisabled: [
      .pauseTenant, .pauseTenant, .resubscribe, .pauseFeed, .resubscribe, .resubscribe,
    ],
    .alreadyEnabled: [.pauseTenant, .pauseTenant, .accept, .pauseFeed, .restartWindow, .retry],
    .windowRefused: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
    .pageStale: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
    .contentMissing: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .expire],
    .contentExpired: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .expire],
    .contentIDRefused: [
      .pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry,
    ],
    .foreignOrigin: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .pauseFeed, .bury],
    .truncated: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
    .tooLarge: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
    .malformed: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
    .serviceTrouble: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
    .unreachable: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
    .pagingLoop: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
    .cancelled: [.stop, .stop, .stop, .stop, .stop, .stop],
    .refused: [.pauseTenant, .pauseTenant, .pauseFeed, .pauseFeed, .restartWindow, .retry],
  ]

  private func disposition(
    _ kind: Kind, _ operation: Operation, attempt: Int = 1, jitter: Double = 0.5,
    retryAfter: Duration? = nil
  ) -> Disposition {
    RetryPolicy.disposition(
      of: ServiceFailure(
        operation: operation, kind: kind, retryAfter: retryAfter, message: "as the test says"),
      attempt: attempt, jitter: jitter)
  }

  @Test(arguments: ServiceFailure.Kind.allCases)
  func `each kind of failure has its decision for each operation`(kind: ServiceFailure.Kind) {
    for (index, operation) in RetryPolicyTests.operations.enumerated() {
      let expected = RetryPolicyTests.table[kind]?[index]
      let decided = Decision(disposition(kind, operation))
      #expect(decided == expected, "\(operation.rawValue), \(kind.rawValue)")
    }
  }

  @Test(arguments: ServiceFailure.Kind.allCases, [1, 2, 3, 7, 8, 9, 100])
  func `a failed listing is never a success, and never the end of a blob`(
    kind: ServiceFailure.Kind, attempt: Int
  ) {
    for operation in RetryPolicyTests.operations where operation != .fetchContent {
      let decided = Decision(disposition(kind, operation, attempt: attempt))
      #expect(decided != .expire && decided != .bury, "\(operation.rawValue)")
      if operation == .listContent || operation == .token || operation == .listSubscriptions {
        #expect(decided != .accept, "\(operation.rawValue)")
      }
    }
  }

  @Test(arguments: [ServiceFailure.Kind.contentIDRefused, .tooLarge])
  func `a blob that is refused by name or size is tried twice`(kind: ServiceFailure.Kind) {
    #expect(Decision(disposition(kind, .fetchContent, attempt: 1)) == .retry)
    #expect(disposition(kind, .fetchContent, attempt: 2) == .bury)
  }

  @Test(
    arguments: [
      ServiceFailure.Kind.serviceTrouble, .unreachable, .truncated, .malformed, .refused,
      .windowRefused, .pagingLoop, .pageStale, .alreadyEnabled,
    ])
  func `a blob is owed through any trouble that says nothing against it`(
    kind: ServiceFailure.Kind
  ) {
    for attempt in [1, 2, 8, 100, 100_000] {
      #expect(Decision(disposition(kind, .fetchContent, attempt: attempt)) == .retry)
    }
  }

  @Test func `a second refusal of the token pauses the tenant`() {
    #expect(disposition(.tokenRefused, .listContent, attempt: 1) == .renewToken)
    #expect(Decision(disposition(.tokenRefused, .listContent, attempt: 2)) == .pauseTenant)
  }

  @Test(arguments: [0.0, 0.25, 0.5, 0.999])
  func `throttling waits at least as long as the service asked`(jitter: Double) throws {
    for operation in RetryPolicyTests.operations {
      for attempt in [1, 2, 50] {
        let decided = disposition(
          .throttled, operation, attempt: attempt, jitter: jitter, retryAfter: .seconds(100))
        #expect(Decision(decided) == .pauseTenant)
        let wait = try #require(decided.wait)
        #expect(wait >= .seconds(100) && wait <= .seconds(120))
      }
    }
  }

  @Test(arguments: [Duration.seconds(0), .seconds(-3600), .milliseconds(1)])
  func `being asked for no wait at all is no leave to hammer`(asked: Duration) throws {
    for kind in [ServiceFailure.Kind.throttled, .serviceTrouble, .refused] {
      let wait = try #require(disposition(kind, .fetchContent, retryAfter: asked).wait)
      #expect(wait >= Limits.retryAfterMin)
    }
  }

  @Test func `nobody can make us wait for ever`() throws {
    let asked = Duration.seconds(Int64.max / 4)
    for kind in [ServiceFailure.Kind.throttled, .serviceTrouble] {
      let wait = try #require(
        disposition(kind, .listContent, jitter: 0.999, retryAfter: asked).wait)
      #expect(wait <= Limits.retryAfterMax + Limits.retryAfterMax / 5)
    }
  }

  @Test func `trouble of the service honours its wait too`() throws {
    let wait = try #require(
      disposition(.serviceTrouble, .listContent, retryAfter: .seconds(30)).wait)
    #expect(wait >= .seconds(30) && wait <= .seconds(36))
  }

  @Test(arguments: ServiceFailure.Kind.allCases)
  func `every wait is above zero and ends within an hour`(kind: ServiceFailure.Kind) {
    for operation in RetryPolicyTests.operations {
      for attempt in [1, 2, 5, 31, 32, 64, 1000, Int.max] {
        for jitter in [0, 0.5, 0.999_999] {
          let decided = disposition(kind, operation, attempt: attempt, jitter: jitter)
          guard let wait = decided.wait else { continue }
          #expect(wait > .zero && wait <= .seconds(3600), "\(operation.rawValue)")
        }
      }
    }
  }

  @Test func `waits double up to the ceiling and stay there`() {
    let waits = (1...40).map {
      RetryPolicy.backoff(base: .seconds(1), ceiling: .seconds(300), attempt: $0, jitter: 0)
    }
    #expect(waits.prefix(4) == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])
    #expect(zip(waits, waits.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(waits.last == .seconds(150))
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `jitter takes between half and the whole`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var waits: Set<Duration> = []
    for _ in 0..<200 {
      let jitter = Double.random(in: 0..<1, using: &generator)
      let wait = RetryPolicy.backoff(
        base: .seconds(8), ceiling: .seconds(900), attempt: 3, jitter: jitter)
      #expect(wait >= .seconds(16) && wait < .seconds(32))
      waits.insert(wait)
    }
    #expect(waits.count > 150, "a thousand feeds do not come back together")
  }

  @Test func `attempts count from one`() async {
    await #expect(processExitsWith: .failure) {
      _ = RetryPolicy.backoff(base: .seconds(1), ceiling: .seconds(2), attempt: 0, jitter: 0)
    }
  }
}

struct ServiceFailureTests {
  @Test func `a failure reads as operation, code, message and hint`() {
    let failure = ServiceFailure(
      operation: .listContent, kind: .notSubscribed, code: "AF20022", status: 400,
      message: "no subscription", hint: "start one")
    #expect(failure.description == "list content: AF20022: no subscription (start one)")
  }

  @Test func `without a code the status stands in, and without both nothing does`() {
    let answered = ServiceFailure(
      operation: .token, kind: .serviceTrouble, status: 503, message: "no words")
    #expect(answered.description == "token: HTTP 503: no words")
    let silent = ServiceFailure(operation: .fetchContent, kind: .unreachable, message: "no route")
    #expect(silent.description == "fetch content: no route")
  }
}
