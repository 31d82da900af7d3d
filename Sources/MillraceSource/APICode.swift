package import MillraceCore

/// What a code of the Activity API means, and what to do about it (Activity API reference,
/// "Errors"; those it leaves out are known from the field). `APICode.all` has them.
package struct APICode: Hashable, Sendable {
  /// The code as the service spells it, such as `AF20023`.
  package let name: String
  /// What it means for what comes next.
  package let kind: ServiceFailure.Kind
  /// The one call that may mean it; elsewhere the answer is a refusal like any other. Without
  /// this, "already enabled" would make a success of a listing that never came.
  package let operation: ServiceFailure.Operation?
  /// What it means, in words for an operator.
  package let meaning: String
  /// What the operator can do; where that is nothing, what the program does.
  package let advice: String
  /// Whether somebody has to do something, so that messages carry the advice.
  package let needsOperator: Bool

  init(
    _ name: String, _ kind: ServiceFailure.Kind, _ meaning: String, _ advice: String,
    only operation: ServiceFailure.Operation? = nil, needsOperator: Bool = true
  ) {
    self.name = name
    self.kind = kind
    self.operation = operation
    self.meaning = meaning
    self.advice = advice
    self.needsOperator = needsOperator
  }

  /// What messages carry besides the service's own words; empty when nothing needs doing.
  package var hint: String { needsOperator ? advice : "" }

  /// The meaning of a code; nil when it is not in the table.
  package static func find(_ name: String) -> APICode? { table[name] }

  private static let table: [String: APICode] = {
    Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
  }()
}
