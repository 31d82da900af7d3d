import Foundation
import MillraceEvents
import Testing

/// What formats say of one record.
func event(_ record: String, in format: EventFormat) throws -> Event {
  try Event(#require(lines(of: blob("[\(record)]"), format: format).first))
}

/// What formats say of a fixture.
func formatted(_ name: String, in format: EventFormat) throws -> Event {
  try Event(`Fixtures of formats`.line(of: name, format))
}

extension Event {
  /// Class and activity as the table of actions has them.
  var meaning: String {
    "\(number("class_uid") ?? 0)/\(number("activity_id") ?? 0)"
  }

  /// Categories and types as the table of actions has them.
  var categorization: String {
    let categories = list("event.category") ?? []
    let types = list("event.type") ?? []
    return categories.joined(separator: ", ") + ": " + types.joined(separator: ", ")
  }

  func objects(_ path: String) -> [[String: Any]] {
    tree[path] as? [[String: Any]] ?? []
  }

  /// The values of all observables of an attribute.
  func observed(_ name: String) -> [String] {
    objects("observables").filter { $0["name"] as? String == name }
      .compactMap { $0["value"] as? String }
  }
}
