import MillraceCore
import Testing

@testable import MillraceStore

/// What the store should know, in a dictionary.
private struct Model {
  struct Entry: Equatable {
    var state: ContentState
    var attempts = 0
    var retryAt: Timestamp?
  }

  var content: [Feed: [Int: Entry]] = [:]
  var listedUntil: [Feed: Timestamp] = [:]
  /// The log: which blob, its bytes, and what was decided.
  var log: [(feed: Feed, number: Int, bytes: [UInt8], decisions: Decisions?)] = []
  var sinks: [String: LogPosition] = [:]

  var firstUnindexed: Int64 {
    Int64(log.firstIndex { $0.decisions == nil } ?? log.count) + 1
  }
}

/// What can be done to a store. An action that would be impossible is mended into one that is not,
/// so that no random run is wasted.
private enum Action: CaseIterable {
  case list, fetch, postpone, lose, index, decideAgain, register, deliver, goBack, reopen
}

@Suite(.timeLimit(.minutes(1)))
struct ModelTests {
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `the store and a dictionary agree after every step`(seed: UInt64) async throws {
    let trial = try Trial(seed: seed)
    try await trial.run(steps: 120)
  }
}

/// One random run.
private final class Trial {
  private let folder: TemporaryFolder
  private let feeds: [Feed]
  private let weights: [(Action, Int)]
  private var generator: SeededGenerator
  private var opened: Store?
  private var store: Store {
    guard let opened else { preconditionFailure("a trial has a store open between its steps") }
    return opened
  }
  private var model = Model()
  /// The ledger's numbers, as the store told them.
  private var rows: [Feed: [Int: OwedContent]] = [:]

  init(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    folder = try TemporaryFolder()
    feeds = [try feed(.exchange), try feed(.general), try feed(.exchange, tenant: 2)]
    // Some actions are left out of a run and others dominate it: the corners lie there.
    weights = Action.allCases.map { action in
      let isLeftOut = action != .list && Int.random(in: 0..<5, using: &generator) == 0
      return (action, isLeftOut ? 0 : 1 << Int.random(in: 0..<5, using: &generator))
    }
    self.generator = generator
    opened = try Store(folder: folder.store)
  }

  func run(steps: Int) async throws {
    for _ in 0..<steps {
      try await step(pick())
      try await compare()
    }
    store.close()
  }

  private func pick() -> Action {
    var ticket = random(weights.reduce(0) { $0 + $1.1 })
    for (action, weight) in weights {
      if ticket < weight { return action }
      ticket -= weight
    }
    return .list
  }

