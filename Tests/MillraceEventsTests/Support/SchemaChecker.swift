import Foundation

/// Checks a value against the part of JSON Schema 2020-12 that the schemas of this project use; a
/// keyword it does not know is an error of its own, so that none is silently ignored.
struct SchemaChecker {
  private let root: [String: Any]

  init(_ file: URL) throws {
    let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    guard let root = parsed as? [String: Any] else { throw CocoaError(.fileReadCorruptFile) }
    self.root = root
  }

  /// What is wrong with a value, each with its place; empty when it is valid.
  func errors(_ value: Any) -> [String] { errors(value, root, "$") }

  /// The schema of a property by its path, names joined by dots; nil when there is none.
  func property(_ path: String) -> [String: Any]? {
    var current = root
    for name in path.split(separator: ".") {
      let properties = resolved(current)["properties"] as? [String: Any]
      guard let next = properties?[String(name)] as? [String: Any] else { return nil }
      current = next
    }
    return current
  }

  /// The properties that say nothing of themselves, those of elements of lists among them.
  var undescribed: [String] {
    func search(_ schema: [String: Any], _ path: String) -> [String] {
      let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
      let members = properties.flatMap { name, property in
        let place = "\(path).\(name)"
        let isSilent = property["$ref"] == nil && property["description"] == nil
        return (isSilent ? [place] : []) + search(property, place)
      }
      return members + ((schema["items"] as? [String: Any]).map { search($0, path + "[]") } ?? [])
    }
    let definitions = root["$defs"] as? [String: [String: Any]] ?? [:]
    return (search(root, "") + definitions.flatMap { search($0.value, $0.key) }).sorted()
  }

  private func resolved(_ schema: [String: Any]) -> [String: Any] {
    guard let reference = schema["$ref"] as? String else { return schema }
    let name = reference.replacingOccurrences(of: "#/$defs/", with: "")
    return (root["$defs"] as? [String: Any])?[name] as? [String: Any] ?? ["unknown reference": name]
  }

  private func errors(_ value: Any, _ unresolved: [String: Any], _ path: String) -> [String] {
    let schema = resolved(unresolved)
    var errors: [String] = []
    for (keyword, argument) in schema {
      if let error = check(value, keyword, argument, schema) { errors.append("\(path): \(error)") }
    }
    let properties = schema["properties"] as? [String: Any] ?? [:]
    for (name, member) in value as? [String: Any] ?? [:] {
      if let schema = properties[name] as? [String: Any] {
        errors += self.errors(member, schema, "\(path).\(name)")
      }
    }
    if let items = schema["items"] as? [String: Any] {
      for (index, element) in (value as? [Any] ?? []).enumerated() {
        errors += self.errors(element, items, "\(path)[\(index)]")
      }
    }
    return errors
  }

  private func check(
    _ value: Any, _ keyword: String, _ argument: Any, _ schema: [String: Any]
  ) -> String? {
    let object = value as? [String: Any]
    let text = value as? String
    let number = isBoolean(value) ? nil : (value as? NSNumber)?.doubleValue
    let limit = (argument as? NSNumber)?.doubleValue ?? .nan
    switch keyword {
    case "type":
      let names = argument as? [String] ?? [argument as? String ?? ""]
      return names.contains { isType(value, $0) } ? nil : "is no \(names.joined(separator: " or "))"
    case "enum":
      return (argument as? [String])?.contains(text ?? "") == true ? nil : "is not of the list"
    case "pattern":
      guard let text else { return nil }
      let pattern = argument as? String ?? ""
      return text.range(of: pattern, options: .regularExpression) == nil ? "is not \(pattern)" : nil
    case "minLength":
      return (text?.unicodeScalars.count).map { Double($0) < limit } == true ? "is too short" : nil
    case "maxLength":
      return (text?.unicodeScalars.count).map { Double($0) > limit } == true ? "is too long" : nil
    case "minimum": return number.map { $0 < limit } == true ? "is too small" : nil
    case "maximum": return number.map { $0 > limit } == true ? "is too large" : nil
    case "maxItems":
      return (value as? [Any]).map { Double($0.count) > limit } == true ? "is too long" : nil
    case "minProperties": return object.map { Double($0.count) < limit } == true ? "is empty" : nil
    case "required":
      let missing = (argument as? [String] ?? []).filter { object?[$0] == nil }
      return object == nil || missing.isEmpty ? nil : "lacks \(missing.joined(separator: ", "))"
    case "additionalProperties":
      guard argument as? Bool == false, let object else { return nil }
      let known = Set((schema["properties"] as? [String: Any] ?? [:]).keys)
      let unknown = object.keys.filter { !known.contains($0) }
      return unknown.isEmpty ? nil : "must not have \(unknown.joined(separator: ", "))"
    case "$schema", "$id", "$defs", "title", "description", "properties", "items": return nil
    default: return "the schema has the keyword \(keyword), which this checker does not know"
    }
  }

  private func isBoolean(_ value: Any) -> Bool {
    isStoredAsBoolean(value)
  }

  private func isType(_ value: Any, _ name: String) -> Bool {
    switch name {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "boolean": isBoolean(value)
    case "number": !isBoolean(value) && value is NSNumber
    case "integer":
      !isBoolean(value)
        && (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } == true
    default: false
    }
  }

  /// JSONSerialization gives booleans and numbers as NSNumber; their C type tells them apart.
  private func isStoredAsBoolean(_ value: Any) -> Bool {
    guard let number = value as? NSNumber else { return false }
    return String(cString: number.objCType) == "c"
  }
}
