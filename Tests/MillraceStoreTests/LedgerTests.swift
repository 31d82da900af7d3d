import MillraceCore
import Testing

@testable import MillraceStore

struct LedgerTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func `what is listed is durable before anything is fetched`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      #expect(try await store.list(1...3, of: exchange) == outcome(new: 3))
      // A second look, from outside the process's own store, sees it committed.
      let outside = try Store(folder: folder.store, access: .inspect)
      defer { outside.close() }
      #expect(
        try await outside.owed(exchange).map(\.blob) == blobs(1...3, of: exchange))
      #expect(try await outside.logExtent() == LogExtent(last: 0, firstUnindexed: 1))
    }
    try await withStore(folder.store) { (store) throws in
      #expect(try await store.owedCount(of: exchange.tenant) == 3)
    }
  }

  @Test func `a blob listed twice is one row, as it was first`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list([1, 1, 2], of: exchange)
      let moved = ContentBlob(
        feed: exchange, id: ContentID("blob$1"), uri: "https://other.example.com/",
        created: noon - .seconds(99), expires: noon)
      let again = try await store.recordListing(
        of: exchange, blobs: [moved, blob(3, of: exchange)], at: noon + .seconds(1))
      #expect(again == outcome(new: 1, known: 1))
      #expect(try await store.owed(exchange).map(\.blob) == blobs(1...3, of: exchange))
    }
  }

  @Test func `one id in two feeds is two blobs`() async throws {
    let feeds = [try feed(.exchange), try feed(.sharePoint), try feed(.exchange, tenant: 2)]
    try await withStore(folder.store) { (store) throws in
      for feed in feeds { #expect(try await store.list([7], of: feed) == outcome(new: 1)) }
      for feed in feeds {
        #expect(try await store.owed(feed).map(\.blob) == [blob(7, of: feed)])
      }
      #expect(try await store.owedCount(of: try Tenants.id(1)) == 2)
    }
  }

  @Test func `ids are bytes to the ledger`() async throws {
    let exchange = try feed()
    let texts = ["é", "e\u{301}", "A", "a", "a ", "", "x\u{0}y", "x\u{0}z", "'; --", "\u{1F600}"]
    try await withStore(folder.store) { (store) throws in
      for text in texts {
        let strange = ContentBlob(
          feed: exchange, id: ContentID(text), uri: "https://example.com/", created: noon,
          expires: noon)
        let result = try await store.recordListing(of: exchange, blobs: [strange], at: noon)
        #expect(result == outcome(new: 1), "\(text.debugDescription)")
      }
      let read = try await store.owed(exchange).map { Array($0.blob.id.description.utf8) }
      #expect(Set(read) == Set(texts.map { Array($0.utf8) }))
    }
  }

  @Test func `the cursor moves with the page that says so, and only forward`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      #expect(try await store.progress(of: exchange) == FeedProgress())
      try await store.list([1], of: exchange)
      #expect(try await store.progress(of: exchange).listedUntil == nil)
      try await store.list([2], of: exchange, until: noon + .seconds(10))
      #expect(try await store.progress(of: exchange).listedUntil == noon + .seconds(10))
      try await store.list([3], of: exchange, until: noon)
      #expect(try await store.progress(of: exchange).listedUntil == noon + .seconds(10))
      try await store.list([4], of: exchange)
      #expect(try await store.progress(of: exchange).listedUntil == noon + .seconds(10))
      let other = try feed(.general)
      #expect(try await store.progress(of: other).listedUntil == nil, "feeds do not share it")
    }
  }

  @Test func `relisting, sweeping and starting are remembered, each by itself`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.recordStart(of: exchange, at: noon)
      #expect(
        await failure { () throws(StoreError) in
          try await store.recordRelisting(of: exchange, at: noon, wasEverything: false)
        } != nil, "nothing is listed again before it is listed")
      try await store.list([], of: exchange, until: noon)
      try await store.recordRelisting(of: exchange, at: noon + .seconds(1), wasEverything: true)
      try await store.recordRelisting(of: exchange, at: noon + .seconds(2), wasEverything: false)
      let progress = try await store.progress(of: exchange)
      #expect(progress.startAcceptedAt == noon)
      #expect(progress.relistedAt == noon + .seconds(2))
      #expect(progress.sweptAt == noon + .seconds(1))
    }
  }

  @Test func `a refused blob is dead with its reason, and stays so`() async throws {
    let exchange = try feed()
    let refused = RefusedContent(blob: blob(1, of: exchange), reason: "leads to another host")
    try await withStore(folder.store) { (store) throws in
      let result = try await store.recordListing(
        of: exchange, blobs: [blob(2, of: exchange)], refused: [refused], at: noon)
      #expect(result == outcome(new: 2))
      #expect(try await store.list([1], of: exchange) == outcome(known: 1))
      #expect(try await store.owed(exchange).map(\.blob) == [blob(2, of: exchange)])
      let losses = try await store.losses(limit: 10)
      #expect(losses.map(\.reason) == ["leads to another host"])
      #expect(losses.map(\.state) == [.dead])
      #expect(losses.map(\.id) == [ContentID("blob$1")])
    }
  }

  @Test func `a gap is remembered once, at its widest`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      for seconds in [10, 20, 15] {
        try await store.recordGap(
          of: exchange, from: noon, to: noon + .seconds(seconds), at: noon)
      }
      #expect(try await store.number("SELECT count(*) FROM listing_gap") == 1)
      #expect(
        try await store.number("SELECT to_at - from_at FROM listing_gap") == 20_000)
      #expect(
        await failure { () throws(StoreError) in
          try await store.recordGap(
            of: exchange, from: noon + .seconds(1), to: noon + .seconds(1), at: noon)
        } != nil, "a gap has a width")
    }
  }

  @Test func `what is owed comes oldest first, up to the limit, without what is under way`()
    async throws
  {
    let exchange = try feed(.exchange)
    let general = try feed(.general)
    try await withStore(folder.store) { (store) throws in
      try await store.list([9, 5, 1, 3], of: exchange)
      try await store.list([2, 8, 4], of: general)
      try await store.list([6], of: try feed(.exchange, tenant: 2))
      func numbers(_ limit: Int, _ excluded: Set<ContentRow> = []) async throws -> [Int] {
        try await store.owedContent(
          of: exchange.tenant, types: [.exchange, .general], now: noon, limit: limit,
          excluding: excluded
        ).map { Int(($0.blob.created - noon).components.seconds) }
      }
      #expect(try await numbers(100) == [1, 2, 3, 4, 5, 8, 9])
      #expect(try await numbers(3) == [1, 2, 3])
      #expect(try await numbers(0) == [])
      let first = try await store.owedContent(
        of: exchange.tenant, types: [.exchange, .general], now: noon, limit: 3, excluding: [])
      #expect(try await numbers(3, Set(first.map(\.row))) == [4, 5, 8])
      #expect(
        try await store.owedContent(
          of: exchange.tenant, types: [], now: noon, limit: 3, excluding: []
        ).isEmpty)
    }
  }

  @Test func `a postponed blob stays owed and comes back in time`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list(1...2, of: exchange)
      let first = try #require(try await store.owed(exchange).first)
      func next(_ now: Timestamp, _ type: ContentType = .exchange) async throws -> Timestamp? {
        try await store.nextRetry(of: exchange.tenant, types: [type], after: now)
      }
      #expect(try await next(noon) == nil)
      try await store.postpone(first, until: noon + .seconds(60), reason: "HTTP 503")
      #expect(try await next(noon) == noon + .seconds(60))
      #expect(try await next(noon + .seconds(60)) == nil, "what is due is not waited for")
      #expect(try await next(noon, .general) == nil, "another feed's is not waited for")
      func due(_ now: Timestamp) async throws -> [OwedContent] {
        try await store.owedContent(
          of: exchange.tenant, types: [.exchange], now: now, limit: 9, excluding: [])
      }
      #expect(try await due(noon + .milliseconds(59_999)).map(\.blob) == [blob(2, of: exchange)])
      let again = try await due(noon + .seconds(60))
      #expect(again.map(\.attempts) == [1, 0])
      #expect(again.first?.row == first.row)
      #expect(try await store.owedCount(of: exchange.tenant) == 2)
      let reasons = try await store.owedReasons(limit: 9).map(\.reason)
      #expect(reasons == ["HTTP 503", "not tried yet"])
      try await store.fetch(first, [1])
      #expect(try await next(noon) == nil, "what came is due no more")
    }
  }

  @Test(arguments: [ContentState.expired, .dead])
  func `a lost blob says why, and is lost once`(state: ContentState) async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list([1], of: exchange)
      let content = try #require(try await store.owed(exchange).first)
      try await store.postpone(content, until: noon + .seconds(60), reason: "first trouble")
      #expect(try await store.lose(content, as: state, reason: "gone", at: noon))
      #expect(try await store.lose(content, as: .dead, reason: "again", at: noon) == false)
      try await store.postpone(content, until: noon, reason: "too late")
      #expect(try await store.fetch(content, [1, 2, 3]) == nil)
      #expect(try await store.logExtent().last == 0)
      let losses = try await store.losses(limit: 9)
      #expect(losses.map(\.reason) == ["gone"])
      #expect(losses.map(\.state) == [state])
      #expect(try await store.owed(exchange).isEmpty)
      #expect(try await store.status().feeds.first?.blobs[state] == 1)
    }
  }

  @Test func `the status counts what is there`() async throws {
    let exchange = try feed()
    try await withStore(folder.store) { (store) throws in
      try await store.list(1...5, of: exchange, until: noon)
      let owed = try await store.owed(exchange)
      try await store.fetch(owed[0], body(100))
      try await store.fetch(owed[1], body(50))
      _ = try await store.lose(owed[2], as: .expired, reason: "too late", at: noon)
      let decisions = Decisions(recordCount: 4, skipped: [1], eventSpan: noon...noon)
      let letter = DeadLetter(record: 1, reason: "no JSON", bytes: [0x7B])
      try await store.commitIndex(
        [IndexedEntry(sequence: 1, decisions: decisions, deadLetters: [letter])], at: noon)
      let status = try await store.status()
      #expect(status.bodies == 2 && status.bodyBytes == 150 && status.unindexedBodies == 1)
      #expect(status.records == 4 && status.events == 3 && status.deadLetters == 1)
      #expect(status.databaseBytes > 0)
      let line = try #require(status.feeds.first)
      #expect(line.blobs == [.listed: 2, .fetched: 2, .expired: 1, .dead: 0])
      #expect(line.newestBlob == blob(5, of: exchange).created)
      #expect(line.owedUntil == blob(4, of: exchange).expires)
    }
  }

  private func outcome(new: Int = 0, known: Int = 0) -> ListingOutcome {
    var outcome = ListingOutcome()
    outcome.new = new
    outcome.known = known
    return outcome
  }
}
