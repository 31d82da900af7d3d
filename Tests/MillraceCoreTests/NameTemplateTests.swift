import MillraceCore
import Testing

/// Names with placeholders, as files, indexes and topics have them.
struct NameTemplateTests {
  @Test func `texts and placeholders are told apart`() throws {
    let template = try NameTemplate("/log/{tenant}{content_type}-{date}T{hour}/ü")
    #expect(
      template.parts == [
        .text("/log/"), .placeholder(.tenant), .placeholder(.contentType), .text("-"),
        .placeholder(.date), .text("T"), .placeholder(.hour), .text("/ü"),
      ])
    #expect(template.has(.hour) && !template.has(.workload))
    #expect(try NameTemplate("").parts.isEmpty)
  }

  @Test(arguments: ["{day}", "{Tenant}", "{}", "{{tenant}"])
  func `a placeholder that nobody knows is refused by its name`(text: String) throws {
    let problem = #expect(throws: NameTemplate.Problem.self) { try NameTemplate(text) }
    guard case .unknownPlaceholder(let name) = problem else {
      Issue.record("refused as \(String(describing: problem))")
      return
    }
    #expect("{\(name)}" == text)
  }

  @Test(arguments: ["{tenant", "tenant}", "{tenant}}", "a{"])
  func `a brace without its partner is refused`(text: String) throws {
    let problem = #expect(throws: NameTemplate.Problem.self) { try NameTemplate(text) }
    guard case .loneBrace = problem else {
      Issue.record("refused as \(String(describing: problem))")
      return
    }
  }
}
