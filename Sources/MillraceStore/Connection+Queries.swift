extension Connection {
  /// Runs a statement that answers no rows.
  func run(
    _ sql: String, _ bind: (Statement) throws(StoreError) -> Void = { (_) throws(StoreError) in }
  ) throws(StoreError) {
    let statement = try statement(sql)
    try bind(statement)
    try statement.run()
  }

  /// Calls `row` for each row; the statement is reset whatever happens, so that no read stays open.
  func rows<Row>(
    _ sql: String, _ bind: (Statement) throws(StoreError) -> Void = { (_) throws(StoreError) in },
    _ row: (Statement) throws(StoreError) -> Row
  ) throws(StoreError) -> [Row] {
    let statement = try statement(sql)
    defer { statement.reset() }
    try bind(statement)
    var rows: [Row] = []
    while try statement.step() { rows.append(try row(statement)) }
    return rows
  }

  /// The first row, if there is one.
  func first<Row>(
    _ sql: String, _ bind: (Statement) throws(StoreError) -> Void = { (_) throws(StoreError) in },
    _ row: (Statement) throws(StoreError) -> Row
  ) throws(StoreError) -> Row? {
    let statement = try statement(sql)
    defer { statement.reset() }
    try bind(statement)
    return try statement.step() ? try row(statement) : nil
  }

  /// Runs several reads against one state of the database.
  func snapshot<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
    try execute("BEGIN")
    let value: Value
    do throws(StoreError) {
      value = try body()
    } catch {
      if isInTransaction { try execute("COMMIT") }
      throw error
    }
    try execute("COMMIT")
    return value
  }
}
