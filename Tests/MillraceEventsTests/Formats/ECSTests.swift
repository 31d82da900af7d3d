import Foundation
import MillraceEvents
import Testing

@Suite struct `ECS` {
  /// The published fields with their types, and what is wrong with an event by them.
  struct Checker {
    private var types: [String: String] = [:]

    init() throws {
      let file = fixtures.appendingPathComponent("formats/ecs.txt")
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      where !line.hasPrefix("#") {
        let words = line.split(separator: " ")
        types[String(words[0])] = String(words[1])
      }
    }

    func errors(_ event: [String: Any]) -> [String] {
      var errors: [String] = []
      for (name, value) in event where name != "millrace" && name != "o365" {
        errors += self.errors(value, name)
      }
      return errors + vocabulary(event)
    }

    private func errors(_ value: Any, _ path: String) -> [String] {
      guard let type = types[path] else {
        guard let object = value as? [String: Any], !object.isEmpty else {
          return ["\(path) is no field"]
        }
        return object.flatMap { errors($0.value, "\(path).\($0.key)") }
      }
      if type == "nested" {
        guard let list = value as? [[String: Any]], !list.isEmpty else {
          return ["\(path) is no list"]
        }
        return list.flatMap { $0.flatMap { errors($0.value, "\(path).\($0.key)") } }
      }
      if type.hasSuffix("[]") {
        guard let list = value as? [Any], !list.isEmpty else { return ["\(path) is no list"] }
        return list.flatMap { error($0, String(type.dropLast(2)), path) }
      }
      return error(value, type, path)
    }

    private func error(_ value: Any, _ type: String, _ path: String) -> [String] {
      let text = value as? String
      let isRight =
        switch type {
        case "ip": text.map(isAddress) ?? false
        case "long": !isBoolean(value) && value is Int
        case "date": text?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil
        case "geo_point":
          Set((value as? [String: Double] ?? [:]).keys) == ["lat", "lon"]
        case "object": value is [String: Any]
        default: text?.isEmpty == false
        }
      return isRight ? [] : ["\(path) is no \(type): \(value)"]
    }

    /// `event.type` by `event.category` (ECS 8.11, "Categorization fields").
    private static let allowed: [String: Set<String>] = [
      "api": [
        "access", "admin", "allowed", "change", "creation", "deletion", "denied", "end", "info",
        "start", "user",
      ],
      "authentication": ["start", "end", "info"],
      "configuration": ["access", "change", "creation", "deletion", "info"],
      "email": ["info"],
      "file": ["access", "change", "creation", "deletion", "info"],
      "iam": ["admin", "change", "creation", "deletion", "group", "info", "user"],
      "intrusion_detection": ["allowed", "denied", "info"],
      "malware": ["info"],
      "session": ["start", "end", "info"],
      "web": ["access", "error", "info"],
    ]

    private func vocabulary(_ event: [String: Any]) -> [String] {
      let own = event["event"] as? [String: Any] ?? [:]
      var errors: [String] = []
      if !["event", "alert"].contains(own["kind"] as? String ?? "") { errors.append("event.kind") }
      let outcomes = ["success", "failure", "unknown"]
      if !outcomes.contains(own["outcome"] as? String ?? "") { errors.append("event.outcome") }
      let categories = own["category"] as? [String] ?? []
      let types = Set(own["type"] as? [String] ?? [])
      if categories.isEmpty || types.isEmpty { errors.append("event.category or type is empty") }
      for category in categories where Self.allowed[category]?.isDisjoint(with: types) != false {
        errors.append("\(category) has none of the types \(types)")
      }
      let every = categories.reduce(into: Set<String>()) { $0.formUnion(Self.allowed[$1] ?? []) }
      return types.isSubset(of: every) ? errors : errors + ["\(types) of \(categories)"]
    }
  }

  @Test func `events have published fields and values only`() throws {
    let checker = try Checker()
    for line in FormatRecords.lines(.ecs) {
      #expect(try checker.errors(Event(line).tree) == [], "\(line)")
    }
  }

  @Test func `what breaks it is found`() throws {
    let checker = try Checker()
    let good = try Event(`Fixtures of formats`.line(of: "sign-in-success", .ecs)).tree
    #expect(checker.errors(good) == [])
    func broken(_ change: (inout [String: Any], inout [String: Any]) -> Void) -> Bool {
      var event = good
      var own = good["event"] as? [String: Any] ?? [:]
      change(&event, &own)
      event["event"] = own
      return !checker.errors(event).isEmpty
    }
    #expect(broken { event, _ in event["unknown"] = 1 })
    #expect(broken { event, _ in event["source"] = ["ip": "x"] })
    #expect(broken { event, _ in event["related"] = ["user": "a"] })
    #expect(broken { _, own in own["kind"] = "state" })
    #expect(broken { _, own in own["type"] = ["deletion"] })
    #expect(broken { _, own in own["severity"] = "high" })
    #expect(broken { _, own in own["created"] = "2026-03-04" })
  }

  /// Fields that ECS spells otherwise: a flag as a word, an address as a list, a word in lower
  /// case.
  private static let respelled: Set<String> = [
    "outcome.result", "is_alert", "email.from", "email.direction",
  ]

  @Test func `everything the native event says is in it`() throws {
    for record in FormatRecords.fixtures {
      let native = try event(record).tree
      let line = try #require(lines(of: blob("[\(record)]"), format: .ecs).first)
      let own = Set(Leaves.all(try Event(line).tree).values)
      for (path, value) in Leaves.all(native) where !Self.respelled.contains(path) {
        #expect(own.contains(value), "\(path) of \(line)")
      }
    }
  }

  @Test func `a part is a success, an interruption is neither`() throws {
    func outcome(_ record: String) throws -> (String?, String?) {
      let line = try #require(lines(of: blob("[\(record)]"), format: .ecs).first)
      let event = try Event(line)
      return (event["event.outcome"], event["event.reason"])
    }
    let part = try outcome(record(#""ResultStatus":"PartiallySucceeded""#, type: 2, operation: "x"))
    #expect(part == ("success", "PartiallySucceeded"))
    let interruption = try outcome(record(#""ErrorNumber":"50140""#))
    #expect(interruption.0 == "unknown")
    #expect(interruption.1 != nil)
    let failure = try outcome(record(#""ErrorNumber":"50126","ResultStatus":"Success""#))
    #expect(failure.0 == "failure")
  }

  @Test func `the record rides along as text`() throws {
    let record = record(#""A":"é\n""#)
    for raw in [RawAttachment.string, .object] {
      let line = try #require(lines(of: blob("[\(record)]"), format: .ecs, raw: raw).first)
      #expect(try Event(line)["event.original"] == record)
    }
  }
}
