import Foundation
import MillraceCore
import MillraceHTTP
import MillraceSource
import TestWire
import Testing

private func entry(
  _ id: String, uri: String, created: String = "2026-03-04T10:30:00.123Z",
  expires: String = "2026-03-11T10:30:00.123Z", type: String = "Audit.Exchange"
) -> String {
  #"{"contentUri":"\#(uri)","contentId":"\#(id)","contentType":"\#(type)","#
    + #""contentCreated":"\#(created)","contentExpiration":"\#(expires)"}"#
}

@Suite(.timeLimit(.minutes(10)))
struct `A call` {
  @Test func `goes to the tenant's path with token and publisher`() async throws {
    let service = try TestService(api: { request in
      reply(request.target.contains("audit/") ? "[1]" : request.method == "GET" ? "[]" : "{}")
    })
    _ = try await service.api.subscriptions()
    _ = try await service.api.start(.dlp)
    try await service.api.stop(.general)
    _ = try await service.api.listPage(of: .exchange, window: Given.window)
    _ = try await service.api.fetch(service.blob())
    let publisher = "PublisherIdentifier=\(Given.publisher)"
    #expect(
      service.calls.map { $0.method + " " + $0.target.dropFirst(Given.root.count) } == [
        "GET subscriptions/list?\(publisher)",
        "POST subscriptions/start?contentType=DLP.All&\(publisher)",
        "POST subscriptions/stop?contentType=Audit.General&\(publisher)",
        "GET subscriptions/content?contentType=Audit.Exchange&startTime=2026-03-04T10:00:00"
          + "&endTime=2026-03-04T11:00:00&\(publisher)",
        "GET audit/a$b$c?\(publisher)",
      ])
    #expect(service.calls.allSatisfy { $0.target.hasPrefix(Given.root) })
    #expect(
      service.calls.allSatisfy { $0.header("Authorization") == "Bearer " + makeToken(number: 1) })
    #expect(
      service.calls.filter { $0.method == "POST" }.allSatisfy {
        $0.header("Content-Length") == "0" && $0.body.isEmpty
      })
    #expect(service.logins.count == 1)
  }

  @Test func `refused for its token is tried once more with a new one`() async throws {
    let old = "Bearer " + makeToken(number: 1)
    let service = try TestService(api: { request in
      request.header("Authorization") == old ? reply(status: 401, "") : reply("[7]")
    })
    #expect(try await service.api.fetch(service.blob()).bytes == Array("[7]".utf8))
    #expect(service.logins.count == 2)
    #expect(service.calls.count == 2)
    #expect(Set(service.calls.map(\.target)).count == 1)
  }

  @Test func `refused again is tried no more`() async throws {
    let service = try TestService(api: { _ in reply(status: 401, "") })
    let failure = await failure { () async throws(ServiceFailure) in
      try await service.api.fetch(service.blob())
    }
    #expect(failure?.kind == .tokenRefused)
    #expect(service.calls.count == 2)
    #expect(service.logins.count == 2)
  }

  @Test func `by many at once renews the refused token once`() async throws {
    let old = "Bearer " + makeToken(number: 1)
    let service = try TestService(api: { request in
      request.header("Authorization") == old ? reply(status: 401, "") : reply("[]")
    })
    let right = await withTaskGroup(of: Bool.self) { group in
      for _ in 1...40 {
        group.addTask {
          await failure { () async throws(ServiceFailure) in try await service.api.subscriptions() }
            == nil
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(right == 40)
    #expect(service.logins.count == 2)
  }

  @Test func `tells the service's clock`() async throws {
    let service = try TestService(api: { request in
      switch request.target.contains("audit/") {
      case false: reply(headers: ["Date: Wed, 04 Mar 2026 12:10:00 GMT"], "[]")
      case true:
        reply(headers: ["Date: Wed, 04 Mar 2026 09:00:00 GMT", "Age: 11400"], "[]")
      }
    })
    #expect(service.api.serviceClockOffset == nil)
    _ = try await service.api.subscriptions()
    #expect(service.api.serviceClockOffset == .seconds(600))
    service.clock.advance(by: .seconds(900))
    _ = try await service.api.subscriptions()
    #expect(service.api.serviceClockOffset == .seconds(-300))
    // What a cache kept tells nothing.
    _ = try await service.api.fetch(service.blob())
    #expect(service.api.serviceClockOffset == .seconds(-300))
  }

  @Test func `that is cancelled says so`() async throws {
    let service = try TestService(api: { _ in [.hold] })
    let task = Task {
      await failure { () async throws(ServiceFailure) in try await service.api.subscriptions() }
    }
    await service.server.wait { $0.requests == 2 }
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `The subscriptions` {
  private func list(_ body: String) async throws -> [Subscription] {
    let service = try TestService(api: { _ in reply(body) })
    return try await service.api.subscriptions()
  }

  @Test func `are read with all their oddities`() async throws {
    let list = try await list(
      #"[{"contentType":"audit.sharepoint","status":"enabled","webhook":null},"#
        + #"{"contentType":"DLP.ALL","status":"disabled"},{"contentType":"Audit.General"},{},7,"#
        + #"{"contentType":"Audit.New","status":"Enabled","webhook":{"expiration":""}}]"#)
    #expect(list.map(\.contentType) == [.sharePoint, .dlp, .general, nil])
    #expect(list.map(\.name) == ["audit.sharepoint", "DLP.ALL", "Audit.General", "Audit.New"])
    #expect(list.map(\.isEnabled) == [true, false, true, true])
    #expect(list.map(\.statesStatus) == [true, true, false, true])
  }

  @Test func `may be none, or one without a list`() async throws {
    #expect(try await list("[]").isEmpty)
    #expect(
      try await list(#"{"contentType":"Audit.Exchange","status":"enabled"}"#).map(\.contentType)
        == [.exchange])
  }

  @Test func `are started with an object or nothing`() async throws {
    for body in [#"{"contentType":"Audit.Exchange","status":"enabled","webhook":null}"#, ""] {
      let service = try TestService(api: { _ in reply(body) })
      #expect(try await service.api.start(.exchange) == .started)
      try await service.api.stop(.exchange)
    }
  }

  @Test func `are started with a webhook, and it is seen whether the service took it`()
    async throws
  {
    let webhook = WebhookRegistration(
      address: "https://collector.example.com/hook", authID: #"a "word" of ours"#)
    #expect("\(webhook)" == webhook.address)
    let echo = #"{"contentType":"Audit.Exchange","status":"enabled","webhook":"#
    for (body, outcome) in [
      (echo + #"{"status":"enabled","address":"https://collector.example.com/hook"}}"#, .started),
      (echo + "null}", StartOutcome.startedWithoutWebhook),
    ] {
      let service = try TestService(api: { received in
        let sent = try? JSONSerialization.jsonObject(with: Data(received.body.utf8))
        let given = (sent as? [String: Any])?["webhook"] as? [String: Any]
        #expect(given?["address"] as? String == "https://collector.example.com/hook")
        #expect(given?["authId"] as? String == #"a "word" of ours"#)
        return reply(body)
      })
      #expect(try await service.api.start(.exchange, webhook: webhook) == outcome)
    }
  }

  @Test func `are refused without the webhook's word in the message`() async throws {
    let webhook = WebhookRegistration(address: "https://a.example.com/", authID: "hidden-word")
    let service = try TestService(api: { _ in
      reply(status: 400, #"{"error":{"code":"AF20021","message":"no 200 with hidden-word"}}"#)
    })
    let refusal = await failure { () throws(ServiceFailure) in
      try await service.api.start(.exchange, webhook: webhook)
    }
    #expect(refusal?.code == "AF20021")
    #expect(refusal?.description.contains("hidden-word") == false)
  }

  @Test func `that are started already are so`() async throws {
    let service = try TestService(api: { _ in
      reply(
        status: 400,
        #"{"error":{"code":"AF20024","message":"The subscription is already enabled."}}"#)
    })
    #expect(try await service.api.start(.exchange) == .alreadyEnabled)
    let failure = await failure { () async throws(ServiceFailure) in
      try await service.api.stop(.exchange)
    }
    #expect(failure?.kind == .refused)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A listing` {
  private func page(
    headers: [String] = [], _ body: @escaping @Sendable (String) -> String
  ) async throws -> (page: ListingPage, service: TestService) {
    let service = try TestService(api: { request in
      let host = request.header("Host") ?? ""
      return reply(
        headers: headers.map { $0.replacing("HOST", with: host) }, body("http://\(host)"))
    })
    let page = try await service.api.listPage(of: .exchange, window: Given.window)
    return (page, service)
  }

  @Test func `names blobs byte for byte`() async throws {
    let (page, service) = try await page { host in
      "\u{FEFF}[" + entry("a$b$c", uri: host + "/api/v1.0/x/audit/a$b$c?x=%24") + ","
        + entry("a$b$c", uri: host + "/again", type: "AUDIT.exchange") + "]"
    }
    let blob = try #require(page.blobs.first)
    #expect(blob.uri == service.server.url + "/api/v1.0/x/audit/a$b$c?x=%24")
    #expect(blob.id == ContentID("a$b$c"))
    #expect(blob.feed == Feed(tenant: Given.tenantID, contentType: .exchange))
    #expect(blob.created == moment("2026-03-04T10:30:00.123Z"))
    #expect(blob.expires == moment("2026-03-11T10:30:00.123Z"))
    #expect(page.blobs.count == 2)
    #expect(page.refused.isEmpty && page.malformed.isEmpty)
    #expect(page.outsideWindow == 0 && page.otherContentType == 0)
    #expect(page.nextPage == nil)
  }

  @Test func `may be empty, or one object`() async throws {
    #expect(try await page { _ in "[]" }.page.blobs.isEmpty)
    #expect(try await page { entry("a", uri: $0 + "/a") }.page.blobs.count == 1)
  }

  @Test func `accounts for every entry it cannot use`() async throws {
    let (page, _) = try await page { host in
      """
      [\(entry("good", uri: host + "/a")), 7, null, {}, {"contentId":"x$y"},
      \(entry("early", uri: host + "/b", created: "2026-03-04T09:59:59.999Z")),
      \(entry("late", uri: host + "/c", created: "2026-03-04T11:00:00")),
      \(entry("first", uri: host + "/d", created: "2026-03-04T10:00:00Z")),
      \(entry("other", uri: host + "/e", type: "Audit.General")),
      \(entry("unread", uri: host + "/f", created: "yesterday")),
      \(entry("", uri: host + "/g"))]
      """
    }
    #expect(
      page.blobs.map(\.id.description)
        == ["good", "x$y", "early", "late", "first", "other", "unread"])
    #expect(
      page.mended == [
        "entry 4 (x$y) lacks contentUri, contentCreated, contentExpiration",
        "entry 9 (unread) has a time that cannot be read",
      ])
    #expect(page.outsideWindow == 2)
    #expect(page.otherContentType == 1)
    #expect(
      page.malformed == [
        "entry 1 is not an object", "entry 2 is not an object",
        "entry 3 lacks contentId, contentUri, contentCreated, contentExpiration",
        "entry 10 () lacks contentId",
      ])
  }

  @Test func `asks for blobs whose entries lack what can be told from the rest`() async throws {
    let (page, service) = try await page { host in
      """
      [{"contentUri":"\(host)/audit/a$b?x=1","contentCreated":"2026-03-04T10:30:00.123Z"},
      {"contentUri":"\(host)/audit/c%24d"}, {"contentId":"e$f"}, {"contentId":"../g"},
      {"contentUri":"\(host)/audit/"}, {"contentUri":"\(host)/h"}]
      """
    }
    let tenant = page.blobs[0].feed.tenant
    #expect(page.blobs.map(\.id.description) == ["a$b", "c$d", "e$f"])
    #expect(page.blobs[1].uri == "\(service.server.url)/audit/c%24d")
    #expect(
      page.blobs[2].uri == "\(service.server.url)/api/v1.0/\(tenant)/activity/feed/audit/e$f")
    #expect(page.blobs[0].expires == moment("2026-03-11T10:30:00.123Z"))
    #expect(page.mended.count == 3)
    #expect(page.malformed.count == 3)
  }

  @Test func `accounts for blobs that lead elsewhere`() async throws {
    let evil = "https://evil.example/audit/x?token=hunter2"
    let (page, service) = try await page { host in
      "[" + entry("a", uri: evil) + "," + entry("b", uri: host + "@evil.example/") + ","
        + entry("c", uri: host + "/ok") + "]"
    }
    #expect(page.blobs.map(\.id.description) == ["c"])
    #expect(page.refused.map(\.id.description) == ["a", "b"])
    #expect(page.refused.map(\.origin) == [Origin(url: evil), nil])
    #expect(page.refused[0].created == moment("2026-03-04T10:30:00.123Z"))
    #expect(page.refused[0].expires == moment("2026-03-11T10:30:00.123Z"))
    #expect(
      page.refused[0].reason
        == "its URL leads to https://evil.example, not to \(service.server.url)")
    #expect(!page.refused.contains { $0.reason.contains("hunter2") })
  }

  @Test(arguments: ["NextPageUri", "nextpageuri", "NEXTPAGEURI"])
  func `names its next page in any letter case`(name: String) async throws {
    let (page, service) = try await page(
      headers: [
        "\(name):   http://HOST/api/v1/x?contenttype=Audit.Exchange&nextpage=a$b  ",
        "X-AspNet-Version: 4.0.30319",
      ]
    ) { _ in "[]" }
    #expect(
      page.nextPage == service.server.url + "/api/v1/x?contenttype=Audit.Exchange&nextpage=a$b")
  }

  @Test func `ends where the name of the next page is empty`() async throws {
    #expect(try await page(headers: ["NextPageUri: "]) { _ in "[]" }.page.nextPage == nil)
  }

  @Test(arguments: [
    ("/p?nextpage=2$3", "/p?nextpage=2$3&PublisherIdentifier=\(Given.publisher)"),
    ("/p", "/p?PublisherIdentifier=\(Given.publisher)"),
    ("/p?", "/p?PublisherIdentifier=\(Given.publisher)"),
    ("/p?a&", "/p?a&PublisherIdentifier=\(Given.publisher)"),
    ("/p?publisheridentifier=x&a=b", "/p?publisheridentifier=x&a=b"),
    ("/p?a=b&PublisherIdentifier=x", "/p?a=b&PublisherIdentifier=x"),
    (
      "/p?PublisherIdentifiers=x",
      "/p?PublisherIdentifiers=x&PublisherIdentifier=\(Given.publisher)"
    ),
    ("/p?a=%24+b;c#fragment", "/p?a=%24+b;c&PublisherIdentifier=\(Given.publisher)"),
    (
      "/p?endtime=2020-02-20T00:18:00.1234567Z&x=../..",
      "/p?endtime=2020-02-20T00:18:00.1234567Z&x=../..&PublisherIdentifier=\(Given.publisher)"
    ),
  ])
  func `goes on at exactly the URL given`(uri: String, target: String) async throws {
    let service = try TestService()
    _ = try await service.api.nextPage(
      service.server.url + uri, of: .exchange, window: Given.window)
    _ = try await service.api.fetch(service.blob(service.server.url + uri))
    #expect(service.calls.map(\.target) == [target, target])
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A blob` {
  @Test(arguments: [
    "[]", #"[{"Id":"1"}]"#, "\u{FEFF}[{}]", "[{ broken", "plain words", "7",
    #"{"Id":"a single record"}"#, #"{"broken": "#,
  ])
  func `comes as it is, readable or not`(body: String) async throws {
    let service = try TestService(api: { _ in reply(body) })
    let fetched = try await service.api.fetch(service.blob())
    #expect(fetched.bytes == Array(body.utf8))
    #expect(fetched.receivedAt == service.clock.now())
    #expect(fetched.httpVersion == "1.1")
    #expect(fetched.bytes.capacity - fetched.bytes.count >= PaddedBytes.slackBytes)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `The bearer token` {
  @Test(arguments: `An origin`.tricks + ["https://evil.example/", "http://evil.example/"])
  func `never leaves for another origin`(trick: String) async throws {
    let service = try TestService()
    let elsewhere = ScriptedServer { _ in reply("[]") }
    let here = service.server.url.dropFirst("http://".count)
    // The trick with the names of two servers that do listen, so that a leak would arrive.
    let uri = trick.replacing("manage.office.com", with: here)
      .replacing("evil.example", with: "127.0.0.1:\(elsewhere.port)")
      .replacing("https://", with: "http://")
    if Origin(url: uri) == Origin(url: service.server.url) { return }
    let failures = [
      await failure { () async throws(ServiceFailure) in
        try await service.api.fetch(service.blob(uri))
      },
      await failure { () async throws(ServiceFailure) in
        try await service.api.nextPage(uri, of: .exchange, window: Given.window)
      },
    ]
    #expect(failures.map { $0?.kind } == [.foreignOrigin, .foreignOrigin])
    #expect(failures.map { $0?.operation } == [.fetchContent, .listContent])
    #expect(elsewhere.received.isEmpty)
    #expect(service.server.received.isEmpty)
    elsewhere.stop()
  }

  @Test func `does not follow a redirect`() async throws {
    let elsewhere = ScriptedServer { _ in reply("[]") }
    let target = elsewhere.url + "/stolen"
    let service = try TestService(api: { _ in
      reply(status: 307, headers: ["Location: \(target)"], "")
    })
    let failure = await failure { () async throws(ServiceFailure) in
      try await service.api.fetch(service.blob())
    }
    #expect(failure?.kind == .serviceTrouble)
    #expect(elsewhere.received.isEmpty)
    elsewhere.stop()
  }
}
