import Foundation
import MillraceEvents
import Testing

@Suite struct `The tables of operations` {
  private let operations = EventLists.operations

  private func enumeration(_ path: String) throws -> [String]? {
    try SchemaChecker(project.appendingPathComponent("Schemas/event.schema.json"))
      .property(path)?["enum"] as? [String]
  }

  private func repeated(_ keys: [String]) -> [String] {
    Dictionary(grouping: keys) { $0 }.filter { $1.count > 1 }.keys.sorted()
  }

  @Test func `the names that mean one thing everywhere stand in one table, once`() {
    #expect(operations.count > 500)
    #expect(repeated(operations.filter(\.isShared).map(\.key)) == [])
  }

  @Test func `no table has a name twice`() {
    #expect(repeated(operations.map { "\($0.table) \($0.key)" }) == [])
  }

  @Test func `names are normalized, so that they are found`() {
    for operation in operations {
      let key = operation.key
      #expect(key == key.lowercased() && !key.isEmpty)
      #expect(!key.hasSuffix(".") && !key.contains("  ") && !key.contains("\u{2013}"))
      #expect(key == key.trimmingCharacters(in: .whitespaces))
    }
  }

  @Test func `the closed lists are those of the schema`() throws {
    #expect(try enumeration("category").map(Set.init) == Set(EventLists.categories))
    #expect(try enumeration("verb").map(Set.init) == Set(EventLists.verbs))
    #expect(try enumeration("severity") == EventLists.severities)
    #expect(try enumeration("outcome.result").map(Set.init) == Set(EventLists.outcomes))
  }

  @Test func `actions are noun and verb`() {
    let shape = /[a-z0-9_]+(\.[a-z0-9_]+)+/
    for operation in operations {
      #expect(operation.action.wholeMatch(of: shape) != nil, "\(operation.key)")
    }
  }

  @Test func `one action has one category and one verb, wherever it comes from`() {
    // The same words for a directory's and a mail system's things, or for what differs by its way.
    let exceptions: Set = [
      "group.member.add", "group.member.remove", "app.create", "app.update", "app.delete",
      "app.permission.grant", "app.install", "app.remove", "app.permission.revoke",
    ]
    let rows = operations + EventLists.operationBeginnings
    let byAction = Dictionary(grouping: rows) { $0.action }
    for (action, rows) in byAction where !exceptions.contains(action) {
      #expect(Set(rows.map { [$0.category, $0.verb] }).count == 1, "\(action)")
    }
  }

  @Test func `beginnings that stand before others are the longer ones`() {
    let keys = EventLists.operationBeginnings.map(\.key)
    #expect(repeated(keys) == [])
    for (index, key) in keys.enumerated() {
      #expect(!keys[..<index].contains { key.hasPrefix($0) }, "\(key) is never found")
    }
  }

  @Test func `what a beginning means, no name that begins so says as well`() {
    for beginning in EventLists.operationBeginnings {
      #expect(beginning.key == beginning.key.lowercased())
      let same = operations.filter {
        $0.key.hasPrefix(beginning.key) && $0.action == beginning.action
      }
      #expect(same.map(\.key) == [], "\(beginning.key)")
    }
  }

  @Test(arguments: [
    (
      8, "Update application \u{2013} Certificates and secrets management ", "app.credential.update"
    ),
    (8, "Add user.", "user.create"), (8, "Frobnicate widget.", "directory.other"),
    (2, "Create", "mailbox.item.create"), (21, "Create", "other.create"),
    (6, "FileDeleted", "file.delete"), (63, "FileDeleted", "endpoint.file.delete"),
    (98, "MCAS_ALERT_ANUBIS_DETECTION_VELOCITY", "alert.create"), (294, "x", "risk.detect"),
    (275, "AccessTokenIssued", "token.issue"), (15, "x", "other.other"),
    (15, "UserLoginStepTaken", "user.login"), (15, "UserLogout", "user.logout"),
    (9, "PasswordLogonSomeNewStep", "user.login"), (15, "TokenIssued", "other.other"),
    (41, "x", "threat.url.click"),
    (261, "CopilotInteraction", "ai.interact"), (14, "SharingSet", "share.grant"),
    (14, "SecureLinkUsed", "share.link.use"), (20, "ViewReport", "report.view"),
    (25, "MemberRoleChanged", "team.member.role"), (4, "SiteCollectionCreated", "site.create"),
    (24, "SearchExported", "ediscovery.export"),
    (24, "RemovedSearchExported", "ediscovery.search.delete"),
    (24, "RemovedSearchPreviewed", "ediscovery.search.delete"),
    (24, "SearchStopped", "ediscovery.search.update"),
    (25, "AppPublishedToCatalog", "app.publish"), (25, "AppUpdatedInCatalog", "app.update"),
    (25, "AppDeletedFromCatalog", "app.remove"), (14, "UserAddedToGroup", "group.member.add"),
    (14, "UserRemovedFromGroup", "group.member.remove"),
    (14, "SharedLinkCreated", "share.link.create"), (14, "SharedLinkDisabled", "share.link.delete"),
    (65, "QuarantineReleaseRequest", "quarantine.request.create"),
    (65, "QuarantineReleaseRequestDeny", "quarantine.request.reject"),
    (102, "SearchQueryInitiatedSharePoint", "search.query"),
    (4, "SPAppUpgraded", "app.install"), (4, "SPAppRemoved", "app.remove"),
    (20, "UpdateCapacityDelegation", "tenant.setting.update"),
    (20, "UpdateWorkspaceAccess", "workspace.member.update"),
    (52, "AggregateSomethingOdd", "portal.query"), (6, "AggregateSomethingOdd", "other.other"),
    (68, "AuditSearchPaused", "audit.search"),
    (1, "New-FederationTrust", "domain.federation.update"),
    (310, "CreateCopilotPlugin", "ai.plugin.create"),
  ])
  func `an operation means what its table says`(
    _ type: Int, _ operation: String, _ action: String
  ) throws {
    let event = try event(record(type: type, operation: operation))
    #expect(event["action"] == action)
  }
}
