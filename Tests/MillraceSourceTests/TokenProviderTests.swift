import MillraceCore
import MillraceHTTP
import Synchronization
import TestChildren
import TestWire
import Testing

@testable import MillraceSource

@Suite(.timeLimit(.minutes(10)))
struct `A token` {
  @Test func `is asked for as the v2 endpoint wants it`() async throws {
    let service = try TestService()
    let token = try await service.tokens.token()
    #expect(token.value == makeToken(number: 1))
    let request = try #require(service.logins.first)
    #expect(request.method == "POST")
    #expect(request.target == "/\(Given.tenant)/oauth2/v2.0/token")
    #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
    #expect(request.header("Authorization") == nil)
    #expect(
      request.body == "grant_type=client_credentials&client_id=\(Given.client)"
        + "&scope=https%3A%2F%2Fmanage.office.com%2F.default"
        + "&client_secret=s~ecret%2Bwith%2Fodd%3Dchars%26more")
  }

  @Test func `is asked for once by a hundred callers`() async throws {
    let service = try TestService()
    let values = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 1...100 { group.addTask { try await service.tokens.token().value } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(values.count == 1)
    #expect(service.logins.count == 1)
  }

  @Test(arguments: [
    (3600, 3299, 3301), (600, 539, 541), (5, 4, 5), (86_400, 86_099, 86_101), (1, 0, 1),
  ])
  func `is replaced a little before its end`(life: Int, before: Int, after: Int) async throws {
    let service = try TestService(login: {
      reply(tokenBody(makeToken(number: $0), expiresIn: "\(life)"))
    })
    let first = try await service.tokens.token()
    service.clock.advance(by: .seconds(before))
    #expect(try await service.tokens.token() == first)
    service.clock.advance(by: .seconds(after - before))
    let second = try await service.tokens.token()
    #expect(second.value != first.value)
    #expect(service.logins.count == 2)
  }

  @Test(arguments: [#""3600""#, "3600", "3600.0"])
  func `states its life as a number or in digits`(life: String) async throws {
    let service = try TestService(login: { _ in reply(tokenBody(makeToken(), expiresIn: life)) })
    let token = try await service.tokens.token()
    #expect(token.expires - token.received == .seconds(3600))
  }

  @Test func `that states no life is not kept for long`() async throws {
    let service = try TestService(login: { _ in
      reply(#"{"access_token":"\#(makeToken())","expires_in":null}"#)
    })
    let token = try await service.tokens.token()
    #expect(token.expires - token.received == Limits.tokenLifeUnstated)
  }

  @Test func `is not trusted after the clock was set back`() async throws {
    let service = try TestService()
    _ = try await service.tokens.token()
    service.clock.advance(by: .seconds(-60))
    _ = try await service.tokens.token()
    #expect(service.logins.count == 2)
  }

  @Test func `serves to its end while it cannot be replaced`() async throws {
    let service = try TestService(login: {
      $0 == 2 ? reply(status: 503, "") : reply(tokenBody(makeToken(number: $0)))
    })
    let first = try await service.tokens.token()
    service.clock.advance(by: .seconds(3400))
    #expect(try await service.tokens.token() == first)
    #expect(await service.tokens.earlyRefreshFailure?.kind == .serviceTrouble)
    // Not at every call, though.
    #expect(try await service.tokens.token() == first)
    #expect(service.logins.count == 2)
    service.clock.advance(by: Limits.tokenRefreshInterval)
    #expect(try await service.tokens.token() != first)
    #expect(await service.tokens.earlyRefreshFailure == nil)
  }

  @Test func `that cannot be replaced yet is warned about once for each reason`() async throws {
    final class Failing: TokenIssuer {
      let answers: Mutex<[Result<AccessToken, ServiceFailure>]>
      init(_ answers: [Result<AccessToken, ServiceFailure>]) { self.answers = Mutex(answers) }
      func issue() async throws(ServiceFailure) -> AccessToken {
        try answers.withLock { $0.removeFirst() }.get()
      }
    }
    let clock = HandClock()
    let token = AccessToken(value: makeToken(), received: clock.now(), life: .seconds(3600))
    func refused(_ code: String) -> Result<AccessToken, ServiceFailure> {
      .failure(
        ServiceFailure(operation: .token, kind: .credentialRefused, code: code, message: "no"))
    }
    let warnings = Mutex<[String]>([])
    let provider = TokenProvider(
      issuer: Failing([.success(token), refused("a"), refused("a"), refused("b"), refused("b")]),
      clock: clock,
      warn: { failure, end in
        warnings.withLock { $0.append("\(failure.code ?? "") \(end == token.expires)") }
      })
    #expect(try await provider.token() == token)
    clock.advance(by: .seconds(3400))
    for _ in 1...4 {
      #expect(try await provider.token() == token)
      clock.advance(by: Limits.tokenRefreshInterval)
    }
    #expect(warnings.withLock { $0 } == ["a true", "b true"])
  }

  @Test func `that ended and cannot be replaced is a failure`() async throws {
    let service = try TestService(login: {
      $0 == 1 ? reply(tokenBody(makeToken(), expiresIn: "5")) : reply(status: 503, "")
    })
    _ = try await service.tokens.token()
    service.clock.advance(by: .seconds(5))
    let failure = await failure { () async throws(ServiceFailure) in
      try await service.tokens.token()
    }
    #expect(failure?.kind == .serviceTrouble)
  }

  @Test func `is dropped only if it is the current one`() async throws {
    let service = try TestService()
    let first = try await service.tokens.token()
    await service.tokens.discard(first)
    let second = try await service.tokens.token()
    #expect(second != first)
    await service.tokens.discard(first)
    #expect(try await service.tokens.token() == second)
    #expect(service.logins.count == 2)
  }

  @Test func `never shows when printed`() async throws {
    let service = try TestService()
    let token = try await service.tokens.token()
    service.server.stop()
    var dumped = ""
    dump(token, to: &dumped)
    for text in ["\(token)", String(reflecting: token), dumped, "\([token])", "\(token as Any?)"] {
      #expect(!text.contains(token.value))
      #expect(!text.contains("eyJ"))
    }
  }

  @Test func `is waited for by those who did not give up`() async throws {
    let gate = Gate()
    let service = try TestService(login: { number in
      await gate.wait()
      return reply(tokenBody(makeToken(number: number)))
    })
    let first = Task { try await service.tokens.token() }
    await service.server.wait { $0.requests == 1 }
    let second = Task { try await service.tokens.token() }
    // The second has to wait for the first's request before that is given up.
    try await eventually("both wait") { await service.tokens.waitingCount == 2 }
    first.cancel()
    await #expect(throws: ServiceFailure.self) { try await first.value }
    gate.open()
    #expect(try await second.value.value == makeToken(number: 1))
    #expect(service.logins.count == 1)
  }

  @Test func `nobody waits for is given up, and asked for anew`() async throws {
    let service = try TestService(login: {
      $0 == 1 ? [.hold] : reply(tokenBody(makeToken(number: $0)))
    })
    let first = Task { try await service.tokens.token() }
    await service.server.wait { $0.requests == 1 }
    first.cancel()
    let error = await #expect(throws: ServiceFailure.self) { try await first.value }
    #expect(error?.kind == .cancelled)
    await service.server.wait { $0.closedByPeer >= 1 }
    #expect(try await service.tokens.token().value == makeToken(number: 2))
  }

  @Test func `takes the secret as it is now`() async throws {
    let secrets = Counter()
    let service = try TestService(secret: { "secret-\(secrets.next())" })
    await service.tokens.discard(try await service.tokens.token())
    _ = try await service.tokens.token()
    #expect(service.logins.map { $0.body.hasSuffix("secret-1") } == [true, false])
    #expect(service.logins.map { $0.body.hasSuffix("secret-2") } == [false, true])
  }

  @Test func `cannot be had without a secret`() async throws {
    let missing = try TestService(secret: { () throws(CredentialError) in
      throw CredentialError(subject: "/run/secret", message: "no such file", hint: "make it")
    })
    let failure = await failure { () async throws(ServiceFailure) in
      try await missing.tokens.token()
    }
    #expect(failure?.kind == .credentialRefused)
    #expect(failure?.description.contains("/run/secret: no such file (make it)") == true)
    let empty = try TestService(secret: { "" })
    await #expect(throws: ServiceFailure.self) { try await empty.tokens.token() }
    #expect(missing.logins.isEmpty && empty.logins.isEmpty)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `The claims of a token` {
  @Test func `are decoded for diagnosis`() async throws {
    let token = makeToken(roles: ["ActivityFeed.Read", "ActivityFeed.ReadDlp"])
    let claims = try #require(TokenClaims(token: token))
    #expect(claims.tenant == Given.tenant)
    #expect(claims.audience == "https://manage.office.com")
    #expect(claims.expires == moment("2026-03-04T13:00:00Z"))
    #expect(claims.canReadActivity && claims.canReadDLP)
    #expect(TokenClaims(token: makeToken())?.canReadDLP == false)
  }

  @Test(arguments: ["opaque", "a.b", "a.!!.c", "a.e30", "..", "a.W10.c"])
  func `are unknown for another form of token, which is used all the same`(
    token: String
  ) async throws {
    #expect(TokenClaims(token: token) == nil)
    let service = try TestService(login: { _ in reply(tokenBody(token)) })
    #expect(try await service.tokens.token().value == token)
  }

  @Test(arguments: [nil, [], ["ServiceHealth.Read"]])
  func `without the permission fail before the first call`(roles: [String]?) async throws {
    let service = try TestService(login: {
      reply(tokenBody($0 == 1 ? makeToken(roles: roles) : makeToken()))
    })
    let failure = await failure { () async throws(ServiceFailure) in
      try await service.api.subscriptions()
    }
    #expect(failure?.kind == .permissionMissing)
    #expect(failure?.operation == .token)
    #expect(failure?.message.contains(roles?.first ?? "none") == true)
    #expect(failure?.hint.contains("ActivityFeed.Read") == true)
    #expect(service.calls.isEmpty)
    // Consent shows in a new token only: the useless one is not kept.
    #expect(try await service.api.subscriptions().isEmpty)
  }

  @Test func `with the delegated permission will do`() async throws {
    let service = try TestService(login: { _ in
      reply(tokenBody(makeToken(roles: nil, scopes: "openid ActivityFeed.Read")))
    })
    #expect(try await service.tokens.token().claims?.canReadActivity == true)
  }

  @Test func `of another tenant fail before the first call`() async throws {
    let service = try TestService(login: { _ in reply(tokenBody(makeToken(tenant: Given.client))) })
    let failure = await failure { () async throws(ServiceFailure) in
      try await service.api.subscriptions()
    }
    #expect(failure?.kind == .misconfigured)
    #expect(service.calls.isEmpty)
  }
}

/// A door that is opened once.
final class Gate: Sendable {
  private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>(
    (false, []))

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock {
        if !$0.isOpen { $0.waiting.append(continuation) }
        return $0.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  func open() {
    let waiting = state.withLock {
      $0.isOpen = true
      return $0.waiting
    }
    for continuation in waiting { continuation.resume() }
  }
}
