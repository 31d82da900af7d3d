import MillraceCore
import MillraceHTTP
import MillraceSinks

/// How one kind of receiver is spoken to: what a request looks like, and what answers mean. It does
/// not know about other requests, retries or cursors.
protocol ReceiverDialect: Sendable {
  /// What a request is called in errors, such as `post`.
  var operation: String { get }

  /// The most bytes of a body before compression that the receiver ever takes; nil when it does not
  /// say.
  var bodyBytesMax: Int? { get }

  /// At most so many bytes more than its line does an event take in a body.
  var bytesAroundEvent: Int { get }

  /// Writes the body of a request with these lines of a batch.
  func write(_ lines: [Int], of batch: EventBatch, into body: inout [UInt8])

  /// The request around a body, for the receiver at `origin`. Its header says who asks.
  func request(
    to origin: String, parcel: ParcelLabel
  ) async throws(SinkError) -> HTTPRequest

  /// What an answer of status 2xx means. May ask further, for as long as it takes.
  func verdict(
    _ response: HTTPResponse, for request: HTTPRequest, lines: Int, exchange: HTTPExchange
  ) async -> Verdict

  /// What another answer means where the receiver says it better than its status does; nil for what
  /// the status means everywhere.
  func verdict(
    ofRefusal response: HTTPResponse, lines: Int, exchange: HTTPExchange
  ) -> Verdict?

  /// A question that leaves no trace and shows whether the receiver knows us; nil when the protocol
  /// has none.
  func question(to origin: String) async throws(SinkError) -> HTTPRequest?

  /// What the answer to the question says, in words; throws what keeps events from being taken.
  func learn(from response: HTTPResponse, exchange: HTTPExchange) throws(SinkError) -> String

  /// Told when who we are was refused. True when it is worth another try, as a token was replaced.
  func renewIdentity(of request: HTTPRequest) async -> Bool
}

extension ReceiverDialect {
  func renewIdentity(of request: HTTPRequest) async -> Bool { false }

  func question(to origin: String) async throws(SinkError) -> HTTPRequest? { nil }

  func learn(from response: HTTPResponse, exchange: HTTPExchange) throws(SinkError) -> String {
    "it answers HTTP \(response.status)"
  }

  /// What an answer says that is no success.
  func refusal(_ response: HTTPResponse, _ exchange: HTTPExchange) -> SinkError {
    let verdict =
      verdict(ofRefusal: response, lines: 1, exchange: exchange)
      ?? ((200..<300).contains(response.status)
        ? exchange.nonsense(response) : exchange.verdict(ofRefusal: response))
    return switch verdict {
    case .failed(let error), .identityRefused(let error): error
    case .accepted, .items, .tooLarge, .malformed:
      exchange.error(
        .rejected, exchange.words(response), hint: "see whether this is the receiver's address",
        code: "\(response.status)")
    }
  }
}

/// What became of the events of one request.
enum Verdict: Sendable {
  /// All are at the receiver for good.
  case accepted
  /// What became of each of them, in order.
  case items([ItemVerdict])
  /// The request was larger than the receiver takes.
  case tooLarge(String)
  /// Some event of it is not to the receiver's liking; the one with this index, if it says so.
  case malformed(String, suspect: Int?)
  /// Who we are is refused; it may be worth another try.
  case identityRefused(SinkError)
  /// Nothing is known to have arrived.
  case failed(SinkError)
}

/// What became of one event.
enum ItemVerdict: Sendable {
  /// It is at the receiver for good.
  case accepted
  /// It will never be.
  case refused(String)
  /// It is not there yet.
  case again(SinkError)
}

/// What names a request: the same whenever the same events are sent again.
struct ParcelLabel: Sendable {
  /// The sink, the places of the first and the last event in the log, and how many events.
  let text: String
}