  private func random(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

  /// A blob the store told us of, in whatever state it is by now; nil before the first.
  private func anyBlob() -> (Feed, Int, OwedContent)? {
    let all = feeds.flatMap { feed in
      (rows[feed] ?? [:]).sorted { $0.key < $1.key }.map { (feed, $0.key, $0.value) }
    }
    return all.randomElement(using: &generator)
  }

  private func step(_ action: Action) async throws {
    switch action {
    case .list: try await list()
    case .fetch: try await fetch()
    case .postpone: try await postpone()
    case .lose: try await lose()
    case .index: try await index()
    case .decideAgain: try await decideAgain()
    case .register:
      let name = ["a", "b", "c"][random(3)]
      let start = LogPosition(sequence: Int64(random(model.log.count + 1) + 1))
      let expected = model.sinks[name] ?? start
      #expect(try await store.registerSink(name, from: start, at: noon) == expected)
      model.sinks[name] = expected
    case .deliver: try await deliver(forward: true)
    case .goBack: try await deliver(forward: false)
    case .reopen:
      if random(2) == 0 { store.close() }
      // Letting go of the old store releases its lock.
      opened = nil
      opened = try Store(folder: folder.store)
    }
  }

  private func list() async throws {
    let feed = feeds[random(feeds.count)]
    let numbers = (0..<random(6)).map { _ in random(40) }
    let until = random(2) == 0 ? noon + .seconds(random(1000)) : nil
    let result = try await store.list(numbers, of: feed, until: until)
    let new = Set(numbers).filter { model.content[feed]?[$0] == nil }
    #expect(result.new == new.count && result.known == numbers.count - new.count)
    for number in new { model.content[feed, default: [:]][number] = .init(state: .listed) }
    if let until { model.listedUntil[feed] = max(until, model.listedUntil[feed] ?? until) }
  }

  private func fetch() async throws {
    guard let (feed, number, content) = anyBlob() else { return try await list() }
    let bytes = body(random(4) == 0 ? 0 : random(40_000), seed: UInt64(number))
    let isOwed = model.content[feed]?[number]?.state == .listed
    let sequence = try await store.fetch(content, bytes)
    #expect(sequence == (isOwed ? Int64(model.log.count + 1) : nil))
    guard isOwed else { return }
    model.content[feed]?[number]?.state = .fetched
    model.content[feed]?[number]?.retryAt = nil
    model.log.append((feed, number, bytes, nil))
  }

  private func postpone() async throws {
    guard let (feed, number, content) = anyBlob() else { return try await list() }
    let moment = noon + .seconds(random(100))
    try await store.postpone(content, until: moment, reason: "trouble")
    guard model.content[feed]?[number]?.state == .listed else { return }
    model.content[feed]?[number]?.attempts += 1
    model.content[feed]?[number]?.retryAt = moment
  }

  private func lose() async throws {
    guard let (feed, number, content) = anyBlob() else { return try await list() }
    let state = random(2) == 0 ? ContentState.expired : .dead
    let isOwed = model.content[feed]?[number]?.state == .listed
    #expect(try await store.lose(content, as: state, reason: "gone", at: noon) == isOwed)
    guard isOwed else { return }
    model.content[feed]?[number]?.state = state
    model.content[feed]?[number]?.retryAt = nil
  }

  private func decisions() -> Decisions {
    let records = random(50)
    let skipped = (0..<records).filter { _ in random(5) == 0 }.map(UInt32.init)
    let first = noon + .seconds(random(10))
    let span = random(3) == 0 ? nil : first...first + .seconds(random(10))
    return Decisions(recordCount: records, skipped: skipped, eventSpan: span)
  }

  private func index() async throws {
    let first = Int(model.firstUnindexed)
    let last = min(first + random(4), model.log.count)
    guard first <= last else { return try await fetch() }
    var entries: [IndexedEntry] = []
    for sequence in first...last {
      let decided = decisions()
      model.log[sequence - 1].decisions = decided
      entries.append(
        IndexedEntry(sequence: Int64(sequence), decisions: decided, deadLetters: []))
    }
    try await store.commitIndex(entries, at: noon)
  }

  private func decideAgain() async throws {
    guard model.firstUnindexed > 1 else { return try await index() }
    let sequence = Int64(random(Int(model.firstUnindexed) - 1) + 1)
    try await store.commitIndex(
      [IndexedEntry(sequence: sequence, decisions: decisions(), deadLetters: [])], at: noon)
  }

  private func deliver(forward: Bool) async throws {
    guard
      let (name, position) = model.sinks.sorted(by: { $0.key < $1.key })
        .randomElement(using: &generator)
    else { return try await step(.register) }
    let step = Int64(random(3))
    var target = LogPosition(
      sequence: max(1, position.sequence + (forward ? step : -step)), record: random(20))
    if forward && target < position { target = position }
    let error = await failure { () throws(StoreError) in
      try await store.commitDelivery(of: name, to: target, events: 1, files: [], at: noon)
    }
    #expect((error != nil) == (target < position))
    if error == nil { model.sinks[name] = target }
  }

  // MARK: Comparing

  private func compare() async throws {
    let now = noon + .seconds(50)
    for feed in feeds {
      let expected = model.content[feed] ?? [:]
      let owed = try await store.owed(feed)
      for content in owed { rows[feed, default: [:]][number(of: content)] = content }
      let listed = expected.filter { $0.value.state == .listed }
      #expect(owed.map { number(of: $0) } == listed.keys.sorted())
      #expect(owed.map(\.attempts) == listed.sorted { $0.key < $1.key }.map(\.value.attempts))
      let due = try await store.owedContent(
        of: feed.tenant, types: [feed.contentType], now: now, limit: 5, excluding: [])
      let expectedDue = listed.filter { $0.value.retryAt.map { $0 <= now } ?? true }.keys.sorted()
      #expect(due.map { number(of: $0) } == Array(expectedDue.prefix(5)))
      #expect(try await store.progress(of: feed).listedUntil == model.listedUntil[feed])
    }
    #expect(
      try await store.logExtent()
        == LogExtent(last: Int64(model.log.count), firstUnindexed: model.firstUnindexed))
    #expect(try await store.sinkPositions() == model.sinks)
    let status = try await store.status()
    for line in status.feeds {
      for state in ContentState.allCases {
        let count = model.content[line.feed]?.values.count { $0.state == state }
        #expect(line.blobs[state] == count ?? 0)
      }
    }
    guard !model.log.isEmpty else { return }
    let place = random(model.log.count)
    let entry = try #require(try await store.logEntry(Int64(place + 1)))
    #expect(entry.body.bytes == model.log[place].bytes)
    #expect(entry.blob == blob(model.log[place].number, of: model.log[place].feed))
    #expect(entry.decisions == model.log[place].decisions)
  }

  private func number(of content: OwedContent) -> Int {
    Int((content.blob.created - noon).components.seconds)
  }
}
