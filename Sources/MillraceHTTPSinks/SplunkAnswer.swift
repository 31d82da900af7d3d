import MillraceEvents
import MillraceHTTP
import MillraceSinks

/// What the collector says: one of the codes of its manual ("Troubleshoot HTTP Event Collector",
/// "Possible error codes"), with a text.
struct SplunkAnswer {
  /// The code; 0 is success.
  let code: Int
  /// Splunk's words.
  let text: String
  /// Which event of the request it is about, counted from zero.
  let suspect: Int?
  /// What to ask for the acknowledgement with.
  let acknowledgement: Int?

  /// Reads an answer; nil when it is none of the collector's.
  init?(_ body: [UInt8]) {
    guard let document = JSONDocument(body), let code = document.root["code"]?.integer,
      let text = document.root["text"]?.string
    else { return nil }
    self.code = code
    self.text = text
    suspect = document.root["invalid-event-number"]?.integer
    acknowledgement = document.root["ackId"]?.integer
  }

  private enum Meaning {
    /// The token, or the collector's settings: a person must act.
    case rejected(hint: String)
    /// Who we are is not known.
    case identity(hint: String)
    /// Later.
    case busy
    /// An event that cannot be indexed.
    case event
    /// The body is too large.
    case tooLarge
    /// Trouble of its own.
    case trouble
  }

  private var meaning: Meaning? {
    switch code {
    case 1, 22: .identity(hint: "enable the token in Splunk")
    case 2, 3, 4, 21: .identity(hint: "check the token; it is the token's value, not its name")
    case 5, 6, 12, 13, 15: .event
    case 7: .rejected(hint: "create the index, or let the token write to it")
    case 8: .trouble
    case 9, 18, 19, 20, 23, 24, 25, 26: .busy
    case 10, 11: .rejected(hint: "the data channel has to be a GUID")
    case 14:
      .rejected(hint: "switch on \"Enable indexer acknowledgement\" for the token")
    case 16: .rejected(hint: "the token is sent as a header; see what stands in between")
    case 27: .tooLarge
    default: nil
    }
  }

  /// What an answer other than success means; by its status when its code is not known.
  func verdict(lines: Int, status: HTTPResponse, exchange: HTTPExchange) -> Verdict {
    let words = "HTTP \(status.status), code \(code): \(exchange.words(text))"
    let code = "\(code)"
    switch meaning {
    case .rejected(let hint): return .failed(exchange.error(.rejected, words, hint: hint))
    case .identity(let hint):
      return .identityRefused(exchange.error(.rejected, words, hint: hint, code: code))
    case .busy:
      return .failed(
        exchange.error(.busy, words, code: code, retryAfter: exchange.retryAfter(status)))
    case .event: return .malformed(words, suspect: suspect)
    case .tooLarge: return .tooLarge(words)
    case .trouble: return .failed(exchange.error(.other, words, code: code))
    case nil:
      guard (200..<300).contains(status.status) else {
        return exchange.verdict(ofRefusal: status)
      }
      return exchange.nonsense(status)
    }
  }
}
