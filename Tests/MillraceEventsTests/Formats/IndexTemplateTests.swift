import Foundation
import MillraceEvents
import Testing

/// The index template for Elasticsearch, held against every event of the fixtures: an index that
/// has taken some events must take all others.
@Suite struct `The template for Elasticsearch` {
  private static func mappings() throws -> [String: Any] {
    let file = project.appendingPathComponent("Schemas/elasticsearch.template.json")
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let template = try #require((json as? [String: Any])?["template"] as? [String: Any])
    return try #require(template["mappings"] as? [String: Any])
  }

  @Test func `no two events want one field in two types`() throws {
    var index = Index(try Self.mappings())
    for line in FormatRecords.lines(.ecs) { index.take(try Event(line).tree) }
    #expect(index.refusals.isEmpty, "\(index.refusals.prefix(5))")
    #expect(index.types.count > 100, "the fixtures fill many fields")
  }

  @Test func `without it values of changes would be refused`() throws {
    var mappings = try Self.mappings()
    mappings["properties"] = [String: Any]()
    var index = Index(mappings)
    for line in FormatRecords.lines(.ecs) { index.take(try Event(line).tree) }
    #expect(index.refusals.contains { $0.hasPrefix("millrace.changes.") })
  }
}

/// What Elasticsearch does with documents, as far as types go: a field has the type that its
/// mapping says, else that of its first value, and a value of another type refuses the document.
private struct Index {
  private let mappings: [String: Any]
  private(set) var types: [String: String] = [:]
  private(set) var refusals: [String] = []

  init(_ mappings: [String: Any]) {
    self.mappings = mappings
  }

  mutating func take(_ document: [String: Any]) {
    for (name, value) in document { take(value, name, mappings["properties"]) }
  }

  private mutating func take(_ value: Any, _ path: String, _ properties: Any?) {
    let name = path.split(separator: ".").last.map(String.init) ?? path
    let mapping = (properties as? [String: Any])?[name] as? [String: Any]
    if value is NSNull { return }
    if let list = value as? [Any] {
      for element in list { take(element, path, properties) }
      return
    }
    let declared = mapping?["type"] as? String
    switch declared {
    case "flattened":
      if !(value is [String: Any]) { refusals.append("\(path): not an object") }
    case "geo_point":
      let point = value as? [String: Double]
      if point.map({ Set($0.keys) }) != ["lat", "lon"] { refusals.append("\(path): no point") }
    case "date":
      if (value as? String).map(isDate) != true { refusals.append("\(path): no time: \(value)") }
    case "ip":
      if (value as? String).map(isAddress) != true { refusals.append("\(path): \(value)") }
    default:
      take(value, path, declared, mapping?["properties"])
    }
  }

  private mutating func take(
    _ value: Any, _ path: String, _ declared: String?, _ properties: Any?
  ) {
    if let object = value as? [String: Any] {
      note("object", path)
      for (name, value) in object { take(value, "\(path).\(name)", properties) }
    } else if value is String {
      if declared == "long" { return refusals.append("\(path): \(value)") }
      note("text", path)
    } else {
      note(isBoolean(value) ? "boolean" : "number", path)
    }
  }

  private mutating func note(_ type: String, _ path: String) {
    if let known = types[path], known != type {
      refusals.append("\(path): \(type), and \(known) before")
    }
    types[path] = types[path] ?? type
  }

  /// `strict_date_optional_time`, as the program writes times.
  private func isDate(_ text: String) -> Bool {
    text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil
  }
}
