import MillracePipeline
import MillracePseudonyms

/// What came of a pseudonym, for programs and for people.
struct RevealReport: Encodable {
  let pseudonym: String
  /// One of revealed, one_way, other_key, damaged, unknown.
  let outcome: String
  /// What it stands for.
  var value: String?
  /// Why that is not known.
  var reason: String?

  init(_ pseudonym: String, _ outcome: Revealer.Outcome, _ revealer: Revealer) {
    self.pseudonym = pseudonym
    switch outcome {
    case .revealed(let text):
      self.outcome = "revealed"
      value = text
      return
    case .oneWay: self.outcome = "one_way"
    case .otherKey: self.outcome = "other_key"
    case .damaged: self.outcome = "damaged"
    case .unknown: self.outcome = "unknown"
    }
    reason = RevealReport.explanation(outcome, revealer)
  }

  /// One line of JSON.
  var json: String { ReportJSON.text(self) }

  /// Why a pseudonym was not turned back, and what to do.
  static func explanation(_ outcome: Revealer.Outcome, _ revealer: Revealer) -> String {
    let keys = "the keys at hand are \(revealer.keyIDs.joined(separator: ", "))"
    switch outcome {
    case .revealed: return "it was turned back"
    case .oneWay:
      return "it is one-way: it was made without a reveal_key (or stands for an IPv6 address, or"
        + " for a very long text), and nothing turns it back"
    case .otherKey(let id?):
      return "it was made with the key \(id), and \(keys): give that key with --key"
    case .otherKey(nil):
      return "it is damaged, or was made with another key; \(keys)"
    case .damaged:
      return "it is damaged: it is not what was made with its key"
    case .unknown: return "it is no pseudonym"
    }
  }
}
