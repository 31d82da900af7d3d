import MillraceCore
import MillraceStore
import Synchronization
import Testing

/// A moment to count from.
let noon = Timestamp(milliseconds: 1_772_625_600_000)

/// Something a collector does that is one commit of the store, or one delivery of a sink.
enum Step: Hashable, Sendable {
  case list(feed: Int, numbers: Range<Int>, isLastPage: Bool)
  case refuse(feed: Int, number: Int)
  case start(feed: Int)
  case listAgain(feed: Int)
  case gap(feed: Int)
  case fetch(feed: Int, number: Int, partBytes: [Int])
  case postpone(feed: Int, number: Int)
  case lose(feed: Int, number: Int)
  /// Decides about the next bodies.
  case index(bodies: Int)
  case register(sink: String)
  /// Brings the next events to the file sink.
  case deliver(events: Int)
  case dropDelivered(bodies: Int)
  case enterImport(number: Int)
  /// Enters the first open dead letter into the log again, if there is one.
  case retry
  /// Gives the last open dead letter up, if there is one.
  case giveUp
  /// Closes everything and opens it again.
  case reopen
}

/// A list of steps, each possible when its turn comes, that a seed always makes the same.
struct Workload: Sendable {
  let steps: [Step]

  /// The feeds of a workload: two tenants', three in all.
  static func feed(_ number: Int) throws -> Feed {
    let tenant = try #require(
      TenantID("00000000-0000-4000-8000-00000000000\(number == 2 ? 2 : 1)"))
    return Feed(tenant: tenant, contentType: number == 1 ? .general : .exchange)
  }

  /// A blob; those with larger numbers were made available later.
  static func blob(_ number: Int, of feed: Feed) -> ContentBlob {
    ContentBlob(
      feed: feed, id: ContentID("blob$\(number)"), uri: "https://manage.example.com/\(number)",
      created: noon + .seconds(number), expires: noon + .seconds(number + 7 * 86_400))
  }

  /// The bytes of a part of a blob: no two are alike, and none compresses.
  static func bytes(_ count: Int, number: Int, part: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: UInt64(number) << 8 | UInt64(part))
    let words = (0..<(count + 7) / 8).map { _ in generator.next() }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
  }

  private static let packed = Mutex<[String: PackedBody]>([:])

  /// The same, packed: once for all runs, as it takes longer than all else they do.
  static func body(_ count: Int, number: Int, part: Int) -> PackedBody {
    let key = "\(count) \(number) \(part)"
    if let known = packed.withLock({ $0[key] }) { return known }
    let body = PackedBody(PaddedBytes(bytes(count, number: number, part: part)))
    packed.withLock { $0[key] = body }
    return body
  }

  /// How many records are said to be in a body, and which of them are no events.
  static func records(of sequence: Int64) -> (count: Int, skipped: [UInt32]) {
    let count = Int(sequence * 7 % 6)
    return (count, sequence % 3 == 0 && count > 1 ? [1] : [])
  }

  /// Makes the steps of a seed: the way of a few blobs from listing to a sink, in a random mixture.
  init(seed: UInt64, length: Int) {
    var maker = Maker(seed: seed)
    steps = maker.steps(length)
  }
}

/// Remembers what is possible while steps are made.
private struct Maker {
  private var generator: SeededGenerator
  private var nextNumber = 1
  private var owed: [(feed: Int, number: Int)] = []
  private var bodies = 0
  private var undecided = 0
  private var hasSink = false

  init(seed: UInt64) {
    generator = SeededGenerator(seed: seed)
  }

  private mutating func random(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

  mutating func steps(_ length: Int) -> [Step] {
    var steps: [Step] = [list(), .register(sink: "archive")]
    hasSink = true
    while steps.count < length { steps.append(next()) }
    // The end of a workload is that everything is decided and delivered.
    return steps + [.index(bodies: 100), .deliver(events: 1000)]
  }

  private mutating func next() -> Step {
    switch random(20) {
    case 0...1: return list()
    case 2...7:
      guard let (feed, number) = takeOwed() else { return list() }
      let sizes = [[0], [1], [300], [5000], [40_000], [20_000, 30_000, 10], [(1 << 20) + 3]]
      let parts = sizes[random(random(4) == 0 ? 7 : 5)]
      bodies += parts.count
      undecided += parts.count
      return .fetch(feed: feed, number: number, partBytes: parts)
    case 8...10:
      guard undecided > 0 else { return list() }
      let count = min(undecided, 1 + random(3))
      undecided -= count
      return .index(bodies: count)
    case 11...14: return .deliver(events: 1 + random(9))
    case 15:
      guard let (feed, number) = takeOwed() else { return list() }
      return .lose(feed: feed, number: number)
    case 16:
      guard let (feed, number) = owed.randomElement(using: &generator) else { return list() }
      return .postpone(feed: feed, number: number)
    case 17:
      let steps: [Step] = [
        .start(feed: random(3)), .listAgain(feed: 0), .gap(feed: random(3)),
        .register(sink: "other"), .refuse(feed: 0, number: nextNumber),
      ]
      nextNumber += 1
      return steps[random(steps.count)]
    case 18:
      let steps: [Step] = [
        .dropDelivered(bodies: 2), .retry, .giveUp, .enterImport(number: nextNumber),
      ]
      nextNumber += 1
      return steps[random(steps.count)]
    default: return .reopen
    }
  }

  private mutating func list() -> Step {
    let feed = nextNumber == 1 ? 0 : random(3)
    let numbers = nextNumber..<nextNumber + 1 + random(4)
    nextNumber = numbers.upperBound
    owed += numbers.map { (feed, $0) }
    return .list(feed: feed, numbers: numbers, isLastPage: nextNumber < 6 || random(2) == 0)
  }

  private mutating func takeOwed() -> (feed: Int, number: Int)? {
    owed.isEmpty ? nil : owed.remove(at: random(owed.count))
  }
}
