import MillraceCore
package import MillraceSimulator

/// When a collector is killed, counted from its start.
package enum KillMoment: Sendable, Hashable {
  /// What a collector changes on disk while it works.
  package enum Trace: String, Sendable, CaseIterable {
    /// The store's database file: it is being made.
    case database = "store/millrace.db"
    /// The store's write-ahead log: some transaction is being written.
    case store = "store/millrace.db-wal"
    /// The file of the sink `raw`: a batch is being written, and its cursor is not committed.
    case sink = "raw.ndjson"
  }

  /// At this part of the time that a run takes, 0 to 1.
  case time(Double)
  /// So long after the tenant has been asked as often for this.
  case asked(SimulatorStatistics.Request, count: Int, then: Duration)
  /// So long after a file has been seen changing as often.
  case changed(Trace, count: Int, then: Duration)
}

/// Chooses moments: half of them anywhere in a run, the others aimed at what happens in it, so that
/// kills fall into every stage, however short. The same seed gives the same moments.
struct KillPlan {
  private var random: SeededGenerator
  private var number = 0

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  /// A moment while the store is made.
  mutating func nextOfMaking() -> KillMoment {
    .changed(
      .database, count: Int.random(in: 1...2, using: &random),
      then: .microseconds(Int.random(in: 0...12_000, using: &random)))
  }

  /// The next moment.
  ///
  /// - Parameter blobs: how many blobs a run finds new.
  mutating func next(blobs: Int) -> KillMoment {
    defer { number += 1 }
    let then = Duration.microseconds(Int.random(in: 0...8_000, using: &random))
    switch number % 4 {
    case 1:
      let requests: [SimulatorStatistics.Request] = [
        .fetchContent, .fetchContent, .fetchContent, .listContent, .token,
      ]
      let request = requests[Int.random(in: 0..<requests.count, using: &random)]
      let most = request == .fetchContent ? max(blobs, 1) : request == .token ? 1 : 30
      return .asked(request, count: Int.random(in: 1...most, using: &random), then: then)
    case 3:
      let trace: KillMoment.Trace = number / 4 % 2 == 0 ? .sink : .store
      return .changed(trace, count: Int.random(in: 1...4, using: &random), then: then)
    default:
      return .time(Double.random(in: 0...1, using: &random))
    }
  }
}
