import MillraceEvents
import Testing

@Suite(.timeLimit(.minutes(10)))
struct `A JSON document` {
  @Test func `is looked into by name, and in order`() throws {
    let text = #" {"a": 1, "b": [true, null, "x\u00e9\n"], "c": {"d": -2.5}, "e": null} "#
    let root = try #require(JSONDocument(Array(text.utf8))).root
    #expect(root.isObject && !root.isArray)
    #expect(root["a"]?.integer == 1 && root["a"]?.number == 1)
    #expect(root["b"]?.elements.map(\.bool) == [true, nil, nil])
    #expect(root["b"]?.elements.last?.string == "xé\n")
    #expect(root["c"]?["d"]?.number == -2.5 && root["c"]?["d"]?.integer == nil)
    #expect(root["e"] == nil && root["f"] == nil)
    #expect(root.members.map(\.name) == ["a", "b", "c", "e"])
    #expect(root["c"].map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"d": -2.5}"#)
  }

  @Test func `has no members where it is no object`() throws {
    let root = try #require(JSONDocument(Array("[1]".utf8))).root
    #expect(root["a"] == nil && root.members.isEmpty && root.string == nil)
    #expect(root.elements.map(\.integer) == [1])
    #expect(try #require(JSONDocument(Array("\"a\"".utf8))).root.elements.isEmpty)
  }

  @Test(arguments: [
    "", " ", "{", "{}{}", "{} x", "[1,]", "nul", "\"a", "{\"a\":1,}", "\"\u{1}\"", "01",
    "{\"a\" 1}",
    String(repeating: "[", count: 1000),
  ])
  func `is none where anything is wrong with it`(_ text: String) {
    #expect(JSONDocument(Array(text.utf8)) == nil)
  }
}
