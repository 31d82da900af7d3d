import MillraceCore
import MillraceSource
import TestWire
import Testing

/// One answer of the service and what it has to be understood as.
struct Refusal: Sendable, CustomTestStringConvertible {
  let name: String
  let call: ServiceFailure.Operation
  let status: Int
  var headers: [String] = []
  let body: String
  let kind: ServiceFailure.Kind
  var code: String?
  var retryAfter: Duration?
  var message: String?

  var testDescription: String { "\(name) on \(call.rawValue)" }
}

/// The answer of the service to any call, as the caller sees it.
private func outcome(
  of call: ServiceFailure.Operation, _ steps: [ScriptedServer.Step]
) async throws -> (failure: ServiceFailure?, service: TestService) {
  let service = try TestService(api: { _ in steps })
  let failure = await failure { () async throws(ServiceFailure) -> Void in
    switch call {
    case .listSubscriptions: _ = try await service.api.subscriptions()
    case .startSubscription: _ = try await service.api.start(.exchange)
    case .stopSubscription: try await service.api.stop(.exchange)
    case .listContent: _ = try await service.api.listPage(of: .exchange, window: Given.window)
    case .fetchContent: _ = try await service.api.fetch(service.blob())
    case .token: _ = try await service.tokens.token()
    }
  }
  return (failure, service)
}

private func error(_ code: String, _ message: String = "Words.") -> String {
  #"{"error":{"code":"\#(code)","message":"\#(message)"}}"#
}

@Suite(.timeLimit(.minutes(10)))
struct `A refusal by code` {
  static let table: [(String, Int, ServiceFailure.Operation, ServiceFailure.Kind)] = [
    ("AF10001", 401, .listContent, .permissionMissing),
    ("AF20001", 400, .listContent, .refused),
    ("AF20002", 400, .listContent, .misconfigured),
    ("AF20003", 400, .startSubscription, .misconfigured),
    ("AF20010", 401, .listSubscriptions, .misconfigured),
    ("AF20011", 400, .startSubscription, .auditingOff),
    ("AF20012", 400, .startSubscription, .misconfigured),
    ("AF20013", 400, .listContent, .misconfigured),
    ("AF20020", 400, .listContent, .misconfigured),
    ("AF20021", 400, .startSubscription, .misconfigured),
    ("AF20022", 400, .listContent, .notSubscribed),
    ("AF20023", 400, .listContent, .subscriptionDisabled),
    ("AF20023", 400, .fetchContent, .subscriptionDisabled),
    ("AF20030", 400, .listContent, .windowRefused),
    ("AF20031", 400, .listContent, .pageStale),
    ("AF20050", 404, .fetchContent, .contentMissing),
    ("AF20051", 400, .fetchContent, .contentExpired),
    ("AF20051", 410, .fetchContent, .contentExpired),
    ("AF20052", 400, .fetchContent, .contentIDRefused),
    ("AF20053", 400, .listContent, .refused),
    ("AF20054", 400, .listContent, .refused),
    ("AF20055", 400, .listContent, .windowRefused),
    ("AF429", 403, .listContent, .throttled),
    ("AF429", 429, .fetchContent, .throttled),
    ("AF50000", 500, .fetchContent, .serviceTrouble),
    ("AF50005", 500, .startSubscription, .serviceTrouble),
    ("AF50006", 500, .listContent, .serviceTrouble),
    ("AF29999", 400, .listContent, .refused),
    ("AF59999", 500, .fetchContent, .serviceTrouble),
    // Codes that mean something elsewhere mean nothing here: a fetch is never "already enabled".
    ("AF20024", 400, .fetchContent, .refused),
    ("AF20024", 400, .listContent, .refused),
    ("AF20050", 400, .listContent, .refused),
    ("AF20031", 400, .fetchContent, .refused),
  ]

  @Test(arguments: table)
  func `is understood, in JSON and in single quotes`(
    code: String, status: Int, call: ServiceFailure.Operation, kind: ServiceFailure.Kind
  ) async throws {
    let quoted = "{'error':{'code':'\(code)','message':'Words.'}}"
    for body in [error(code), quoted, "\u{FEFF} \r\n" + error(code), error(code.lowercased())] {
      let (failure, _) = try await outcome(of: call, reply(status: status, body))
      #expect(failure?.kind == kind, "\(body)")
      #expect(failure?.code == code, "\(body)")
      #expect(failure?.status == status)
      #expect(failure?.operation == call)
    }
  }

  @Test(arguments: [
    ("'message':'Too many requests. Method=List'", "Too many requests. Method=List"),
    ("'message':'It isn't, now'", "It isn't, now"), ("'message':''", "AF429"),
  ])
  func `says in single quotes what it says in JSON`(member: String, said: String) async throws {
    let body = "{'error':{'code':'AF429',\(member)}}"
    let (failure, _) = try await outcome(of: .listContent, reply(status: 403, body))
    #expect(failure?.kind == .throttled && failure?.message == said)
    #expect(failure?.hint.contains("requests_per_minute") == true)
  }

