package import MillraceCore

/// What a code of the login service means, and what to do about it (Microsoft identity platform,
/// "Microsoft Entra authentication and authorization error codes"). `LoginCode.all` has them.
package struct LoginCode: Hashable, Sendable {
  /// The number behind `AADSTS`.
  package let number: Int
  /// What it means for what comes next.
  package let kind: ServiceFailure.Kind
  /// What it means, in words for an operator.
  package let meaning: String
  /// What the operator can do.
  package let advice: String

  init(_ number: Int, _ kind: ServiceFailure.Kind, _ meaning: String, _ advice: String) {
    self.number = number
    self.kind = kind
    self.meaning = meaning
    self.advice = advice
  }

  /// The code as the service spells it.
  package var name: String { "AADSTS\(number)" }

  /// Meaning and advice in one line.
  package var hint: String { "\(meaning): \(advice)" }

  /// The meaning of a number; nil when it is not in the table.
  package static func find(_ number: Int) -> LoginCode? { table[number] }

  /// The meaning of a code such as `AADSTS700027`; nil when it is not in the table.
  package static func find(_ name: String) -> LoginCode? {
    guard name.hasPrefix("AADSTS") else { return nil }
    return Int(name.dropFirst(6)).flatMap(find)
  }

  /// Whether a code may have its cause in a clock that is wrong.
  static func isAboutTime(_ name: String?) -> Bool {
    ["AADSTS700024", "AADSTS50012", "AADSTS50013", "AADSTS500133"].contains(name)
  }

  private static let table: [Int: LoginCode] = {
    Dictionary(uniqueKeysWithValues: all.map { ($0.number, $0) })
  }()
}
