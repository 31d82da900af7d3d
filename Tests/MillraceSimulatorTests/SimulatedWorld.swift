import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSimulator
import TestWire

/// A clock that stands still.
struct StandingClock: WallClock {
  var time = Timestamp(milliseconds: 1_790_000_000_000)

  func now() -> Timestamp { time }
}

/// A clock that is set by hand.
final class HandClock: WallClock {
  private let time = ConditionLock(Timestamp(milliseconds: 1_790_000_000_000))

  func now() -> Timestamp { time.withLock { $0 } }
  func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// A running simulator, and a client of it that is as plain as can be.
final class SimulatedWorld {
  typealias Answer = WireConnection.Answer

  static let tenant = "41463f53-8812-40f4-890f-865bf6e35190"
  static let client = "9b2c1d7e-0000-4000-8000-000000000001"
  static let publisher = "00000000-1111-4222-8333-444444444444"

  let simulator: Simulator
  let clock: any WallClock
  var token = ""

  init(_ options: SimulatorOptions) throws {
    simulator = try Simulator(options)
    try simulator.start()
    clock = options.clock
  }

  convenience init(
    _ faults: SimulatedFault..., events: Int = 300, eventsPerBlob: Int = 10, rate: Double = 1,
    seed: UInt64 = 1, clock: any WallClock = StandingClock()
  ) throws {
    try self.init(
      SimulatorOptions(
        content: .generated(events: events, seed: 7), eventsPerBlob: eventsPerBlob,
        faults: FaultPlan(
          Set(faults), seed: seed, rate: rate, slowBodyPause: .milliseconds(1)), clock: clock))
  }

  deinit { simulator.stop() }

  // MARK: - Requests

  func login(
    _ fields: [String: String] = [:], tenant: String = SimulatedWorld.tenant,
    path: String = "oauth2/v2.0/token"
  ) -> Answer? {
    var form = [
      "grant_type": "client_credentials", "client_id": Self.client,
      "client_secret": "simulated-secret", "scope": "https://manage.office.com/.default",
      "resource": "https://manage.office.com",
    ]
    form.merge(fields) { $1 }
    let body = form.filter { !$0.value.isEmpty }
      .map { "\($0.key)=\($0.value.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)" }
      .joined(separator: "&")
    return WireConnection(port: simulator.port).request(
      "POST", "/\(tenant)/\(path)", headers: ["Content-Type: application/x-www-form-urlencoded"],
      body: body)
  }

  /// Logs in until it works, as tokens are subject to faults as well.
  func authenticate() {
    for _ in 0..<8 {
      guard let answer = login(), answer.status == 200, answer.isWhole,
        let object = json(answer.body) as? [String: Any],
        let token = object["access_token"] as? String
      else { continue }
      self.token = token
      return
    }
  }

  func root(_ tenant: String = SimulatedWorld.tenant) -> String {
    "/api/v1.0/\(tenant)/activity/feed/"
  }

  func call(_ method: String, target: String, headers: [String] = []) -> Answer? {
    WireConnection(port: simulator.port).request(
      method, target, headers: ["Authorization: Bearer \(token)"] + headers,
      body: method == "POST" ? "" : nil)
  }

  func call(_ method: String, _ path: String, headers: [String] = []) -> Answer? {
    let separator = path.contains("?") ? "&" : "?"
    return call(
      method, target: root() + path + separator + "PublisherIdentifier=" + Self.publisher,
      headers: headers)
  }

  func start(_ type: ContentType) -> Answer? {
    call("POST", "subscriptions/start?contentType=\(type)")
  }

  /// Subscribes to everything; the answer may get lost, so that it is done until it is known.
  func subscribe() {
    for type in ContentType.allCases {
      for _ in 0..<12 {
        guard let answer = start(type), answer.isWhole else { continue }
        if answer.text.contains("AF20024") || answer.text.contains("\"enabled\"") { break }
        if answer.status == 401 { authenticate() }
      }
    }
  }

  func list(_ type: ContentType, from start: Timestamp, to end: Timestamp) -> Answer? {
    call(
      "GET",
      "subscriptions/content?contentType=\(type)&startTime=\(start.listingParameter)"
        + "&endTime=\(end.listingParameter)")
  }

