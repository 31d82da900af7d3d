import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSource
import MillraceStore
import Testing

@testable import MillracePipeline

/// The local time of day decides nothing that can lose data, however wrong it is or jumps.
@Suite(.timeLimit(.minutes(10)))
struct WrongClockTests {
  @Test(arguments: [-40, 40])
  func `a clock that is wrong by weeks expires nothing that is owed`(_ days: Int) async throws {
    let bench = try Bench(Bench.options(events: 60))
    // An earlier process listed, and was killed before it fetched.
    try await list(bench) { (_, _) in }
    let (outcome, status) = try await bench.collect(
      clock: MovableClock(ahead: .seconds(days * 86_400)))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    #expect(status.feeds.allSatisfy { $0.expired == 0 })
    try bench.expectEveryRecordOnce()
  }

  @Test func `a blob postponed while the clock was wrong is fetched all the same`() async throws {
    let bench = try Bench(Bench.options(events: 60))
    try await list(bench) { (store, feed) in
      let owed = try await store.owedContent(
        of: feed.tenant, types: [feed.contentType], now: SystemWallClock().now(), limit: 1,
        excluding: [])
      let content = try #require(owed.first)
      try await store.postpone(
        content, until: SystemWallClock().now() + .seconds(40 * 86_400), reason: "HTTP 503")
    }
    let (outcome, _) = try await bench.collect()
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    try bench.expectEveryRecordOnce()
  }

  @Test func `a clock that jumps ahead moves no cursor beyond the service's time`() async throws {
    let bench = try Bench(Bench.options(events: 60))
    let clock = MovableClock()
    let collector = try await Collector.open(
      bench.configuration(), workers: 2, log: .silent, clock: clock)
    let context = try #require(collector.contexts.first)
    let poller = FeedPoller(
      context: context, subscriptions: SubscriptionManager(context: context), type: .exchange)
    await poller.run(.once)
    clock.set(ahead: .seconds(86_400))
    await poller.run(.once)
    let progress = try await collector.store.progress(of: context.feed(.exchange))
    let listed = try #require(progress.listedUntil)
    #expect(listed <= SystemWallClock().now())
    collector.close()
  }

  /// Lists one feed into the store, as a collector does, and fetches nothing.
  private func list(
    _ bench: Bench, then body: (Store, Feed) async throws -> Void
  ) async throws {
    let configuration = try bench.configuration()
    let tenant = try #require(configuration.tenants.first)
    let service = try await TenantService.connect(
      tenant, http: CurlClient(name: "test", userAgent: "test"), clock: SystemWallClock())
    let feed = Feed(tenant: service.tenant, contentType: .exchange)
    _ = try await service.api.start(.exchange)
    try await bench.withStore { store in
      let now = SystemWallClock().now()
      let start = ListingPlan.horizon(serviceNow: now)
      let end = ListingPlan.head(serviceNow: now)
      for window in ListingPlan.windows(from: start, to: end, serviceNow: now) {
        let page = try await service.api.listPage(of: .exchange, window: window)
        _ = try await store.recordListing(of: feed, blobs: page.blobs, at: now)
      }
      #expect(try await store.owedCount(of: feed.tenant) > 0)
      try await body(store, feed)
    }
  }
}
