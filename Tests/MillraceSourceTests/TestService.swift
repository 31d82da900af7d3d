import Foundation
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSource
import Synchronization
import TestWire

let sourceTestClient = CurlClient(name: "test source", userAgent: "millrace-test")

/// A clock that stands where it is put.
final class HandClock: WallClock {
  private let time: Mutex<Timestamp>

  init(_ start: Timestamp = moment("2026-03-04T12:00:00Z")) {
    time = Mutex(start)
  }

  func now() -> Timestamp { time.withLock { $0 } }

  func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

func moment(_ text: String) -> Timestamp {
  guard let moment = Timestamp(text) else { preconditionFailure("a readable time") }
  return moment
}

/// The values every test speaks of.
enum Given {
  static let tenant = "11111111-2222-3333-4444-555555555555"
  static let client = "66666666-7777-8888-9999-aaaaaaaaaaaa"
  static let publisher = "bbbbbbbb-cccc-dddd-eeee-ffffffffffff"
  static let secret = "s~ecret+with/odd=chars&more"
  static let window = TimeWindow(
    start: moment("2026-03-04T10:00:00Z"), end: moment("2026-03-04T11:00:00Z"))
  static let root = "/api/v1.0/\(tenant)/activity/feed/"
  static var tenantID: TenantID {
    guard let id = TenantID(tenant) else { preconditionFailure("a GUID") }
    return id
  }
}

/// An unsigned token with the given claims and a number that makes it unlike others.
func makeToken(
  roles: [String]? = ["ActivityFeed.Read"], tenant: String = Given.tenant, number: Int = 1,
  scopes: String? = nil
) -> String {
  var claims: [String: Any] = [
    "tid": tenant, "aud": "https://manage.office.com", "exp": 1_772_629_200, "number": number,
  ]
  if let roles { claims["roles"] = roles }
  if let scopes { claims["scp"] = scopes }
  func encoded(_ data: Data) -> String {
    data.base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }
  guard let payload = try? JSONSerialization.data(withJSONObject: claims, options: .sortedKeys)
  else {
    preconditionFailure("claims are JSON")
  }
  return "\(encoded(Data(#"{"alg":"none"}"#.utf8))).\(encoded(payload)).c2lnbmF0dXJl"
}

/// The body of a successful token answer.
func tokenBody(_ token: String, expiresIn: String = "3599") -> String {
  #"{"token_type":"Bearer","expires_in":\#(expiresIn),"access_token":"\#(token)"}"#
}

/// A login service and an API on one real socket, and what talks to them.
final class TestService: Sendable {
  typealias Script = @Sendable (ScriptedServer.Received) async -> [ScriptedServer.Step]

  let server: ScriptedServer
  let clock: HandClock
  let tokens: TokenProvider
  let api: ActivityAPI

  /// `login` answers token requests, numbered from 1; `api` answers all others.
  init(
    clock: HandClock = HandClock(), tenant: TenantID? = Given.tenantID,
    secret: @escaping @Sendable () throws(CredentialError) -> String = { Given.secret },
    login: @escaping @Sendable (Int) async -> [ScriptedServer.Step] = {
      reply(tokenBody(makeToken(number: $0)))
    },
    api script: @escaping Script = { _ in reply("[]") }
  ) throws(ServiceFailure) {
    let logins = Counter()
    server = ScriptedServer { request in
      guard request.target.hasSuffix("/oauth2/v2.0/token") else { return await script(request) }
      return await login(logins.next())
    }
    self.clock = clock
    let endpoints = try ServiceEndpoints(
      login: server.url + "/", api: server.url + "/", resource: "https://manage.office.com/")
    tokens = TokenProvider(
      loginTenant: Given.tenant, clientID: Given.client, tenant: tenant,
      credential: Credential.clientSecret(secret), endpoints: endpoints, http: sourceTestClient,
      clock: clock)
    api = ActivityAPI(
      tenant: Given.tenantID, endpoints: endpoints, tokens: tokens, http: sourceTestClient,
      publisherID: Given.publisher, clock: clock)
  }

  deinit { server.stop() }

  var logins: [ScriptedServer.Received] {
    server.received.filter { $0.target.hasSuffix("/oauth2/v2.0/token") }
  }

  var calls: [ScriptedServer.Received] {
    server.received.filter { !$0.target.hasSuffix("/oauth2/v2.0/token") }
  }

  /// A blob whose URL leads here, or to wherever it is told.
  func blob(_ uri: String? = nil) -> ContentBlob {
    ContentBlob(
      feed: Feed(tenant: Given.tenantID, contentType: .exchange), id: ContentID("a$b$c"),
      uri: uri ?? server.url + Given.root + "audit/a$b$c", created: Given.window.start,
      expires: Given.window.start + .seconds(7 * 86_400))
  }
}

/// Counts from 1.
final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}

/// The failure of a call; nil when it succeeds.
func failure<Success>(
  of call: () async throws(ServiceFailure) -> Success
) async -> ServiceFailure? {
  do throws(ServiceFailure) {
    _ = try await call()
    return nil
  } catch {
    return error
  }
}