  func json(_ bytes: [UInt8]) -> Any? {
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    return try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
  }

  // MARK: - Collecting everything

  struct Listed {
    let id: String
    let uri: String
    let created: Timestamp
    let expires: Timestamp
  }

  /// What a whole collection gave.
  struct Collection {
    var listed: [String: Listed] = [:]
    /// How often blobs were listed, repeats included.
    var listedCount = 0
    var emptyPageCount = 0
    var pageCount = 0
    /// The bodies of blobs as they came, by id.
    var bodies: [String: [UInt8]] = [:]
    /// The codes of blobs that were refused for good, by id.
    var refused: [String: String] = [:]
    var foreign: Set<String> = []
    /// Answers that were of no use.
    var failures: [Answer?] = []
    /// Answers that came without a length.
    var unannounced = 0
  }

  /// Lists the last seven days and fetches every blob, retrying what fails.
  func collect(_ types: [ContentType] = ContentType.allCases) -> Collection {
    authenticate()
    subscribe()
    var collection = Collection()
    for type in types { list(type, into: &collection) }
    for blob in collection.listed.values { fetch(blob, into: &collection) }
    return collection
  }

  func list(_ type: ContentType, into collection: inout Collection) {
    let now = clock.now()
    var start = now - Limits.windowReach
    while start < now {
      let end = min(start + Limits.windowWidth, now)
      // A window with a page that leads astray is listed again from its beginning.
      for _ in 0..<12 where list(type, start, end, into: &collection) { break }
      start = end
    }
  }

  private func list(
    _ type: ContentType, _ start: Timestamp, _ end: Timestamp, into collection: inout Collection
  ) -> Bool {
    var target =
      root() + "subscriptions/content?contentType=\(type)&startTime=\(start.listingParameter)"
      + "&endTime=\(end.listingParameter)&PublisherIdentifier=" + Self.publisher
    while true {
      guard let (answer, objects) = retry(target, into: &collection) else { return false }
      collection.pageCount += 1
      if objects.isEmpty { collection.emptyPageCount += 1 }
      for case let object as [String: String] in objects {
        collection.listedCount += 1
        let blob = Listed(
          id: object["contentId"]!, uri: object["contentUri"]!,
          created: Timestamp(object["contentCreated"]!)!,
          expires: Timestamp(object["contentExpiration"]!)!)
        collection.listed[blob.id] = blob
      }
      guard let next = answer.header("NextPageUri") else { return true }
      guard next.hasPrefix(simulator.baseURL + "/") else { return false }
      target = next.dropFirst(simulator.baseURL.count) + "&PublisherIdentifier=" + Self.publisher
    }
  }

  private func fetch(_ blob: Listed, into collection: inout Collection) {
    guard blob.uri.hasPrefix(simulator.baseURL + "/") else {
      collection.foreign.insert(blob.id)
      return
    }
    let target =
      blob.uri.dropFirst(simulator.baseURL.count) + "?PublisherIdentifier=" + Self.publisher
    for _ in 0..<8 {
      let answer = call("GET", target: String(target))
      guard let answer, answer.isWhole else {
        collection.failures.append(answer)
        continue
      }
      if answer.header("Content-Length") == nil { collection.unannounced += 1 }
      for code in ["AF20050", "AF20051", "AF20052"] where answer.text.contains(code) {
        collection.refused[blob.id] = code
        return
      }
      let type = answer.header("Content-Type") ?? ""
      if answer.status == 200, type.hasPrefix("application/json"),
        !answer.text.hasPrefix("{\"error\"")
      {
        collection.bodies[blob.id] = answer.body
        return
      }
      collection.failures.append(answer)
      if answer.status == 401 { authenticate() }
    }
  }

  private func retry(_ target: String, into collection: inout Collection) -> (Answer, [Any])? {
    for _ in 0..<8 {
      let answer = call("GET", target: target)
      if let answer, answer.status == 200, answer.isWhole,
        let objects = json(answer.body) as? [Any]
      {
        return (answer, objects)
      }
      collection.failures.append(answer)
      if answer?.status == 401 { authenticate() }
    }
    return nil
  }
}
