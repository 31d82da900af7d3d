import MillraceCore
import Testing

struct ListingPlanTests {
  private let now = Timestamp(milliseconds: 1_772_612_130_567)

  /// What must hold of any plan, whatever was asked.
  private func check(
    _ windows: [TimeWindow], from: Timestamp, to: Timestamp, serviceNow: Timestamp
  ) {
    let horizon = ListingPlan.horizon(serviceNow: serviceNow)
    let head = ListingPlan.head(serviceNow: serviceNow)
    for window in windows {
      #expect(window.end - window.start < .seconds(86_400))
      #expect(window.end - window.start >= Limits.windowWidthMin)
      #expect(window.start >= horizon && window.end <= head)
      #expect(window.start.milliseconds % 1000 == 0 && window.end.milliseconds % 1000 == 0)
      #expect(window.end <= to)
    }
    for (earlier, later) in zip(windows, windows.dropFirst()) {
      #expect(earlier.end == later.start, "neither gap nor overlap")
    }
    if let first = windows.first, let last = windows.last {
      #expect(first.start == max(from.wholeSeconds, horizon))
      #expect(last.end == min(to.wholeSeconds, head), "all of it is covered")
    } else {
      #expect(
        min(to.wholeSeconds, head) - max(from.wholeSeconds, horizon) < Limits.windowWidthMin,
        "only nothing may stay unasked")
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `windows are adjacent, narrow, whole and inside the service's reach`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let serviceNow =
        now + .milliseconds(Int.random(in: -5_000_000...5_000_000, using: &generator))
      let from =
        serviceNow - .milliseconds(Int.random(in: -90_000_000...900_000_000, using: &generator))
      let to = from + .milliseconds(Int.random(in: -100_000...900_000_000, using: &generator))
      let windows = ListingPlan.windows(from: from, to: to, serviceNow: serviceNow)
      check(windows, from: from, to: to, serviceNow: serviceNow)
    }
  }

  @Test func `a week takes eight windows`() {
    let windows = ListingPlan.windows(
      from: now - .seconds(30 * 86_400), to: now + .seconds(86_400), serviceNow: now)
    #expect(windows.count == 8)
    check(
      windows, from: now - .seconds(30 * 86_400), to: now + .seconds(86_400), serviceNow: now)
    #expect(now - windows[0].start < .seconds(7 * 86_400))
  }

  @Test func `the horizon is rounded up and the head down`() {
    let horizon = ListingPlan.horizon(serviceNow: now)
    #expect(horizon.milliseconds % 1000 == 0)
    #expect(horizon >= now - Limits.windowReach)
    #expect(horizon - (now - Limits.windowReach) < .seconds(1))
    let even = now.wholeSeconds
    #expect(ListingPlan.horizon(serviceNow: even) == even - Limits.windowReach)
    #expect(ListingPlan.head(serviceNow: now) == even - Limits.windowGuard)
  }

  @Test func `a clock that was set back asks for nothing and loses nothing`() {
    let cursor = ListingPlan.head(serviceNow: now)
    let earlier = now - .seconds(3600)
    #expect(ListingPlan.windows(from: cursor, to: now, serviceNow: earlier).isEmpty)
    #expect(ListingPlan.lostSpan(from: cursor, serviceNow: earlier) == nil)
  }

  @Test func `a clock that was set forward is followed, and what fell out of reach is named`()
    throws
  {
    let cursor = ListingPlan.head(serviceNow: now)
    let later = now + .seconds(10 * 86_400)
    let windows = ListingPlan.windows(from: cursor, to: later, serviceNow: later)
    check(windows, from: cursor, to: later, serviceNow: later)
    let lost = try #require(ListingPlan.lostSpan(from: cursor, serviceNow: later))
    #expect(lost.start == cursor)
    #expect(lost.end == windows.first?.start, "what is lost ends where listing begins")
  }

  @Test func `nothing is lost at the horizon, and a millisecond before it something is`() {
    let horizon = ListingPlan.horizon(serviceNow: now)
    #expect(ListingPlan.lostSpan(from: horizon, serviceNow: now) == nil)
    #expect(
      ListingPlan.lostSpan(from: horizon - .milliseconds(1), serviceNow: now)
        == TimeWindow(start: horizon - .milliseconds(1), end: horizon))
  }

  @Test func `less than a second is not worth a request`() {
    let from = ListingPlan.head(serviceNow: now) - .seconds(1)
    #expect(ListingPlan.windows(from: from, to: now, serviceNow: now).count == 1)
    #expect(
      ListingPlan.windows(from: from, to: from + .milliseconds(999), serviceNow: now).isEmpty)
    #expect(ListingPlan.windows(from: from, to: from, serviceNow: now).isEmpty)
    #expect(ListingPlan.windows(from: from, to: from - .seconds(5), serviceNow: now).isEmpty)
  }

  @Test func `a window has halves of whole seconds until it is a second wide`() throws {
    let at = { (seconds: Int64) in Timestamp(milliseconds: seconds * 1000) }
    let halves = try #require(TimeWindow(start: at(0), end: at(7)).halves)
    #expect(halves.first == TimeWindow(start: at(0), end: at(3)))
    #expect(halves.second == TimeWindow(start: at(3), end: at(7)))
    #expect(TimeWindow(start: at(0), end: at(2)).halves?.first.end == at(1))
    #expect(TimeWindow(start: at(0), end: at(1)).halves == nil)
  }

  @Test func `a window is spoken of as its two ends`() {
    let window = TimeWindow(
      start: Timestamp(milliseconds: 0), end: Timestamp(milliseconds: 1000))
    #expect(window.description == "1970-01-01T00:00:00.000Z..1970-01-01T00:00:01.000Z")
  }

  @Test func `a window without a width is a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      let moment = Timestamp(milliseconds: 0)
      _ = TimeWindow(start: moment, end: moment)
    }
  }
}
