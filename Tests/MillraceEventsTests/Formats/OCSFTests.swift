import Foundation
import MillraceEvents
import Testing

@Suite struct `OCSF` {
  /// The published classes and objects, and what is wrong with an event by them.
  struct Checker {
    private let schema: [String: Any]

    init() throws {
      let file = fixtures.appendingPathComponent("formats/ocsf.json")
      let parsed = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
      schema = try #require(parsed as? [String: Any])
    }

    private func table(_ name: String) -> [String: [String: Any]] {
      schema[name] as? [String: [String: Any]] ?? [:]
    }

    func errors(_ event: [String: Any]) -> [String] {
      guard let uid = event["class_uid"] as? Int, var definition = table("classes")["\(uid)"] else {
        return ["the class is none"]
      }
      var errors: [String] = []
      let activity = event["activity_id"] as? Int ?? -1
      if event["type_uid"] as? Int != uid * 100 + activity { errors.append("type_uid") }
      if event["category_uid"] as? Int != uid / 1000 { errors.append("category_uid") }
      var attributes = definition["attributes"] as? [String: String] ?? [:]
      let profiles = (event["metadata"] as? [String: Any])?["profiles"] as? [String] ?? []
      for profile in profiles {
        let more = table("profiles")[profile] as? [String: String] ?? [:]
        if more.isEmpty { errors.append("\(profile) is no profile") }
        attributes.merge(more) { own, _ in own }
      }
      attributes["unmapped"] = "json_t"
      definition["attributes"] = attributes
      return errors + self.errors(event, definition, "\(uid)")
    }

    private func errors(
      _ value: Any, _ definition: [String: Any], _ path: String
    ) -> [String] {
      guard let object = value as? [String: Any] else { return ["\(path) is no object"] }
      let attributes = definition["attributes"] as? [String: String] ?? [:]
      var errors: [String] = []
      for (name, member) in object {
        if let type = attributes[name] {
          errors += check(member, type, "\(path).\(name)")
        } else {
          errors.append("\(path).\(name) is no attribute")
        }
      }
      for name in definition["required"] as? [String] ?? [] where object[name] == nil {
        errors.append("\(path) lacks \(name)")
      }
      errors += siblingErrors(object, attributes, path)
      if let any = definition["at_least_one"] as? [String], any.allSatisfy({ object[$0] == nil }) {
        errors.append("\(path) has none of \(any)")
      }
      return errors
    }

    /// Of a number and its name, the name never stands alone, and "other" has one.
    private func siblingErrors(
      _ object: [String: Any], _ attributes: [String: String], _ path: String
    ) -> [String] {
      attributes.keys.filter { attributes[$0 + "_id"] != nil }.compactMap { name in
        let number = object[name + "_id"] as? Int
        if object[name] != nil, number == nil { return "\(path) has \(name) without its number" }
        return object[name] == nil && number == 99 ? "\(path) lacks \(name)" : nil
      }
    }

    private func check(_ value: Any, _ declared: String, _ path: String) -> [String] {
      let words = declared.split(separator: " ").map(String.init)
      let type = words[0]
      if type.hasSuffix("[]") {
        guard let list = value as? [Any], !list.isEmpty else { return ["\(path) is no list"] }
        let element = ([String(type.dropLast(2))] + words.dropFirst()).joined(separator: " ")
        return list.flatMap { check($0, element, path + "[]") }
      }
      if let object = table("objects")[type] { return errors(value, object, path) }
      let text = value as? String
      let number = isBoolean(value) ? nil : value as? Int
      let isRight =
        switch type {
        case "json_t": true
        case "boolean_t": isBoolean(value)
        case "float_t": !isBoolean(value) && value is Double
        case "integer_t":
          number.map { words.count == 1 || words.dropFirst().contains("\($0)") } ?? false
        case "long_t", "timestamp_t": number != nil
        case "port_t": number.map { (0...65535).contains($0) } ?? false
        case "ip_t": text.map(isAddress) ?? false
        case "email_t": text?.contains("@") ?? false
        default: text?.isEmpty == false
        }
      return isRight ? [] : ["\(path) is no \(declared): \(value)"]
    }
  }

  @Test func `events keep to their classes`() throws {
    let checker = try Checker()
    var classes: Set<Int> = []
    for line in FormatRecords.lines(.ocsf) {
      let event = try Event(line)
      #expect(checker.errors(event.tree) == [], "\(line)")
      if let uid = event.number("class_uid") { classes.insert(uid) }
    }
    #expect(classes.isSuperset(of: [3002, 3004, 3005, 6001, 6003, 6006, 2004, 2006]))
  }

  @Test func `what breaks it is found`() throws {
    let checker = try Checker()
    let good = try Event(`Fixtures of formats`.line(of: "guest-downloads-file", .ocsf)).tree
    #expect(checker.errors(good) == [])
    func broken(_ name: String, _ value: Any?) -> Bool {
      var event = good
      event[name] = value
      return !checker.errors(event).isEmpty
    }
    #expect(broken("class_uid", 1))
    #expect(broken("type_uid", 600601))
    #expect(broken("activity_id", 18))
    #expect(broken("severity_id", 7))
    #expect(broken("file", nil))
    #expect(broken("actor", [String: Any]()))
    #expect(broken("src_endpoint", ["ip": "x"]))
    #expect(broken("unknown", 1))
    #expect(broken("time", "2026-03-04T12:00:00Z"))
    #expect(broken("action_id", 2))
    #expect(broken("share_type", "Link"))
    #expect(broken("share_type_id", 99))
  }

  @Test func `what has no attribute is in unmapped`() throws {
    let record = record(#""Odd":{"a":1},"ResultStatus":"Success""#)
    let line = try #require(lines(of: blob("[\(record)]"), format: .ocsf).first)
    let event = try Event(line)
    #expect(event.number("unmapped.Odd.a") == 1)
    #expect(event["unmapped.millrace.outcome.status"] == "Success")
  }

  @Test func `a namesake in the record stands where the event has it`() throws {
    let members = #""Odd":1,"millrace":"mine","Last":2"#
    let line = try #require(lines(of: blob("[\(record(members))]"), format: .ocsf).first)
    let event = try Event(line)
    #expect(event["unmapped.millrace.ext.millrace"] == "mine")
    #expect(event["unmapped.millrace.action"] == "user.login")
    #expect(event.number("unmapped.Odd") == 1)
    #expect(event.number("unmapped.Last") == 2)
  }

  @Test func `an action is written as a class only with what the class requires`() throws {
    func uid(_ members: String, type: Int, operation: String) throws -> Int? {
      let record = record(members, type: type, operation: operation)
      let line = try #require(lines(of: blob("[\(record)]"), format: .ocsf).first)
      return try Event(line).number("class_uid")
    }
    let name = #""SourceFileName":"a.txt","ItemType":"File","UserId":"a@b.example""#
    #expect(try uid(name, type: 6, operation: "FileDownloaded") == 6006)
    #expect(try uid("", type: 6, operation: "FileDownloaded") == 6003)
    #expect(try uid(#""UserId":"a@b.example""#, type: 15, operation: "UserLoggedIn") == 3002)
    #expect(try uid("", type: 15, operation: "UserLoggedIn") == 6003)
  }
}
