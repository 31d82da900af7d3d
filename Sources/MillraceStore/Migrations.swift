import CSQLite
import MillraceSchemas

/// Brings a database to the version this program knows: forward only, one transaction a step.
enum Migrations {
  /// The version this program writes.
  static var current: Int64 { Int64(StoreSchema.steps.count) }

  /// Checks that the database is ours and not newer, and takes the steps it lacks.
  static func migrate(_ connection: Connection) throws(StoreError) {
    try checkIsOurs(connection)
    while true {
      let version = try version(of: connection)
      if version == current { return }
      try connection.execute("BEGIN IMMEDIATE")
      do throws(StoreError) {
        try connection.execute(StoreSchema.steps[Int(version)])
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

  private static func version(of connection: Connection) throws(StoreError) -> Int64 {
    try connection.integer("PRAGMA user_version") ?? 0
  }
}
