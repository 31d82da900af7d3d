import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSinks
import Synchronization

/// Sends the requests of a sink to its receiver: to whichever of its addresses answers.
final class HTTPExchange: Sendable {
  private let options: HTTPSinkOptions
  private let client: any HTTPClient
  private let operation: String
  private let clock: any WallClock = SystemWallClock()
  /// Which address answered last.
  private let current = Mutex(0)

  init(_ options: HTTPSinkOptions, client: any HTTPClient, operation: String) {
    self.options = options
    self.client = client
    self.operation = operation
  }

  /// Sends a request to the address that answered last, and then to the others in turn, until one
  /// answers. An answer that says that a node is not up to it counts as none, while there are
  /// others.
  ///
  /// Throws what `make` throws, or what the last address had to say.
  func send(
    _ make: (_ origin: String) async throws(SinkError) -> HTTPRequest
  ) async throws(SinkError) -> (request: HTTPRequest, response: HTTPResponse) {
    let first = current.withLock { $0 }
    var left = options.origins.count
    while true {
      let index = (first + options.origins.count - left) % options.origins.count
      left -= 1
      let request = prepared(try await make(options.origins[index]))
      do throws(HTTPError) {
        let response = try await client.send(request)
        if left > 0, [502, 503, 504].contains(response.status) { continue }
        current.withLock { $0 = index }
        return (request, response)
      } catch {
        guard left > 0, error.kind != .cancelled else { throw failure(error) }
      }
    }
  }

  /// Sends a request where another one went.
  func ask(_ request: HTTPRequest) async throws(SinkError) -> HTTPResponse {
    do throws(HTTPError) {
      return try await client.send(prepared(request))
    } catch {
      throw failure(error)
    }
  }

  /// A request with what all requests of the sink have in common.
  func prepared(_ request: HTTPRequest) -> HTTPRequest {
    var request = request
    request.timeouts = HTTPTimeouts(
      connect: min(Limits.requestConnectTimeout, options.timeout), idle: options.timeout,
      total: options.timeout)
    request.bodyBytesMax = Limits.sinkAnswerBytesMax
    request.route = HTTPRoute(peer: options.peer)
    return request
  }

  // MARK: Errors

  /// Where the receiver is, without what may be secret.
  var subject: String {
    let origin = options.origins[current.withLock { $0 }]
    return String(origin.prefix { $0 != "?" })
  }

  /// An error of this sink.
  func error(
    _ kind: SinkError.Kind, _ message: String, hint: String = "", code: String = "",
    retryAfter: Duration? = nil
  ) -> SinkError {
    SinkError(
      sink: options.name, operation: operation, subject: subject, code: code, message: message,
      hint: hint, kind: kind, retryAfter: retryAfter)
  }

  /// What a request without an answer means.
  func failure(_ error: HTTPError) -> SinkError {
    let kind: SinkError.Kind =
      switch error.kind {
      case .tls: .rejected
      case .resolve, .connect, .timeout, .truncated: .unreachable
      case .tooLarge, .storage, .encoding, .cancelled, .protocol, .other: .other
      }
    let hint =
      error.kind == .tls
      ? "check the clock; name the authority that vouches for the receiver as tls.ca, and the"
        + " certificate it wants to see as tls.certificate" : error.hint
    return SinkError(
      sink: options.name, operation: operation, subject: error.url,
      code: error.kind.rawValue, message: error.message, hint: hint, kind: kind)
  }

  /// The words of an answer, fit for a log.
  func words(_ response: HTTPResponse) -> String {
    let excerpt = AnswerExcerpt.make(response.body, redacting: secrets)
    return excerpt.isEmpty ? "HTTP \(response.status)" : "HTTP \(response.status): \(excerpt)"
  }

  /// A text of the receiver's, fit for a log.
  func words(_ text: String) -> String { AnswerExcerpt.make(text, redacting: secrets) }

  /// What must never be repeated, should the receiver echo it.
  private var secrets: [String] {
    do throws(SinkError) {
      return try options.identity().flatMap { field in
        [field.value] + field.value.split(separator: " ").dropFirst().map(String.init)
      }
    } catch {
      // Whatever cannot be read was not sent either.
      return []
    }
  }

  /// How long the receiver asks to be left alone.
  func retryAfter(_ response: HTTPResponse) -> Duration? {
    HTTPDate.retryAfter(
      response.header("Retry-After"), date: response.header("Date"), now: clock.now())
  }

  /// What an answer other than 2xx means, by its status.
  func verdict(ofRefusal response: HTTPResponse) -> Verdict {
    let words = words(response)
    let code = "\(response.status)"
    switch response.status {
    case 400, 422:
      return .malformed(words, suspect: nil)
    case 401, 403, 407:
      return .identityRefused(
        error(
          .rejected, words, hint: "check the token or password, and what it is allowed to do",
          code: code))
    case 413:
      return .tooLarge(words)
    case 408, 425, 502, 504:
      return .failed(error(.unreachable, words, code: code))
    case 429, 503:
      return .failed(error(.busy, words, code: code, retryAfter: retryAfter(response)))
    case 300..<400:
      return .failed(
        error(
          .rejected, "HTTP \(code): it sends elsewhere, and redirects are not followed",
          hint: "configure the address that it redirects to", code: code))
    case 404, 405, 410:
      return .failed(
        error(.rejected, words, hint: "check the path of the url, and the method", code: code))
    case 400..<500:
      return .failed(
        error(.rejected, words, hint: "see what the receiver expects to be sent", code: code))
    default:
      return .failed(error(.other, words, code: code, retryAfter: retryAfter(response)))
    }
  }

  /// An answer of success whose words mean nothing: nothing is known to have arrived.
  func nonsense(_ response: HTTPResponse) -> Verdict {
    .failed(
      error(
        .other, "an answer that is not the receiver's: " + words(response),
        hint: "see whether a proxy or a login page answers in its place",
        code: "\(response.status)"))
  }
}
