import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import TestWire
import Testing

/// Errors by their names: each is answered where it belongs, with its status and its words.
@Suite(.timeLimit(.minutes(10)))
struct ServiceErrorTests {
  static let codes = SimulatedFault.allCases.filter { $0.rawValue.hasPrefix("af") }

  /// The first answers to a start, a listing, its next page and a blob.
  private func answers(_ world: SimulatedWorld) -> [SimulatedWorld.Answer] {
    let now = world.clock.now()
    var answers = [world.start(.sharePoint)]
    world.subscribe()
    for _ in 0..<2 {
      let page = world.list(.sharePoint, from: now - .seconds(70_000), to: now)
      answers.append(page)
      guard let page, page.status == 200 else { continue }
      if let next = page.header("NextPageUri") {
        answers.append(
          world.call("GET", target: String(next.dropFirst(world.simulator.baseURL.count))))
      }
      guard let blob = (world.json(page.body) as? [[String: String]])?.first,
        let uri = blob["contentUri"]
      else { continue }
      answers.append(
        world.call("GET", target: String(uri.dropFirst(world.simulator.baseURL.count))))
    }
    return answers.compactMap(\.self)
  }

  @Test(arguments: codes)
  func `every code is answered once, and not again at once`(_ fault: SimulatedFault) throws {
    let world = try SimulatedWorld(fault, .smallPages, events: 600, eventsPerBlob: 5)
    world.authenticate()
    let code = fault.rawValue.uppercased()
    let answer = try #require(
      answers(world).first { $0.text.contains(#""code":"\#(code)""#) }, "\(code) is answered")
    #expect(answer.status >= 400)
    let object = try #require(world.json(answer.body) as? [String: [String: String]])
    #expect(object["error"]?["message"]?.contains("{") == false, "every blank is filled in")
    #expect((world.simulator.statistics.faults[fault] ?? 0) > 0)
  }

  @Test func `af20051 and af20052 name the content, af20031 the token`() throws {
    let world = try SimulatedWorld(.af20051, .af20052, .af20031, .smallPages, eventsPerBlob: 3)
    world.authenticate()
    let texts = answers(world).map(\.text)
    #expect(texts.contains { $0.contains("$audit_sharepoint$Audit_SharePoint") })
    #expect(texts.contains { $0.contains("Invalid nextPage Input: 0") })
  }

  @Test func `throttle-always never lets through, and no other request does`() throws {
    let world = try SimulatedWorld(.throttleAlways)
    world.authenticate()
    #expect(!world.token.isEmpty, "tokens are not throttled")
    for _ in 0..<9 { #expect(world.call("GET", "subscriptions/list")?.status == 403) }
  }

  @Test func `empty-401 says nothing, no-key-500 quotes an exception`() throws {
    let bare = try SimulatedWorld(.empty401)
    bare.authenticate()
    let answer = bare.call("GET", "subscriptions/list")
    #expect(answer?.status == 401 && answer?.body.isEmpty == true)
    #expect(answer?.header("WWW-Authenticate") == "Bearer")
    #expect(bare.call("GET", "subscriptions/list")?.status == 200)
    let exception = try SimulatedWorld(.noKey500)
    exception.authenticate()
    let failure = exception.call("GET", "subscriptions/list")
    #expect(failure?.status == 500)
    #expect(failure?.text.contains("KeyNotFoundException") == true)
  }

  @Test func `request-timeout and redirects have no body`() throws {
    let late = try SimulatedWorld(.requestTimeout)
    late.authenticate()
    while late.token.isEmpty { late.authenticate() }
    let answer = late.call("GET", "subscriptions/list")
    #expect(answer?.status == 408)
    let lost = try SimulatedWorld(.redirects)
    while lost.token.isEmpty { lost.authenticate() }
    var targets: Set<Bool> = []
    for type in ContentType.allCases {
      for path in ["start?contentType=\(type)", "stop?contentType=\(type)"] {
        for _ in 0..<4 {
          guard let answer = lost.call("POST", "subscriptions/" + path), answer.status == 302
          else { continue }
          let location = try #require(answer.header("Location"))
          #expect(location.contains("/subscriptions/"))
          targets.insert(location.hasPrefix(lost.simulator.baseURL + "/"))
        }
      }
    }
    #expect(targets == [true, false], "in a circle, and to another origin")
  }
}
