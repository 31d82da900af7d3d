package import MillraceCore
package import MillraceRuntime
package import MillraceStore

/// Seals days. A day can be sealed once nothing of it can change any more: every configured feed is
/// listed until a week after its end, nothing of it is owed, and all of it is parsed.
package struct Sealer: Sendable {
  private let store: Store
  /// The configured feeds.
  private let feeds: Set<Feed>
  private let tenantNames: [TenantID: String]
  private let clock: any WallClock

  /// A sealer of days in `store`, which must be open for writing.
  package init(
    store: Store, feeds: Set<Feed>, tenantNames: [TenantID: String], clock: any WallClock
  ) {
    self.store = store
    self.feeds = feeds
    self.tenantNames = tenantNames
    self.clock = clock
  }

  /// Seals a day, or says why not.
  package func seal(_ day: Day) async throws(StoreError) -> SealAnswer {
    // Asked before everything is hashed, and again when it is written.
    if let obstacle = try await store.sealObstacle(day, feeds: feeds) {
      return refused(day, obstacle)
    }
    let ledger = try await store.dayLedger(day)
    switch try await store.seal(day, ledger: ledger, feeds: feeds, at: clock.now()) {
    case .success(let seal):
      var answer = SealAnswer(day: day.description)
      answer.seal = Hexadecimal.text(seal.seal)
      answer.blobs = ledger.blobs
      answer.records = ledger.records
      return answer
    case .failure(let refusal):
      return refused(day, refusal.obstacle)
    }
  }

  private func refused(_ day: Day, _ obstacle: SealObstacle) -> SealAnswer {
    var answer = SealAnswer(day: day.description)
    switch obstacle {
    case .sealed:
      answer.obstacle = "it is sealed already"
      answer.isSealed = true
    case .laterSealed(let later):
      answer.obstacle = "\(later) is sealed already, and seals are chained in the order of the days"
    case .open(let feed, let until):
      let name = "\(tenantNames[feed.tenant] ?? feed.tenant.description)/\(feed.contentType)"
      let stand = until.map { "is listed until \($0)" } ?? "was never listed"
      answer.obstacle =
        "blobs of it can still appear: it can be sealed once every feed is listed until "
        + "\(day.end + Limits.blobLifetime), and \(name) \(stand)"
      answer.isWaiting = true
    case .owed(let count):
      answer.obstacle = "\(count) of its blobs are still to be fetched"
    case .undecided(let count):
      answer.obstacle = "\(count) of its blobs are not parsed yet"
    }
    return answer
  }
}

/// A request to seal a day.
package struct SealRequest: Codable, Sendable {
  /// `2026-03-04`.
  package var day: String

  /// A request.
  package init(day: Day) {
    self.day = day.description
  }
}

/// What came of it.
package struct SealAnswer: Codable, Hashable, Sendable {
  /// Which day.
  package var day: String
  /// The seal in hexadecimal digits; absent when the day was not sealed.
  package var seal: String?
  /// How many blobs it covers.
  package var blobs: Int?
  /// How many records.
  package var records: Int?
  /// Why the day was not sealed.
  package var obstacle: String?
  /// Whether it was sealed before.
  package var isSealed = false
  /// Whether waiting is all there is to do.
  package var isWaiting = false

  init(day: String) {
    self.day = day
  }
}

/// Bytes as people write them down.
package enum Hexadecimal {
  /// Two lower-case digits a byte.
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension ControlRoute {
  /// `audit --seal`.
  static let seal = ControlRoute("/seal") { (request, collector) throws(ControlError) in
    guard let day = Day(try request.read(SealRequest.self).day) else {
      throw ControlError(400, "a day is spelled 2026-03-04")
    }
    let sealer = Sealer(
      store: collector.store, feeds: collector.feeds, tenantNames: collector.tenantNames,
      clock: collector.clock)
    do throws(StoreError) { return try await sealer.seal(day) } catch {
      throw ControlError(error)
    }
  }
}
