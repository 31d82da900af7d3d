import Foundation
import MillraceCore
import Testing

@testable import MillraceStore

// What each action does to both, and what both answer.

extension ModelTrial {
  func perform(_ action: Action) async throws {
    switch action {
    case .list: try await list()
    case .mark: try await mark()
    case .fetch: try await fetch()
    case .postpone: try await postpone()
    case .lose: try await lose()
    case .enterImport: try await enterImport()
    case .index: try await index()
    case .decideAgain: try await decideAgain()
    case .repair: try await repair()
    case .register: try await register()
    case .deliver: try await deliver(forward: true)
    case .goBack: try await deliver(forward: false)
    case .dropDelivered: try await drop(alsoUndelivered: false)
    case .dropOldest: try await drop(alsoUndelivered: true)
    case .vacuum: try await store.vacuumStep(pages: random(20))
    case .retry: try await retry()
    case .giveUp: try await giveUp()
    case .replay: try await replay()
    case .advanceReplay: try await advanceReplay()
    case .cancelReplay: try await cancelReplay()
    case .reopen: try reopen()
    case .backUp: try await backUp()
    }
  }

  // MARK: The ledger

  private func list() async throws {
    let feed = anyFeed()
    let page = (0..<random(6)).map { _ in blob(random(40), of: feed) }
    // Now and then so late that the service has let go of everything.
    let late = chance(20) ? 8 * 86_400 : 0
    let until = chance(2) ? noon + .seconds(random(1000) + late) : nil
    let from = chance(2) ? noon - .seconds(random(1000)) : nil
    let outcome = try await store.recordListing(
      of: feed, blobs: page, at: now, listedUntil: until, listedFrom: from)
    let new = Set(page.map(\.id)).filter { model.blobs[feed]?[$0] == nil }
    #expect(outcome.new == new.count && outcome.known == page.count - new.count, context)
    model.list(page, of: feed, until: until, from: from)
  }

  private func mark() async throws {
    let feed = anyFeed()
    if chance(2) || model.feeds[feed]?.listedUntil == nil {
      try await store.recordStart(of: feed, at: now)
      model.feeds[feed, default: FeedProgress()].startAcceptedAt = now
    } else {
      let wasEverything = chance(2)
      try await store.recordRelisting(of: feed, at: now, wasEverything: wasEverything)
      model.feeds[feed]?.relistedAt = now
      if wasEverything { model.feeds[feed]?.sweptAt = now }
    }
  }

  private func fetch() async throws {
    guard let content = anyBlob() else { return try await list() }
    let parts = parts(of: content)
    let sequence = try await store.commitFetched(
      content, parts: parts.map { PackedBody(PaddedBytes($0)) }, at: now)
    let expected = model.fetch(content.blob.id, of: content.blob.feed, parts: parts, at: now)
    #expect(sequence == expected, context)
  }

  private func postpone() async throws {
    guard let content = anyBlob() else { return try await list() }
    let (feed, id) = (content.blob.feed, content.blob.id)
    let moment = noon + .seconds(random(100))
    try await store.postpone(content, until: moment, reason: "trouble")
    guard model.blobs[feed]?[id]?.state == .listed else { return }
    model.blobs[feed]?[id]?.attempts += 1
    model.blobs[feed]?[id]?.retryAt = moment
  }

  private func lose() async throws {
    guard let content = anyBlob() else { return try await list() }
    let state = chance(2) ? ContentState.expired : .dead
    let isLost = try await store.lose(content, as: state, reason: "gone", at: now)
    let expected = model.lose(content.blob.id, of: content.blob.feed, as: state)
    #expect(isLost == expected, context)
  }

  private func enterImport() async throws {
    let bytes = body(random(5) * 500, seed: UInt64(random(4)))
    let piece = ImportedContent(feed: anyFeed(), body: PackedBody(PaddedBytes(bytes)))
    let sequence = try await store.commitImport(piece, at: now)
    let expected = model.enterImport(piece.id, of: piece.feed, bytes: bytes, at: now)
    #expect(sequence == expected, context)
  }

  // MARK: The log

  private func index() async throws {
    let first = model.firstUnindexed
    let last = min(first + Int64(random(4)), model.last)
    guard first <= last else { return try await fetch() }
    let entries = (first...last).map { decisions($0) }
    try await store.commitIndex(entries, at: now)
    for entry in entries { model.index(entry) }
  }

  private func decideAgain() async throws {
    guard model.firstUnindexed > 1 else { return try await index() }
    let entry = decisions(Int64(random(Int(model.firstUnindexed) - 1)) + 1)
    try await store.commitIndex([entry], at: now)
    model.index(entry)
  }

