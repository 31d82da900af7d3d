import Foundation
import MillraceCore
import MillraceEvents
import Testing

/// The events of the fixtures in every format. `MILLRACE_UPDATE_FIXTURES=1` writes them anew; what
/// changed then shows in the difference to the committed files.
@Suite struct `Fixtures of formats` {
  /// A case in a format, as one line.
  static func line(of name: String, _ format: EventFormat) throws -> String {
    let folder = `Fixtures of normalization`.folder.appendingPathComponent(name)
    let record = try String(
      contentsOf: folder.appendingPathComponent("record.json"), encoding: .utf8)
    let found = try lines(
      of: blob("[\(record)]"), format: format, context: `Fixtures of normalization`.context(name))
    #expect(found.count == 1)
    return try #require(found.first)
  }

  @Test(
    arguments: `Fixtures of normalization`.cases,
    [(EventFormat.ecs, "ecs.json"), (.ocsf, "ocsf.json"), (.cef, "cef.txt")])
  func `a record becomes its line, byte for byte`(
    _ name: String, _ format: (EventFormat, String)
  ) throws {
    let line = try Self.line(of: name, format.0) + "\n"
    let file = `Fixtures of normalization`.folder.appendingPathComponent(name)
      .appendingPathComponent(format.1)
    if ProcessInfo.processInfo.environment["MILLRACE_UPDATE_FIXTURES"] == "1" {
      try line.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == line)
  }

  /// Where events say something else than the worked examples, and why.
  private static let differences: [String: Set<String>] = [
    "ocsf": [
      // Paths into the event that is written, which the examples shorten; and more of them.
      "observables",
      // More is said of the owner of a mailbox.
      "resources",
      // Fields of the event that OCSF has no attribute for are under `unmapped.millrace`.
      "unmapped.SensitivityLabelId",
      // The example leaves most parameters out.
      "api.request.data.ForwardTo",
    ],
    "ecs": [
      // The examples leave out what is said of each item.
      "millrace.email.items",
      // The example knows by configuration that the address is the service's.
      "millrace.source.kind",
    ],
  ]

  /// Places come from the operator's databases, which these tests have none of.
  private static func isPlace(_ path: String) -> Bool {
    path.hasPrefix("source.geo.") || path.hasPrefix("source.as.")
      || path.hasPrefix("src_endpoint.location.")
      || path.hasPrefix("src_endpoint.autonomous_system.")
  }

  @Test(arguments: `Fixtures of normalization`.cases, [EventFormat.ecs, .ocsf])
  func `what an event says agrees with the worked example`(
    _ name: String, _ format: EventFormat
  ) throws {
    let file = `Fixtures of normalization`.folder.appendingPathComponent(name)
      .appendingPathComponent("goal-\(format.rawValue).json")
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    let goal = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let event = try Event(Self.line(of: name, format)).tree
    let found = Leaves.all(event)
    var compared = 0
    for (path, value) in Leaves.all(goal) {
      if Self.differences[format.rawValue]?.contains(path) == true { continue }
      if Self.isPlace(path) { continue }
      #expect(found[path] == value, "\(path) of \(name)")
      compared += 1
    }
    #expect(compared >= 12, "the two have fields in common")
  }
}

/// The leaves of objects, by path; lists as JSON.
enum Leaves {
  static func all(_ tree: [String: Any], _ prefix: String = "") -> [String: String] {
    var leaves: [String: String] = [:]
    for (name, value) in tree {
      if let object = value as? [String: Any] {
        leaves.merge(all(object, prefix + name + ".")) { first, _ in first }
      } else {
        leaves[prefix + name] = text(value)
      }
    }
    return leaves
  }

  /// A value in one spelling, whatever the order of members in it.
  private static func text(_ value: Any) -> String {
    guard value is [Any],
      let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
    else { return "\(value)" }
    return String(decoding: data, as: UTF8.self)
  }
}
