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
    // The examples have times of the service's own spelling; ours are RFC 3339.
    "ocsf": [
      "metadata.original_time",
      // Lists and objects that the examples shorten.
      "observables", "resources", "unmapped", "api.request.data", "metadata.profiles",
      "evidences",
      // An administrator's number makes the actor an administrator.
      "actor.user.type_id",
      // Of some examples, the raw status.
      "status_detail",
      // Of alerts, until the native event has all that their records say.
      "finding_info.uid", "finding_info.title", "status_id", "action_id", "disposition_id",
    ],
    "ecs": [
      // The example shows the address without its escapes.
      "url.original",
      // Lists that are longer when all fields of the record are read.
      "related.user", "event.type", "millrace.email.items",
      // The example knows by configuration that the address is the service's.
      "millrace.source.kind",
    ],
  ]

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
      guard let own = found[path] else { continue }
      #expect(own == value, "\(path) of \(name)")
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
