import Synchronization

/// Why no token is issued. OAuth's word for it and the status come with the number.
struct LoginRefusal: Error {
  let code: Int
  let text: String

  init(_ code: Int, _ text: String? = nil) {
    self.code = code
    self.text = text ?? LoginRefusal.table[code]?.text ?? "The request was refused."
  }

  /// The word of OAuth (RFC 6749, section 5.2).
  var error: String { LoginRefusal.table[code]?.error ?? "invalid_request" }
  /// 401 for the client's own credential, 400 for the rest.
  var status: Int {
    switch error {
    case "invalid_client": 401
    case "temporarily_unavailable": 503
    default: 400
    }
  }
}

/// Refusals that are to come, whatever the requests are like.
final class LoginRefusalQueue: Sendable {
  private let codes: Mutex<[Int]>

  init(_ codes: [Int]) {
    self.codes = Mutex(codes)
  }

  /// Adds a refusal.
  func append(_ code: Int, times: Int) {
    codes.withLock { $0 += Array(repeating: code, count: times) }
  }

  /// The refusal of this request; nil when it is to be answered on its merits.
  func next() -> LoginRefusal? {
    codes.withLock { $0.isEmpty ? nil : LoginRefusal($0.removeFirst()) }
  }
}
