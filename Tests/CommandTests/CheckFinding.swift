import Foundation
import TestChildren
import Testing

/// A finding as `check --json` prints it.
struct CheckFinding: Decodable {
  let level: String
  let area: String
  let subject: String
  let message: String
  let meaning: String
  let fix: String
  let command: String
  let cause: String?
}

extension Workplace {
  /// What `check` finds, and how it exits.
  func check(
    _ words: String..., environment: [String: String] = [:]
  ) async throws -> (findings: [CheckFinding], exitCode: Int32?) {
    let result = await (try start(["check", "--json"] + words, environment: environment)).end()
    #expect(!result.outputText.contains("simulated-secret"), "no secret is shown")
    #expect(!result.outputText.contains("eyJ"), "no token is shown")
    let findings = try JSONDecoder().decode([CheckFinding].self, from: Data(result.output))
    for finding in findings where finding.level != "ok" {
      #expect(!finding.message.isEmpty, "\(finding)")
      #expect(!(finding.meaning + finding.fix).isEmpty, "\(finding) says what it means")
    }
    return (findings, result.exitCode)
  }
}

extension [CheckFinding] {
  func at(_ level: String) -> [CheckFinding] { filter { $0.level == level } }
  func about(_ area: String) -> [CheckFinding] { filter { $0.area == area } }
}
