import Foundation
import MillraceConfiguration
import MillraceSimulator
import Testing

/// What docs/simulator.md says is what the simulator does.
@Suite(.timeLimit(.minutes(10)))
struct DocumentationTests {
  private func page() throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try String(
      contentsOf: root.appendingPathComponent("docs/simulator.md"), encoding: .utf8)
  }

  private func words(_ effect: SimulatedFault.Effect) -> String {
    switch effect {
    case .mends: "all"
    case .loses: "all but what it spoils"
    case .lasts: "lasts"
    }
  }

  @Test func `the table of faults is that of the program`() throws {
    let head = ["| fault | what it does | what is left |", "| --- | --- | --- |"]
    let rows = SimulatedFault.allCases.sorted().map {
      "| `\($0.rawValue)` | \($0.summary) | \(words($0.effect)) |"
    }
    let table = (head + rows).joined(separator: "\n")
    #expect(try page().hasSuffix("\n\n" + table + "\n"), "the page ends with:\n\(table)")
  }

  @Test func `the plan that is shown is one`() throws {
    let blocks = try page().components(separatedBy: "```yaml\n").dropFirst()
    let texts = blocks.compactMap { $0.components(separatedBy: "```").first }
    #expect(texts.count == 1)
    for text in texts {
      let plan = try SimulationPlan.parse(
        Array(text.utf8), name: "docs", words: SimulatorOptions.planWords, environment: [:])
      #expect(plan.faults.count == 4)
    }
  }

  @Test func `every key and word of a plan is named`() throws {
    let page = try page()
    for section in Section.allCases where !section.isOfConfiguration {
      for key in section.keys { #expect(page.contains(key), "\(key)") }
    }
    for word in SimulatorOptions.planWords.requests + SimulatorOptions.planWords.refusals
      + SimulatorOptions.planWords.buckets
    {
      #expect(page.contains("`\(word)`"), "\(word)")
    }
  }

  @Test func `every fault has an effect that its kind can have`() {
    #expect(SimulatedFault.allCases.count { $0.effect == .loses } == 4)
    #expect(SimulatedFault.allCases.filter { $0.effect == .lasts }.contains(.noRoles))
    #expect(SimulatedFault.shortBodies.effect == .mends)
    #expect(SimulatedFault.af20012.effect == .lasts && SimulatedFault.af50000.effect == .mends)
  }
}
