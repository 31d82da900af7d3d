import Foundation
import MillraceEvents
import Testing

@Suite struct `The table of actions` {
  @Test func `each action is there once`() {
    let rows = ActionMeaning.all
    #expect(rows.count > 250)
    for (key, rows) in Dictionary(grouping: rows, by: { [$0.service, $0.action] }) {
      #expect(rows.count == 1, "\(key)")
      #expect(key[1].wholeMatch(of: /[a-z0-9_]+(\.[a-z0-9_]+)+/) != nil, "\(key)")
    }
  }

  @Test func `categories and types go together`() throws {
    let checker = try ECS.Checker()
    for row in ActionMeaning.all {
      let own: [String: Any] = [
        "kind": "event", "outcome": "success", "category": row.categories, "type": row.types,
      ]
      #expect(checker.errors(["event": own]) == [], "\(row.action)")
    }
  }

  @Test func `activities are those of their classes`() throws {
    let file = fixtures.appendingPathComponent("formats/ocsf.json")
    let schema = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    let classes = try #require(schema["classes"] as? [String: [String: Any]])
    for row in ActionMeaning.all {
      let attributes = classes["\(row.classUID)"]?["attributes"] as? [String: String]
      let activities = attributes?["activity_id"]?.split(separator: " ").dropFirst() ?? []
      #expect(activities.contains("\(row.activityID)"), "\(row.action)")
      #expect((row.activityName == nil) == (row.activityID == 99), "\(row.action)")
    }
  }
}