  private func repair() async throws {
    guard model.last > 0 else { return try await fetch() }
    let sequence = Int64(random(Int(model.last))) + 1
    let sinks = someSinks()
    let configured = Set(feeds.filter { _ in !chance(4) })
    let outcome = try await store.repairBody(
      sequence, damage: "a test", sinks: sinks, feeds: configured, at: now)
    let expected = model.repair(sequence, sinks: sinks, feeds: configured)
    #expect(outcome?.repaired == expected, context)
    #expect(
      outcome.map { ($0.obstacle == nil) == ![.delivered, .lost].contains($0.repaired) } ?? true)
  }

  private func drop(alsoUndelivered: Bool) async throws {
    let sinks = someSinks()
    let limit = random(6)
    let before = alsoUndelivered || chance(2) ? nil : noon + .seconds(random(120))
    let outcome =
      alsoUndelivered
      ? try await store.dropOldest(sinks: sinks, limit: limit, at: now)
      : try await store.dropDelivered(to: sinks, before: before, limit: limit, at: now)
    let expected = model.drop(
      passedBy: sinks, alsoUndelivered: alsoUndelivered, before: before, limit: limit)
    #expect(outcome == expected, context)
  }

  // MARK: Sinks

  private func register() async throws {
    let name = ModelTrial.sinkNames[random(3)]
    let start = LogPosition(sequence: Int64(random(Int(model.last) + 1)) + 1)
    let position = try await store.registerSink(name, from: start, at: now)
    #expect(position == model.register(name, from: start), context)
  }

  private func deliver(forward: Bool) async throws {
    let known = model.sinks.keys.sorted()
    guard !known.isEmpty, let position = model.sinks[known[random(known.count)]]?.position else {
      return try await register()
    }
    let name = known[random(known.count)]
    let current = model.sinks[name]?.position ?? position
    let step = Int64(random(3))
    var target = LogPosition(
      sequence: max(1, current.sequence + (forward ? step : -step)), record: random(20))
    if forward { target = max(target, current) }
    let batch = batch(before: target)
    let error = await failure { () throws(StoreError) in
      try await store.commitDelivery(of: name, to: target, batch, at: now)
    }
    let isAccepted = model.deliver(name, to: target, batch)
    #expect((error == nil) == isAccepted, context)
  }

  // MARK: Replays

  private func replay() async throws {
    let name = ModelTrial.sinkNames[random(3)]
    let end = model.firstUnindexed
    let first = chance(5) ? nil : Int64(random(Int(end))) + 1
    let job = try await store.createReplay(
      to: name, selection: "{}", from: first, end: end, at: now)
    model.replays.append(
      .init(
        sink: name, state: first == nil ? .done : .running,
        position: LogPosition(sequence: first ?? end), end: end))
    #expect(job.id == Int64(model.replays.count), context)
  }

  private func advanceReplay() async throws {
    guard !model.replays.isEmpty else { return try await replay() }
    let index = random(model.replays.count)
    let current = model.replays[index].position.sequence
    // A replay goes to its end and no farther.
    let sequence = min(max(1, current + Int64(random(4)) - 1), model.replays[index].end)
    let target = LogPosition(sequence: sequence, record: random(3))
    var batch = batch(before: target)
    // What a sink the store does not know refuses, or writes, has no row to stand beside.
    if model.sinks[model.replays[index].sink] == nil {
      batch = DeliveredBatch(events: batch.events)
    }
    var state: ReplayJob.State?
    let error = await failure { () throws(StoreError) in
      state = try await store.commitReplay(Int64(index + 1), to: target, batch, at: now)
    }
    let expected = model.advance(replay: index, to: target, batch)
    #expect(state == expected && (error == nil) == (expected != nil), context)
  }

  private func cancelReplay() async throws {
    guard !model.replays.isEmpty else { return try await replay() }
    let index = random(model.replays.count)
    let isCancelled = try await store.cancelReplay(Int64(index + 1), at: now)
    #expect(isCancelled == (model.replays[index].state == .running), context)
    if isCancelled { model.replays[index].state = .cancelled }
  }

  // MARK: Dead letters

  /// Numbers of letters: open ones, closed ones, and one that does not exist.
  private func someLetters() -> [Int64] {
    (0..<random(4)).map { _ in Int64(random(model.letters.count + 2)) }
  }

  private func retry() async throws {
    let retries = Set(someLetters()).sorted().map { ($0, body(random(2000), seed: UInt64($0))) }
    let entered = try await store.retryDeadLetters(
      retries.map { (id: $0.0, body: PackedBody(PaddedBytes($0.1))) }, at: now)
    var expected: [Int64: Int64] = [:]
    for (id, bytes) in retries { expected[id] = model.retry(id, as: bytes, at: now) }
    #expect(entered == expected, context)
  }

  private func giveUp() async throws {
    let ids = Set(someLetters()).sorted()
    let dropped = try await store.dropDeadLetters(ids, at: now)
    let expected = model.open(ids)
    #expect(dropped == expected, context)
    for id in expected { model.close(id, .dropped) }
  }

  // MARK: Copies

  /// A backup is a store that knows all that this one does.
  private func backUp() async throws {
    let target = folder.path + "/backup"
    if !FileManager.default.fileExists(atPath: target) {
      try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: false)
    }
    let outcome = try await Backup.write(
      from: folder.store, to: target + "/millrace.db", replacing: true, pagesPerStep: 7
    ) { _ in true }
    #expect(outcome.lastEntry == model.last, context)
    let copy = try Store(folder: target, access: .inspect)
    try await compare(with: copy)
    copy.close()
  }
}