  @Test(arguments: [ServiceFailure.Operation.listContent, .fetchContent, .listSubscriptions])
  func `counts with status 200 too`(call: ServiceFailure.Operation) async throws {
    for (code, kind) in [
      ("AF429", ServiceFailure.Kind.throttled), ("AF50000", .serviceTrouble),
      ("AF20022", .notSubscribed), ("AF29999", .refused),
    ] {
      let (failure, _) = try await outcome(of: call, reply(error(code)))
      #expect(failure?.kind == kind)
    }
    let (quoted, _) = try await outcome(of: call, reply(" {'error':{'code':'AF429','message':''}}"))
    #expect(quoted?.kind == .throttled)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A refusal without a code` {
  static let mangled =
    #"{"error":{"code":"StartSubscription [CorrId=0][TenantId=0,ContentType=Audit.Exchange,"#
    + #"ApplicationId=0,PublisherId=0][AppId","message":"000] failed. Exception: Microsoft.Office."#
    + #"Compliance.Audit.DataServiceException: Tenant 0 does not exist.\r\n   at Somewhere"}}"#
  static let mangledOlder =
    #"{"error":{"code":" failed. Exception","message":"Microsoft.Office.Compliance.Audit."#
    + #"DataServiceException: Tenant 0 does not exist."}}"#
  static let page = "\u{FEFF}\n<!DOCTYPE html><html><body>Sorry</body></html>"

  static let table: [Refusal] = [
    Refusal(
      name: "auditing off", call: .startSubscription, status: 400, body: mangled,
      kind: .auditingOff, message: "does not exist"),
    Refusal(
      name: "auditing off, older", call: .listContent, status: 400, body: mangledOlder,
      kind: .auditingOff),
    Refusal(
      name: "no permission claim", call: .listSubscriptions, status: 500,
      body: "System.Collections.Generic.KeyNotFoundException: The given key was not present.",
      kind: .permissionMissing),
    Refusal(
      name: "no parameter", call: .listContent, status: 400,
      body: #"{"error":{"code":"String reference not set to an instance of a String.\r\n"#
        + #"Parameter name","message":"s"}}"#,
      kind: .refused),
    Refusal(
      name: "denied", call: .listContent, status: 401,
      body: #"{"Message":"Authorization has been denied for this request."}"#, kind: .tokenRefused,
      message: "https://manage.office.com"),
    Refusal(
      name: "denied in silence", call: .fetchContent, status: 401,
      headers: ["WWW-Authenticate: Bearer"], body: "", kind: .tokenRefused),
    Refusal(
      name: "denied with 200", call: .fetchContent, status: 200,
      body: #"{"Message":"Authorization has been denied for this request."}"#, kind: .tokenRefused),
    Refusal(
      name: "throttled by status", call: .listContent, status: 429, headers: ["Retry-After: 17"],
      body: "", kind: .throttled, retryAfter: .seconds(17)),
    Refusal(
      name: "throttled until a date", call: .listContent, status: 429,
      headers: [
        "Date: Wed, 04 Mar 2026 08:00:00 GMT", "Retry-After: Wed, 04 Mar 2026 08:00:42 GMT",
      ],
      body: "", kind: .throttled, retryAfter: .seconds(42)),
    Refusal(
      name: "throttled until a date without its own", call: .listContent, status: 429,
      headers: ["Retry-After: Wed, 04 Mar 2026 12:00:09 GMT"], body: "", kind: .throttled,
      retryAfter: .seconds(9)),
    Refusal(
      name: "throttled until yesterday", call: .listContent, status: 429,
      headers: ["Retry-After: Tue, 03 Mar 2026 12:00:09 GMT"], body: "", kind: .throttled,
      retryAfter: .zero),
    Refusal(
      name: "throttled for ever", call: .listContent, status: 429,
      headers: ["Retry-After: 99999999999999999999"], body: "", kind: .throttled,
      retryAfter: Limits.retryAfterMax),
    Refusal(
      name: "throttled for nonsense", call: .listContent, status: 429,
      headers: ["Retry-After: -5"], body: "", kind: .throttled),
    Refusal(
      name: "unavailable", call: .fetchContent, status: 503, headers: ["Retry-After: 3"],
      body: page, kind: .serviceTrouble, retryAfter: .seconds(3)),
    Refusal(name: "502", call: .listContent, status: 502, body: page, kind: .serviceTrouble),
    Refusal(name: "504", call: .listContent, status: 504, body: "", kind: .serviceTrouble),
    Refusal(name: "408", call: .fetchContent, status: 408, body: "", kind: .serviceTrouble),
    Refusal(
      name: "forbidden by someone", call: .listContent, status: 403, body: page,
      kind: .misconfigured),
    Refusal(
      name: "forbidden", call: .fetchContent, status: 403,
      body: #"{"error":{"code":"Forbidden","message":"No."}}"#, kind: .misconfigured),
    Refusal(name: "gone", call: .fetchContent, status: 404, body: "", kind: .contentMissing),
    Refusal(
      name: "not found by a front end", call: .fetchContent, status: 404, body: page,
      kind: .serviceTrouble),
    Refusal(name: "no such path", call: .listContent, status: 404, body: "", kind: .misconfigured),
    Refusal(name: "400", call: .fetchContent, status: 400, body: "no", kind: .refused),
    Refusal(name: "418", call: .stopSubscription, status: 418, body: "", kind: .refused),
    Refusal(
      name: "redirect", call: .fetchContent, status: 302,
      headers: ["Location: https://login.example.com/secret?token=hunter2"], body: "",
      kind: .serviceTrouble, message: "a redirect to https://login.example.com, which"),
    Refusal(
      name: "a page listed", call: .listContent, status: 200, body: page, kind: .serviceTrouble),
    Refusal(
      name: "a page as blob", call: .fetchContent, status: 200, body: page, kind: .serviceTrouble),
    Refusal(
      name: "a page as subscription", call: .startSubscription, status: 200, body: page,
      kind: .serviceTrouble),
    Refusal(name: "nothing as blob", call: .fetchContent, status: 200, body: "", kind: .truncated),
    Refusal(
      name: "blanks as blob", call: .fetchContent, status: 200, body: "\u{FEFF} \r\n",
      kind: .truncated),
    Refusal(
      name: "nothing as listing", call: .listContent, status: 200, body: "", kind: .malformed),
    Refusal(name: "half a listing", call: .listContent, status: 200, body: "[{", kind: .malformed),
    Refusal(
      name: "null as listing", call: .listContent, status: 200, body: "null", kind: .malformed),
    Refusal(
      name: "an object as listing", call: .listContent, status: 200, body: "{}", kind: .malformed),
    Refusal(name: "part of a blob", call: .fetchContent, status: 206, body: "[]", kind: .malformed),
    Refusal(name: "no content", call: .listContent, status: 204, body: "", kind: .malformed),
    Refusal(name: "accepted", call: .listSubscriptions, status: 202, body: "[]", kind: .malformed),
    Refusal(
      name: "a word as list", call: .listSubscriptions, status: 200, body: "\"x\"", kind: .malformed
    ),
    Refusal(
      name: "an error in words", call: .fetchContent, status: 200, body: #"{"error":"no"}"#,
      kind: .refused, message: "no"),
  ]

  @Test(arguments: table)
  func `is understood`(refusal: Refusal) async throws {
    let (failure, _) = try await outcome(
      of: refusal.call, reply(status: refusal.status, headers: refusal.headers, refusal.body))
    #expect(failure?.kind == refusal.kind)
    #expect(failure?.code == refusal.code)
    #expect(failure?.retryAfter == refusal.retryAfter)
    #expect(failure?.operation == refusal.call)
    if let message = refusal.message { #expect(failure?.message.contains(message) == true) }
    #expect(failure?.description.contains("hunter2") == false)
  }

  @Test func `of the connection is a failure of the connection`() async throws {
    let cases: [([ScriptedServer.Step], ServiceFailure.Kind)] = [
      ([.reset], .unreachable), ([], .unreachable),
      ([.text("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[{")], .truncated),
      ([.text("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n[{")], .tooLarge),
      (reply(headers: ["Content-Encoding: gzip"], "[]"), .truncated),
    ]
    for (steps, kind) in cases {
      let (failure, _) = try await outcome(of: .fetchContent, steps)
      #expect(failure?.kind == kind)
    }
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `The words of a refusal` {
  @Test func `are cut, in one line, and without tokens`() async throws {
    let token = makeToken(number: 1)
    for echo in [
      "\u{1B}[2J\r\nBearer \(token) \u{202E}x\u{0}" + String(repeating: "ä", count: 5000),
      #"{"error":{"code":"X","message":"\#(token)\n\#(String(repeating: "y", count: 5000))"}}"#,
      "<html>\(token)</html>" + String(repeating: token, count: 200),
    ] {
      let (failure, _) = try await outcome(of: .fetchContent, reply(status: 400, echo))
      let message = try #require(failure?.message)
      #expect(!message.contains("eyJ"))
      #expect(!message.contains(token.suffix(20)))
      #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{202E}" })
      #expect(message.utf8.count <= Limits.answerExcerptBytesMax + 40)
      #expect(message.count > 10)
    }
  }

  @Test func `of the login service never hold the secret`() async throws {
    for echo in [
      #"{"error":"invalid_client","error_description":"secret \#(Given.secret) is wrong"}"#,
      "you sent client_secret=s~ecret%2Bwith%2Fodd%3Dchars%26more",
    ] {
      let service = try TestService(login: { _ in reply(status: 400, echo) })
      let failure = await failure { () async throws(ServiceFailure) in
        try await service.tokens.token()
      }
      #expect(failure?.description.contains("[secret]") == true)
      #expect(failure?.description.contains("odd") == false)
    }
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A refusal by the login service` {
  static let table: [(Int, String, Int, ServiceFailure.Kind, String)] = [
    (7_000_215, "invalid_client", 401, .credentialRefused, "value, not its id"),
    (7_000_222, "invalid_client", 401, .credentialRefused, "expired"),
    (700_027, "invalid_client", 401, .credentialRefused, "certificate"),
    (700_024, "invalid_client", 401, .credentialRefused, "clock"),
    (7_000_218, "invalid_client", 401, .misconfigured, "empty"),
    (700_016, "unauthorized_client", 400, .misconfigured, "client id"),
    (90_002, "invalid_request", 400, .misconfigured, "tenant"),
    (50_194, "invalid_request", 400, .misconfigured, "common"),
    (500_011, "invalid_resource", 400, .misconfigured, "licences"),
    (70_011, "invalid_scope", 400, .misconfigured, "resource"),
    (65_001, "invalid_grant", 400, .misconfigured, "consent"),
    (650_051, "x", 400, .misconfigured, "ActivityReports.Read"),
    (53_003, "invalid_grant", 400, .misconfigured, "Conditional Access"),
    (900_382, "invalid_request", 400, .misconfigured, "cloud"),
    (90_055, "x", 400, .throttled, "too many"),
    (50_196, "x", 400, .throttled, "loop"),
    (90_033, "temporarily_unavailable", 400, .serviceTrouble, ""),
    (1, "temporarily_unavailable", 400, .serviceTrouble, ""),
    (1, "invalid_client", 401, .credentialRefused, "credential"),
    (1, "invalid_request", 400, .misconfigured, "tenant"),
    (1, "x", 500, .serviceTrouble, ""),
  ]

  @Test(arguments: table)
  func `is understood by its number`(
    number: Int, error: String, status: Int, kind: ServiceFailure.Kind, hint: String
  ) async throws {
    let listed =
      #"{"error":"\#(error)","error_description":"AADSTS\#(number): Words. Trace ID: t-1","#
      + #""error_codes":[\#(number)],"timestamp":"2026-01-09 02:02:12Z","trace_id":"t-1","#
      + #""correlation_id":"c-1"}"#
    let described = #"{"error":"\#(error)","error_description":"AADSTS\#(number): Words."}"#
    for body in [listed, described] {
      let service = try TestService(login: { _ in reply(status: status, body) })
      let failure = await failure { () async throws(ServiceFailure) in
        try await service.api.subscriptions()
      }
      #expect(failure?.kind == kind)
      #expect(failure?.operation == .token)
      #expect(failure?.code == "AADSTS\(number)")
      #expect(failure?.hint.contains(hint) == true || hint.isEmpty)
      if body == listed {
        // What Microsoft's support asks for, each once.
        #expect(
          failure?.message
            == "AADSTS\(number): Words. Trace ID: t-1 correlation_id=c-1"
            + " timestamp=2026-01-09 02:02:12Z")
      }
      #expect(service.calls.isEmpty)
    }
  }

  @Test(arguments: [
    (429, "", ServiceFailure.Kind.throttled), (503, "<html>", .serviceTrouble),
    (200, "<html>", .serviceTrouble), (302, "", .serviceTrouble), (404, "", .misconfigured),
    (403, "<html>", .misconfigured), (200, "", .malformed), (200, "{}", .malformed),
    (200, "[]", .malformed), (200, #"{"access_token":7}"#, .malformed),
    (200, #"{"access_token":"a\r\nX-Evil: 1"}"#, .malformed),
    (200, #"{"access_token":""}"#, .malformed),
    (200, #"{"access_token":"x","token_type":"mac"}"#, .malformed),
    (200, #"{"error":"temporarily_unavailable"}"#, .serviceTrouble),
  ])
  func `without a number is understood by what there is`(
    status: Int, body: String, kind: ServiceFailure.Kind
  ) async throws {
    let service = try TestService(login: { _ in
      reply(status: status, headers: ["Retry-After: 7"], body)
    })
    let failure = await failure { () async throws(ServiceFailure) in
      try await service.tokens.token()
    }
    #expect(failure?.kind == kind)
    if status == 429 { #expect(failure?.retryAfter == .seconds(7)) }
  }
}
