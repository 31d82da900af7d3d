import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import TestWire
import Testing

/// What is odd about listings, their pages and their times.
@Suite(.timeLimit(.minutes(10)))
struct ListingFaultTests {
  private func world(
    _ faults: SimulatedFault..., events: Int = 300, clock: HandClock = HandClock(),
    slack: Duration = .zero, ahead: Duration = .zero
  ) throws -> SimulatedWorld {
    let world = try SimulatedWorld(
      SimulatorOptions(
        content: .generated(events: events, seed: 7), eventsPerBlob: 5, ahead: ahead,
        windowSlack: slack, faults: FaultPlan(Set(faults), rate: 1), clock: clock))
    world.authenticate()
    world.subscribe()
    return world
  }

  private func entries(_ answer: SimulatedWorld.Answer?) throws -> [[String: Any]] {
    let answer = try #require(answer)
    #expect(answer.status == 200)
    return try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]])
  }

  private func listDay(_ world: SimulatedWorld, _ type: ContentType = .sharePoint) throws
    -> [[String: Any]]
  {
    let now = world.clock.now()
    return try entries(world.list(type, from: now - .seconds(23 * 3600), to: now))
  }

  @Test func `odd-entries lack one member each, and can be told all the same`() throws {
    let world = try world(.oddEntries, events: 2000)
    var missing: Set<String> = []
    for entry in try listDay(world) {
      let lacks = ["contentId", "contentUri", "contentCreated", "contentExpiration"].filter {
        entry[$0] == nil
      }
      #expect(lacks.count <= 1)
      missing.formUnion(lacks)
    }
    #expect(missing.count == 4)
  }

  @Test func `broken-entry names no blob`() throws {
    let last = try #require(listDay(world(.brokenEntry)).last)
    #expect(last["contentId"] == nil && last["contentUri"] == nil)
  }

  @Test func `huge-pages are of wide windows alone`() throws {
    let world = try world(.hugePages)
    let now = world.clock.now()
    let wide = try #require(world.list(.general, from: now - .seconds(50_000), to: now))
    #expect(wide.isWhole && wide.body.count > 16 << 20)
    #expect(try entries(wide).count == listDay(world, .general).count || !wide.text.isEmpty)
    let narrow = try #require(world.list(.general, from: now - .seconds(40_000), to: now))
    #expect(narrow.body.count < 1 << 20)
  }

  @Test func `partial-windows hide what a window over 24 hours asks for`() throws {
    let now = HandClock().now()
    let refused = try world().list(.sharePoint, from: now - .seconds(200_000), to: now)
    #expect(refused?.text.contains("AF20055") == true)
    let world = try world(.partialWindows)
    let wide = try entries(world.list(.sharePoint, from: now - .seconds(200_000), to: now))
    let day = try entries(world.list(.sharePoint, from: now - .seconds(86_399), to: now))
    #expect(wide.count == day.count && !day.isEmpty)
  }

  @Test func `slack forgives windows of a day and starts of a week`() throws {
    let now = HandClock().now()
    let spans: [(Duration, Duration)] = [
      (.seconds(86_400), .zero), (.seconds(7 * 86_400 + 1800), .seconds(7 * 86_400)),
    ]
    for (start, end) in spans {
      #expect(try world().list(.general, from: now - start, to: now - end)?.status == 400)
      let lenient = try world(slack: .seconds(3600))
      #expect(lenient.list(.general, from: now - start, to: now - end)?.status == 200)
    }
  }

  @Test func `odd-next-page writes URLs in many ways that lead on`() throws {
    let world = try world(.oddNextPage, .smallPages, events: 2000)
    let origin = world.simulator.baseURL
    var forms: Set<String> = []
    for type in ContentType.allCases {
      for day in 0..<6 {
        let end = world.clock.now() - .seconds(day * 80_000)
        var answer = world.list(type, from: end - .seconds(80_000), to: end)
        while let next = answer?.header("NextPageUri") {
          for form in ["HTTP://", "//api", "%24", " ", "&&", "Feed", "CONTENTTYPE", "%3A"]
          where next.contains(form) {
            forms.insert(form)
          }
          let url = next.trimmingCharacters(in: .whitespaces)
          #expect(url.lowercased().hasPrefix(origin + "/"))
          answer = world.call("GET", target: String(url.dropFirst(origin.count)))
          #expect(answer?.status == 200, "\(next)")
        }
      }
    }
    // A blank at the end does not come through the header.
    #expect(forms.isSuperset(of: ["HTTP://", "//api", "%24", "&&", "Feed", "CONTENTTYPE", "%3A"]))
  }

  @Test func `looping-pages and relative-next-page lead astray`() throws {
    let looping = try world(.loopingPages)
    let now = looping.clock.now()
    let first = looping.list(.general, from: now - .seconds(60_000), to: now)
    let next = try #require(first?.header("NextPageUri"))
    let second = looping.call(
      "GET", target: String(next.dropFirst(looping.simulator.baseURL.count)))
    #expect(second?.header("NextPageUri") == next)
    let relative = try world(.relativeNextPage)
    let page = relative.list(.general, from: now - .seconds(60_000), to: now)
    #expect(page?.header("NextPageUri")?.hasPrefix("/api/v1") == true)
    let again = relative.list(.general, from: now - .seconds(60_000), to: now)
    #expect(again?.header("NextPageUri") == nil)
  }

  @Test func `first-delay shows nothing for twelve hours`() throws {
    let clock = HandClock()
    let world = try world(.firstDelay, clock: clock)
    clock.advance(.seconds(12 * 3600 - 1))
    world.authenticate()
    #expect(try listDay(world).isEmpty)
    clock.advance(.seconds(1))
    #expect(try !listDay(world).isEmpty)
  }

  @Test func `content to come shows as the time does, and not what came while stopped`() throws {
    let clock = HandClock()
    let world = try world(events: 3000, clock: clock, ahead: .seconds(6 * 3600))
    let start = clock.now()
    let early = try entries(
      world.list(.sharePoint, from: start, to: start + .seconds(3 * 3600)))
    #expect(early.isEmpty)
    clock.advance(.seconds(3 * 3600))
    world.authenticate()
    #expect(try entries(world.list(.sharePoint, from: start, to: clock.now())).count > 0)
    _ = world.call("POST", "subscriptions/stop?contentType=Audit.SharePoint")
    clock.advance(.seconds(2 * 3600))
    world.authenticate()
    _ = world.start(.sharePoint)
    let now = clock.now()
    let gap = try entries(world.list(.sharePoint, from: now - .seconds(2 * 3600), to: now))
    #expect(gap.isEmpty, "what becomes available while stopped is lost")
    clock.advance(.seconds(3600))
    world.authenticate()
    #expect(try entries(world.list(.sharePoint, from: now, to: clock.now())).count > 0)
  }

  @Test func `slow-restarts keep a feed disabled for a quarter of an hour`() throws {
    let clock = HandClock()
    let world = try world(.slowRestarts, clock: clock)
    _ = world.call("POST", "subscriptions/stop?contentType=Audit.SharePoint")
    #expect(world.start(.sharePoint)?.text.contains("\"enabled\"") == true)
    let now = clock.now()
    let early = world.list(.sharePoint, from: now - .seconds(3600), to: now)
    #expect(early?.text.contains("AF20023") == true)
    #expect(world.call("GET", "subscriptions/list")?.text.contains("SharePoint") == false)
    clock.advance(.seconds(900))
    #expect(world.call("GET", "subscriptions/list")?.text.contains("SharePoint") == true)
    #expect(try !listDay(world).isEmpty)
  }

  @Test func `odd-subscriptions leave out the status and the list`() throws {
    let world = try SimulatedWorld(.oddSubscriptions)
    world.authenticate()
    _ = world.start(.general)
    #expect(
      world.call("GET", "subscriptions/list")?.text == #"{"contentType":"Audit.General"}"#)
    _ = world.start(.exchange)
    _ = world.call("POST", "subscriptions/stop?contentType=Audit.Exchange")
    let text = try #require(world.call("GET", "subscriptions/list")?.text)
    #expect(text.hasSuffix(",{}]"))
    #expect(text.contains(#""Audit.Exchange","status":"disabled","webhook":null"#))
  }

  @Test(arguments: [(SimulatedFault.clockAhead, 600.0), (.clockBehind, -600)])
  func `the service's clock may be wrong`(_ fault: SimulatedFault, _ shift: Double) throws {
    let world = try SimulatedWorld(fault)
    let date = try #require(world.call("GET", "subscriptions/list")?.header("Date"))
    let form = DateFormatter()
    form.locale = Locale(identifier: "en_US_POSIX")
    form.timeZone = TimeZone(identifier: "GMT")
    form.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    let stated = try #require(form.date(from: date))
    #expect(form.string(from: stated) == date, "the day of the week is right")
    #expect(stated.timeIntervalSince1970 == 1_790_000_000 + shift)
  }
}
