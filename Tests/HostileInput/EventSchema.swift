/// The schema of events, taken apart once, so that millions of events can be held against it. A
/// keyword or pattern it does not know is an error, so that none is silently passed over.
package struct EventSchema: Sendable {
  private let root: Node

  /// What a value must be.
  private indirect enum Node: Sendable {
    case rules([Rule])
  }

  private enum Rule: Sendable {
    case types([String])
    case words(Set<String>)
    case matches(String, @Sendable ([Unicode.Scalar]) -> Bool)
    case length(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case elements(Node)
    case elementsMax(Int)
    case membersMin(Int)
    case required([String])
    case members([String: Node], isClosed: Bool)
  }

  /// Takes the schema in `text` apart.
  package init(_ text: [UInt8]) throws {
    let tree = try JSONReader.read(text).tree
    root = try EventSchema.node(tree, tree["$defs"] ?? .object([]))
  }

  /// What is wrong with an event, with its place; nil when nothing is.
  package func flaw(of event: JSONTree) -> String? { EventSchema.flaw(event, root, "$") }

  // MARK: Reading

  private static let silent: Set<String> = [
    "$schema", "$id", "$defs", "title", "description", "additionalProperties", "items",
  ]

  private static func node(_ schema: JSONTree, _ definitions: JSONTree) throws -> Node {
    guard case .object(let members) = schema else {
      throw JSONProblem(reason: "a schema that is no object", offset: 0)
    }
    if let reference = schema["$ref"]?.string {
      guard let target = definitions[String(reference.dropFirst("#/$defs/".count))] else {
        throw JSONProblem(reason: "no definition \(reference)", offset: 0)
      }
      return try node(target, definitions)
    }
    var rules: [Rule] = []
    for member in members {
      let keyword = String(decoding: member.name, as: UTF8.self)
      if silent.contains(keyword) { continue }
      rules.append(try rule(keyword, member.value, schema, definitions))
    }
    if let items = schema["items"] { rules.append(.elements(try node(items, definitions))) }
    return .rules(rules)
  }

  private static func rule(
    _ keyword: String, _ value: JSONTree, _ schema: JSONTree, _ definitions: JSONTree
  ) throws -> Rule {
    var number = 0.0
    if case .number(let text) = value { number = Double(text) ?? .nan }
    switch keyword {
    case "type": return .types(strings(value))
    case "enum": return .words(Set(strings(value)))
    case "minLength": return .length(Int(number)...Int.max)
    case "maxLength": return .length(0...Int(number))
    case "minimum": return .number(number...Double.infinity)
    case "maximum": return .number(-Double.infinity...number)
    case "maxItems": return .elementsMax(Int(number))
    case "minProperties": return .membersMin(Int(number))
    case "required": return .required(strings(value))
    case "pattern":
      let pattern = value.string ?? ""
      if let test = EventPatterns.tests[pattern] { return .matches(pattern, test) }
    case "properties":
      guard case .object(let members) = value else { break }
      var nodes: [String: Node] = [:]
      for member in members {
        nodes[String(decoding: member.name, as: UTF8.self)] = try node(member.value, definitions)
      }
      return .members(nodes, isClosed: schema["additionalProperties"] == .flag(false))
    default: break
    }
    throw JSONProblem(reason: "the checker does not know this use of \(keyword)", offset: 0)
  }

  private static func strings(_ tree: JSONTree) -> [String] {
    if case .list(let values) = tree { return values.compactMap(\.string) }
    return tree.string.map { [$0] } ?? []
  }

  // MARK: Checking

  private static func flaw(_ value: JSONTree, _ node: Node, _ path: String) -> String? {
    guard case .rules(let rules) = node else { return nil }
    for rule in rules {
      if let flaw = flaw(value, rule, path) { return flaw }
    }
    return nil
  }

  private static func flaw(_ value: JSONTree, _ rule: Rule, _ path: String) -> String? {
    switch (rule, value) {
    case (.types(let names), _):
      return names.contains { isType(value, $0) } ? nil : "\(path) is no \(names)"
    case (.words(let words), _):
      return words.contains(value.string ?? "") ? nil : "\(path) is not of the list"
    case (.matches(let pattern, let test), .text):
      return test(Array((value.string ?? "").unicodeScalars)) ? nil : "\(path) is not \(pattern)"
    case (.length(let range), .text):
      let count = value.string?.unicodeScalars.count ?? 0
      return range.contains(count) ? nil : "\(path) has the wrong length"
    case (.number(let range), .number(let text)):
      return Double(text).map(range.contains) == true ? nil : "\(path) is out of range"
    case (.elements(let node), .list(let values)):
      for (index, value) in values.enumerated() {
        if let flaw = flaw(value, node, "\(path)[\(index)]") { return flaw }
      }
    case (.elementsMax(let count), .list(let values)):
      return values.count <= count ? nil : "\(path) is too long"
    case (.membersMin(let count), .object(let members)):
      return members.count >= count ? nil : "\(path) is empty"
    case (.required(let names), .object):
      return names.first { value[$0] == nil }.map { "\(path) lacks \($0)" }
    case (.members(let nodes, let isClosed), .object(let members)):
      for member in members {
        let name = String(decoding: member.name, as: UTF8.self)
        if let node = nodes[name] {
          if let flaw = flaw(member.value, node, "\(path).\(name)") { return flaw }
        } else if isClosed {
          return "\(path) must not have \(name)"
        }
      }
    default: break
    }
    return nil
  }

  private static func isType(_ value: JSONTree, _ name: String) -> Bool {
    switch value {
    case .null: return name == "null"
    case .flag: return name == "boolean"
    case .text: return name == "string"
    case .list: return name == "array"
    case .object: return name == "object"
    case .number(let text):
      return name == "number"
        || name == "integer" && Double(text).map { $0 == $0.rounded() } == true
    }
  }
}

/// The patterns of the schema, by hand: a regular expression engine would take most of the time.
private enum EventPatterns {
  static let tests: [String: @Sendable ([Unicode.Scalar]) -> Bool] = [
    "^.+: .+$": { text in
      guard let line = text.split(separator: "\n", omittingEmptySubsequences: false).first,
        line.count == text.count
      else { return false }
      return text.indices.dropFirst().contains {
        text[$0] == ":" && $0 + 2 < text.count && text[$0 + 1] == " "
      }
    },
    "^([0-9A-F]{16}|mp1[hr][a-z2-7]+)$": { text in
      if text.count == 16, text.allSatisfy({ isDigit($0) || ("A"..."F").contains($0) }) {
        return true
      }
      return ["mp1h", "mp1r"].contains { text.starts(with: $0.unicodeScalars) }
        && text.count > 4
        && text.dropFirst(4).allSatisfy {
          ("a"..."z").contains($0) || ("2"..."7").contains($0)
        }
    },
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$": { text in
      let shape = Array("0000-00-00T00:00:00.000Z".unicodeScalars)
      return text.count == shape.count
        && zip(text, shape).allSatisfy { $1 == "0" ? isDigit($0) : $0 == $1 }
    },
    "^[A-Z]{2}$": { text in text.count == 2 && text.allSatisfy { ("A"..."Z").contains($0) } },
    "^[a-z0-9_]+(\\.[a-z0-9_]+)+$": { text in
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      return parts.count >= 2
        && parts.allSatisfy { part in
          !part.isEmpty && part.allSatisfy { isDigit($0) || ("a"..."z").contains($0) || $0 == "_" }
        }
    },
    "^millrace/1\\.[0-9]+$": { text in
      let prefix = Array("millrace/1.".unicodeScalars)
      return text.starts(with: prefix) && text.count > prefix.count
        && text.dropFirst(prefix.count).allSatisfy(isDigit)
    },
  ]

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
