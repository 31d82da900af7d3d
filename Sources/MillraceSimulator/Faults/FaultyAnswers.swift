import MillraceCompression
import MillraceHTTP

/// The answers that faults give, and what they do to good ones.
enum FaultyAnswers {
  /// The answer that a fault gives in place of the service's; nil when it spoils that one instead.
  static func substitute(
    for fault: SimulatedFault, call: SimulatedCall, hash: UInt64, origins: ListingEndpoint.Origins?
  ) -> ServerResponse? {
    switch fault {
    case .throttle403, .throttleAlways:
      let publisher =
        call.request.queryValue("PublisherIdentifier") ?? "00000000-0000-0000-0000-000000000000"
      return Answers.json(
        "{'error':{'code':'AF429','message':'Too many requests. Method=\(method(call)), "
          + "PublisherId=\(publisher)'}}", status: 403)
    case .throttle429:
      if hash & 1 == 0 { return Answers.html(status: 429, title: "Too Many Requests") }
      var answer = Answers.error("AF429", "Too many requests. Method=\(method(call))", status: 429)
      answer.headers.append(("Retry-After", "1"))
      return answer
    case .serverErrors:
      switch hash % 4 {
      case 0:
        return Answers.html(status: 502, title: "502 - Web server received an invalid response")
      case 1: return Answers.html(status: 503, title: "Service Unavailable")
      case 2:
        return Answers.json(
          "{'error':{'code':'AF50000','message':'An internal error occurred. Retry the request.'}}",
          status: 500)
      default:
        return Answers.error(
          "AF50000", "An internal server error occurred. Retry the request.", status: 500)
      }
    case .html200: return Answers.html(status: 200, title: "Sign in to your account")
    case .error200:
      return Answers.error("AF50000", "An internal error occurred. Retry the request.", status: 200)
    case .shortTokens: return Answers.unauthorized()
    case .empty401:
      return ServerResponse(
        status: 401, headers: [("WWW-Authenticate", "Bearer")], body: .bytes([]))
    case .requestTimeout: return ServerResponse(status: 408, body: .bytes([]))
    case .redirects: return redirect(call, isCircle: hash & 1 == 0, origins: origins)
    case .noKey500:
      return Answers.error(
        "System.Collections.Generic.KeyNotFoundException",
        "The given key was not present in the dictionary.", status: 500)
    case .resets: return hash & 1 == 0 ? ServerResponse(body: .reset) : nil
    default:
      return ServiceErrors.find(fault).map {
        Answers.error($0.code, $0.message(for: call), status: $0.status)
      }
    }
  }

  /// To the same URL again, or with everything to another origin, where no token may be shown.
  private static func redirect(
    _ call: SimulatedCall, isCircle: Bool, origins: ListingEndpoint.Origins?
  ) -> ServerResponse {
    let target = call.request.rawPath + (call.request.rawQuery.map { "?" + $0 } ?? "")
    let origin = (isCircle ? origins?.own : origins?.foreign) ?? ""
    return ServerResponse(
      status: 302, headers: [("Location", origin + target)], body: .bytes([]))
  }

  /// An answer that breaks off before it is whole.
  static func broken(_ answer: ServerResponse, by fault: SimulatedFault) -> ServerResponse {
    var answer = answer
    switch (fault, answer.body) {
    case (.cutBodies, .bytes(let bytes)):
      answer.body = .cut(Array(bytes.prefix(bytes.count / 2)), announced: max(bytes.count, 1))
    case (.resets, _): answer.body = .reset
    case (.cutGzip, .bytes(let bytes)) where !bytes.isEmpty:
      // The length fits what is sent; only the stream inside knows that it has no end.
      if !answer.headers.contains(where: { $0.name == "Content-Encoding" }) {
        answer.headers.append(("Content-Encoding", "gzip"))
        let whole = bytes.withUnsafeBytes { Gzip.compress($0) }
        answer.body = .bytes(Array(whole.dropLast(whole.count / 2)))
      } else {
        answer.body = .bytes(Array(bytes.dropLast(bytes.count / 2)))
      }
    default: break
    }
    return answer
  }

  /// The answer without its end, as if it had none; before it is compressed.
  static func shortened(_ answer: ServerResponse) -> ServerResponse {
    guard answer.status == 200, case .bytes(let bytes) = answer.body else { return answer }
    var answer = answer
    answer.body = .bytes(Array(bytes.prefix(bytes.count / 2)))
    return answer
  }

  /// The answer with a byte order mark in front, if the faults ask for one.
  static func marked(_ answer: ServerResponse, dress: [SimulatedFault]) -> ServerResponse {
    guard dress.contains(.byteOrderMark), case .bytes(let bytes) = answer.body, !bytes.isEmpty
    else { return answer }
    var answer = answer
    answer.body = .bytes([0xEF, 0xBB, 0xBF] + bytes)
    return answer
  }

  /// The answer compressed (RFC 9110, section 8.4.1.3).
  static func compressed(_ answer: ServerResponse) -> ServerResponse {
    guard case .bytes(let bytes) = answer.body, bytes.count > 256 else { return answer }
    var answer = answer
    answer.body = .bytes(bytes.withUnsafeBytes { Gzip.compress($0) })
    answer.headers.append(("Content-Encoding", "gzip"))
    answer.headers.append(("Vary", "Accept-Encoding"))
    return answer
  }

  /// The answer sent in an unusual way that leaves it whole.
  static func dressed(
    _ answer: ServerResponse, dress: [SimulatedFault], pause: Duration
  ) -> ServerResponse {
    var answer = answer
    if dress.contains(.slowAnswers) { answer.delay = pause * 4 }
    guard case .bytes(let bytes) = answer.body else { return answer }
    if dress.contains(.slowBodies), bytes.count > 1 {
      answer.body = .slow(bytes, piece: bytes.count / 4 + 1, pause: pause)
    } else if dress.contains(.unannounced) {
      answer.body = .unannounced(bytes)
    }
    return answer
  }

  /// What is served for a poisoned blob: whole, and nothing that could be read.
  static let poison: [UInt8] =
    Array("Content was moved by the storage service.\r\n".utf8) + [0x00, 0xFF, 0xFE, 0x80]

  /// The service's name of an operation, as its throttling message gives it.
  static func method(_ call: SimulatedCall) -> String {
    switch call.kind {
    case .listContent: "ListAvailableContent"
    case .fetchContent: "GetBlob"
    case .startSubscription: "StartSubscription"
    case .stopSubscription: "StopSubscription"
    default: "ListSubscriptions"
    }
  }
}
