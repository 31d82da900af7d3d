package import MillraceCore
import MillraceRuntime
import MillraceSinks
package import MillraceStore

/// Which dead letters a command means: some by their numbers, or all that a filter takes.
package struct DeadLetterOrder: Codable, Hashable, Sendable {
  /// Their numbers; nil for all that the rest takes.
  package var ids: [Int64]?
  /// Only those of this kind.
  package var kind: DeadLetterKind?
  /// Only what this sink refused.
  package var sink: String?
  /// Only those of the tenant with this GUID.
  package var tenant: String?

  /// All of them.
  package init() {}

  /// The filter, for an order without numbers.
  package var filter: DeadLetterFilter {
    DeadLetterFilter(kind: kind, sink: sink, tenant: tenant.flatMap { TenantID($0) })
  }

  /// What is wrong with it; nil when it can be done. A word that is not understood must not widen
  /// what is meant.
  var problem: String? {
    guard let tenant, TenantID(tenant) == nil else { return nil }
    return "\(tenant) is not the GUID of a tenant"
  }
}

/// What came of an order.
package struct DeadLetterOutcome: Codable, Hashable, Sendable {
  /// How many were retried or dropped.
  package var closed = 0
  /// Numbers that name no open dead letter.
  package var missing: [Int64] = []
  /// Those that cannot be retried, as the sink that refused them is not configured any more.
  package var withoutSink: [Int64] = []

  /// Nothing came of it yet.
  package init() {}
}

/// Retries and drops dead letters, in a collector and in a process that does nothing else.
package struct DeadLetterDesk: Sendable {
  private let store: Store
  private let sinks: Set<String>
  private let now: @Sendable () -> Timestamp

  /// - Parameters:
  ///   - store: opened to collect.
  ///   - sinks: the configured sinks.
  package init(
    store: Store, sinks: Set<String>, now: @escaping @Sendable () -> Timestamp
  ) {
    self.store = store
    self.sinks = sinks
    self.now = now
  }

  /// Enters dead letters into the log again, a bounded number in each transaction.
  package func retry(_ order: DeadLetterOrder) async throws(StoreError) -> DeadLetterOutcome {
    var outcome = DeadLetterOutcome()
    var waiting: [(id: Int64, body: PackedBody)] = []
    var bytes = 0
    try await forEach(order, &outcome) { (letter, outcome) throws(StoreError) in
      if let sink = letter.sink, !sinks.contains(sink) {
        outcome.withoutSink.append(letter.id)
        return
      }
      guard let content = try await store.deadLetterBytes(letter.id) else {
        if order.ids != nil { outcome.missing.append(letter.id) }
        return
      }
      waiting.append((letter.id, await DeadLetterDesk.pack(content, of: letter.kind)))
      bytes += content.count
      guard
        waiting.count == Limits.deadLettersPerWrite || bytes >= Limits.deadLetterBytesPerWrite
      else { return }
      outcome.closed += try await store.retryDeadLetters(waiting, at: now()).count
      waiting = []
      bytes = 0
    }
    outcome.closed += try await store.retryDeadLetters(waiting, at: now()).count
    return outcome
  }

  /// Gives dead letters up, a bounded number in each transaction.
  package func drop(_ order: DeadLetterOrder) async throws(StoreError) -> DeadLetterOutcome {
    var outcome = DeadLetterOutcome()
    var waiting: [Int64] = []
    try await forEach(order, &outcome) { (letter, outcome) throws(StoreError) in
      waiting.append(letter.id)
      guard waiting.count == Limits.deadLettersPerWrite else { return }
      outcome.closed += try await store.dropDeadLetters(waiting, at: now()).count
      waiting = []
    }
    outcome.closed += try await store.dropDeadLetters(waiting, at: now()).count
    return outcome
  }

  /// Calls `body` for each open letter that is meant.
  private func forEach(
    _ order: DeadLetterOrder, _ outcome: inout DeadLetterOutcome,
    _ body: (StoredDeadLetter, inout DeadLetterOutcome) async throws(StoreError) -> Void
  ) async throws(StoreError) {
    if let ids = order.ids {
      for id in Set(ids).sorted() {
        if let letter = try await store.deadLetter(id), letter.closing == nil {
          try await body(letter, &outcome)
        } else {
          outcome.missing.append(id)
        }
      }
      return
    }
    // What fails again meanwhile gets a new number, and its turn another time.
    let last = try await store.lastDeadLetter()
    var id: Int64 = 0
    while true {
      let letters = try await store.openDeadLetters(
        order.filter, after: id, limit: Limits.deadLettersPerWrite
      ).prefix { $0.id <= last }
      for letter in letters { try await body(letter, &outcome) }
      guard let end = letters.last?.id else { return }
      id = end
    }
  }

  /// The body that is entered for a letter: a blob as it was, a record or an event alone in an
  /// array.
  @concurrent
  private static func pack(_ bytes: [UInt8], of kind: DeadLetterKind) async -> PackedBody {
    switch kind {
    case .blob: PackedBody(PaddedBytes(bytes))
    case .record, .event:
      PackedBody(PaddedBytes([UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")]))
    }
  }
}

/// What commands ask a running collector about dead letters, over the control socket.
extension ControlRoute {
  /// `dead-letters retry`.
  static let retryDeadLetters = ControlRoute("/dead-letters/retry") {
    (request, collector) throws(ControlError) in
    try await collector.carryOut(request) { (desk, order) throws(StoreError) in
      try await desk.retry(order)
    }
  }

  /// `dead-letters drop`.
  static let dropDeadLetters = ControlRoute("/dead-letters/drop") {
    (request, collector) throws(ControlError) in
    try await collector.carryOut(request) { (desk, order) throws(StoreError) in
      try await desk.drop(order)
    }
  }
}

extension Collector {
  fileprivate func carryOut(
    _ request: ControlRequest,
    _ body: (DeadLetterDesk, DeadLetterOrder) async throws(StoreError) -> DeadLetterOutcome
  ) async throws(ControlError) -> DeadLetterOutcome {
    let order = try request.read(DeadLetterOrder.self)
    if let problem = order.problem { throw ControlError(400, problem) }
    let clock = clock
    let desk = DeadLetterDesk(
      store: store, sinks: Set(deliveries.map(\.sink.name)), now: { clock.now() })
    // Whatever became of it, what is in the log by now is to be decided.
    defer { committed.beat() }
    do throws(StoreError) { return try await body(desk, order) } catch {
      throw ControlError(error)
    }
  }
}
