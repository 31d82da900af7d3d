import MillraceConfiguration
import Testing

struct LabelsConfigurationTests {
  @Test func `labels are texts by name, in the order of the file`() throws {
    let configuration = try parsed(
      oneTenant + oneSink + "\nlabels: {site: \"hq \\\"1\\\"\", env-2: prod, floor: 3}")
    #expect(configuration.labels.map(\.name) == ["site", "env-2", "floor"])
    #expect(configuration.labels.map(\.value) == ["hq \"1\"", "prod", "3"])
    #expect(try parsed(oneTenant + oneSink).labels.isEmpty)
  }

  @Test func `labels that are none are refused`() {
    check(
      oneTenant + oneSink + "\nlabels: [site]",
      says: ":8:9: labels: a mapping (name: text) is expected, this is a list; "
        + "such as labels: {site: hq}")
    check(
      oneTenant + oneSink + "\nlabels: {a.b: c}",
      says: ":8:10: labels: \"a.b\" is no name of a label; 1 to 64 letters, digits, \"-\" and \"_\""
    )
    check(
      oneTenant + oneSink + "\nlabels: {a: \(String(repeating: "x", count: 257))}",
      says: ":8:13: labels.a: a label has at most 256 bytes")
    check(
      oneTenant + oneSink + "\nlabels: {a: ''}",
      says: ":8:13: labels.a: it is empty; give the label a text, or remove it")
    let many = (0..<33).map { "l\($0): x" }.joined(separator: ", ")
    check(
      oneTenant + oneSink + "\nlabels: {\(many)}",
      says: ":8:9: labels: these are 33 labels; 32 are the most")
  }
}
