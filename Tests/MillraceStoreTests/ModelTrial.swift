import MillraceCore
import Testing

@testable import MillraceStore

/// One random run: each step does the same to a store and to a model, and compares their answers.
/// An action that would be impossible is mended into one that is not, so that no run is wasted.
final class ModelTrial {
  /// What can be done to a store.
  enum Action: CaseIterable {
    case list, mark, fetch, postpone, lose, enterImport, index, decideAgain, repair
    case register, deliver, goBack, dropDelivered, dropOldest, vacuum
    case retry, giveUp, replay, advanceReplay, cancelReplay, reopen, backUp
  }

  static let sinkNames = ["a", "b", "c"]

  let seed: UInt64
  let folder: TemporaryFolder
  let feeds: [Feed]
  private let weights: [(Action, Int)]
  private var generator: SeededGenerator
  private var opened: Store?
  var store: Store {
    guard let opened else { preconditionFailure("a trial has a store open between its steps") }
    return opened
  }
  var model = StoreModel()
  /// Every blob the store ever said it owes, whatever became of it.
  var owed: [Feed: [ContentID: OwedContent]] = [:]
  /// A second passes with each step.
  private(set) var now = noon
  /// What was done, for who has to understand a failure.
  private(set) var history: [String] = []

  init(seed: UInt64) throws {
    self.seed = seed
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
    for number in 1...steps {
      let action = pick()
      history.append("\(action)")
      now = now + .seconds(1)
      do {
        try await perform(action)
        try await compare(with: store)
      } catch {
        Issue.record("\(context): step \(number), \(action): \(error)")
        throw error
      }
    }
    store.close()
  }

  /// What to say with whatever goes wrong.
  var context: Comment { "seed \(seed), after \(history.suffix(4).joined(separator: ", "))" }

  // MARK: Chance

  private func pick() -> Action {
    var ticket = random(weights.reduce(0) { $0 + $1.1 })
    for (action, weight) in weights {
      if ticket < weight { return action }
      ticket -= weight
    }
    return .list
  }

  func random(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

  /// One in so many times.
  func chance(_ count: Int) -> Bool { random(count) == 0 }

  func anyFeed() -> Feed { feeds[random(feeds.count)] }

  /// Some of the sinks' names, or none.
  func someSinks() -> [String] { ModelTrial.sinkNames.filter { _ in !chance(3) } }

  /// A blob the store told of, in whatever state it is by now; nil before the first.
  func anyBlob() -> OwedContent? {
    let all = feeds.flatMap { feed in
      (owed[feed] ?? [:]).values.sorted { $0.blob.created < $1.blob.created }
    }
    return all.isEmpty ? nil : all[random(all.count)]
  }

  /// The bytes of a blob, cut into parts: always the same, unless the service has others now.
  func parts(of content: OwedContent) -> [[UInt8]] {
    let number = Int((content.blob.created - noon).components.seconds)
    let isOther = chance(6)
    let counts = [[0], [number * 997 % 40_000], [3000], [700, 20_000], [1, 2000, 0]]
    return counts[number % counts.count].enumerated().map { part, count in
      body(count, seed: UInt64(number * 8 + part) + (isOther ? 1 << 32 : 0))
    }
  }

  /// A delivery that writes to a few files and is refused a few events of what stands before
  /// `position`.
  func batch(before position: LogPosition) -> DeliveredBatch {
    var batch = DeliveredBatch(events: random(20))
    for _ in 0..<random(3) {
      let inode = UInt64(random(4))
      let file = SinkFile(
        path: "/var/log/\(inode).ndjson", device: 7, inode: inode, birthNanoseconds: 9,
        length: Int64(random(1000)))
      if batch.files.contains(where: { $0.inode == inode }) { continue }
      if chance(4) { batch.retired.append(file) } else { batch.files.append(file) }
    }
    let passed = min(position.sequence - 1, model.last)
    for record in 0..<random(3) where passed > 0 {
      batch.refused.append(
        RefusedRecord(
          position: LogPosition(sequence: Int64(random(Int(passed))) + 1, record: record),
          reason: "400 refused", bytes: body(random(300))))
    }
    return batch
  }

  func decisions(_ sequence: Int64) -> IndexedEntry {
    let records = chance(6) ? 0 : random(50)
    let skipped = (0..<records).filter { _ in chance(5) }.map(UInt32.init)
    let repeats = skipped.isEmpty ? 0 : random(skipped.count + 1)
    let changed = repeats == 0 || sequence == 1 ? 0 : random(repeats + 1)
    let first = noon + .seconds(random(10))
    let decisions = Decisions(
      recordCount: records, skipped: skipped, repeatCount: repeats, changedCount: changed,
      eventSpan: chance(3) ? nil : first...first + .seconds(random(10)))
    // The first of those skipped are repeats, the others dead.
    var letters = skipped.dropFirst(repeats).map { record in
      DeadLetter(record: Int(record), reason: "no object", bytes: body(random(100)))
    }
    if chance(8) { letters.append(DeadLetter(record: nil, reason: "cut off", bytes: [1])) }
    return IndexedEntry(
      sequence: sequence, decisions: decisions, deadLetters: letters,
      changed: skipped.prefix(changed).map { record in
        ChangedRepeat(record: Int(record), first: LogPosition(sequence: sequence - 1, record: 0))
      },
      keys: chance(2) ? nil : KeyBlock(keys: (0..<records).map { .init(high: 1, low: UInt64($0)) }))
  }

  // MARK: Opening

  func reopen() throws {
    if chance(2) { store.close() }
    // Letting go of the old store releases its lock.
    opened = nil
    opened = try Store(folder: folder.store)
    #expect(store.missingEntries == nil, context)
  }
}
