import CSQLite
import MillraceSchemas

/// Brings a database to the version this program knows: forward only, one transaction a step.
enum Migrations {
  /// The version this program writes.
  static var current: Int64 { Int64(StoreSchema.steps.count) }

  /// Checks that the database is ours and not newer, and takes the steps it lacks.
  static func migrate(_ connection: Connection) throws(StoreError) {
    try checkIsOurs(connection)
    if try version(of: connection) == current { return }
    // Steps rebuild tables that others refer to; what they leave is checked as a whole.
    try connection.execute("PRAGMA foreign_keys = OFF")
    try takeSteps(connection)
    try connection.execute("PRAGMA foreign_keys = ON")
  }

  private static func takeSteps(_ connection: Connection) throws(StoreError) {
    while true {
      let version = try version(of: connection)
      if version == current { return }
      try connection.execute("BEGIN IMMEDIATE")
      do throws(StoreError) {
        try connection.execute(StoreSchema.steps[Int(version)])
        if version == 1 { try connection.chainLog() }
        if let broken = try connection.text("PRAGMA foreign_key_check") {
          throw StoreError(
            kind: .damaged, operation: "migrate to schema version \(version + 1)",
            message: "a row of \(broken) refers to nothing",
            hint: "restore a backup; nothing was changed")
        }
        try connection.execute("PRAGMA user_version = \(version + 1)")
        try connection.execute("PRAGMA application_id = \(StoreSchema.applicationID)")
        try connection.execute("COMMIT")
      } catch {
        if connection.isInTransaction { try connection.execute("ROLLBACK") }
        throw error
      }
    }
  }

  /// Refuses a database that is someone else's or newer than this program.
  static func checkIsOurs(_ connection: Connection) throws(StoreError) {
    let application = try connection.integer("PRAGMA application_id") ?? 0
    let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    guard application == Int64(StoreSchema.applicationID) || (application == 0 && tables == 0)
    else {
      throw StoreError(
        kind: .damaged, operation: "open", message: "millrace.db is not a database of Millrace",
        hint: "point store.path at a folder of its own")
    }
    let version = try version(of: connection)
    guard version <= current else {
      throw StoreError(
        kind: .newer, operation: "open",
        message: "the store has schema version \(version), this program knows \(current)",
        hint: "run the newer Millrace that wrote it; going back is not possible")
    }
  }

  /// Refuses also what is older: whoever only looks takes no steps.
  static func checkIsCurrent(_ connection: Connection) throws(StoreError) {
    try checkIsOurs(connection)
    let version = try version(of: connection)
    guard version == current else {
      throw StoreError(
        kind: .older, operation: "open",
        message: "the store has schema version \(version), this program reads \(current)",
        hint: "\"millrace run\" brings it up to date")
    }
  }

  static func version(of connection: Connection) throws(StoreError) -> Int64 {
    try connection.integer("PRAGMA user_version") ?? 0
  }
}

extension Connection {
  /// Computes the chain of a log that was written before there was one.
  fileprivate func chainLog() throws(StoreError) {
    var previous = LogChain.beginning
    var next: Int64 = 1
    while let row = try chainLinks(from: next, limit: 1).first?.row {
      previous = LogChain.link(after: previous, row)
      let link = previous
      try run("UPDATE log SET chain = ?2 WHERE sequence = ?1") { (statement) throws(StoreError) in
        try statement.bind(1, row.sequence).bind(2, link)
      }
      next = row.sequence + 1
    }
  }
}
