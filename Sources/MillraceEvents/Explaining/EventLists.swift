/// What the tables of operations hold, and the closed lists of native events: for the schema, for
/// documents and for tests to be held against.
package enum EventLists {
  /// A row of a table of operations.
  package struct Operation: Hashable, Sendable {
    /// The file the row stands in, without its ending.
    package let table: String
    /// Whether the name means this in every record type.
    package let isShared: Bool
    /// The operation's normalized name.
    package let key: String
    /// What it becomes.
    package let category: String
    /// What happened, as noun.verb.
    package let action: String
    /// What was done.
    package let verb: String
  }

  /// All rows of all tables of operations.
  package static var operations: [Operation] {
    func list(_ tables: [(file: StaticString, rows: [OperationRow])], isShared: Bool) -> [Operation]
    {
      tables.flatMap { table in
        table.rows.map { row in
          Operation(
            table: "\(table.file)", isShared: isShared, key: "\(row.key)",
            category: "\(row.meaning.category.name)", action: "\(row.meaning.action)",
            verb: "\(row.meaning.verb.name)")
        }
      }
    }
    return list(OperationTables.shared, isShared: true) + list(OperationTables.own, isShared: false)
  }

  /// What operations mean by how their names begin.
  package static var operationBeginnings: [Operation] {
    OperationBeginnings.rows.map { row in
      Operation(
        table: "OperationBeginnings", isShared: row.recordType == nil, key: "\(row.key)",
        category: "\(row.meaning.category.name)", action: "\(row.meaning.action)",
        verb: "\(row.meaning.verb.name)")
    }
  }

  /// The values of `category`.
  package static var categories: [String] { EventCategory.allCases.map { "\($0.name)" } }
  /// The values of `verb`.
  package static var verbs: [String] { EventVerb.allCases.map { "\($0.name)" } }
  /// The values of `severity`, from least to most.
  package static var severities: [String] { EventSeverity.allCases.map { "\($0.name)" } }
  /// The values of `outcome.result`.
  package static var outcomes: [String] { EventOutcome.allCases.map { "\($0.name)" } }
}
