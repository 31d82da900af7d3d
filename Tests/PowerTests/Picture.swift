import MillraceCore

@testable import MillraceStore

/// All that a store says, table by table, as text: two stores in the same state give the same.
///
/// Knows no table by name but one: which files a sink has, and under what numbers, differs from run
/// to run.
struct Picture: Equatable, Sendable {
  let tables: [String: String]

  init(of store: Store) async throws(StoreError) {
    tables = try await store.read { (connection) throws(StoreError) in
      try connection.snapshot { () throws(StoreError) in try connection.picture() }
    }
  }

  /// Which tables differ.
  func differences(from other: Picture) -> [String] {
    Set(tables.keys).union(other.tables.keys).filter { tables[$0] != other.tables[$0] }.sorted()
  }
}

extension Connection {
  fileprivate func picture() throws(StoreError) -> [String: String] {
    let names = try rows(
      """
      SELECT name FROM sqlite_schema
      WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'sink_file'
      """, { (_) throws(StoreError) in }, { (row) throws(StoreError) in row.text(0) })
    var tables: [String: String] = [:]
    for name in names {
      let columns = try rows(
        "SELECT name FROM pragma_table_info(?1) ORDER BY cid",
        { (statement) throws(StoreError) in try statement.bind(1, name) },
        { (row) throws(StoreError) in row.text(0) })
      // What is long is a body, which is checked by its digest.
      let values = columns.map { "iif(length(\($0)) > 4096, length(\($0)), quote(\($0)))" }
      let order = columns.indices.map { "\($0 + 1)" }.joined(separator: ", ")
      let found = try rows(
        "SELECT \(values.joined(separator: " || '|' || ")) FROM (SELECT * FROM \(name) ORDER BY \(order))",
        { (_) throws(StoreError) in }, { (row) throws(StoreError) in row.text(0) })
      tables[name] = found.joined(separator: "\n")
    }
    return tables
  }
}

extension Store {
  /// What is wrong in the store, whatever its state should be; empty when nothing is.
  func flaws() async throws -> [String] {
    var flaws = try await read { (connection) throws(StoreError) in
      var flaws = try connection.lines("PRAGMA integrity_check").filter { $0 != "ok" }
      flaws += try connection.lines("PRAGMA foreign_key_check").map { "nothing for a row of \($0)" }
      flaws += try connection.lines(
        """
        SELECT content_id || ' is fetched ⇎ its parts are in the log' FROM content
        WHERE (state = 'fetched') <>
          ((SELECT count(*) = max(part_count) FROM log
            WHERE log.content_id = content.id AND attempt = 1) IS TRUE)
        """)
      return flaws + (try connection.brokenLinks())
    }
    for sequence in stride(from: 1, through: try await logExtent().last, by: 1) {
      do throws(StoreError) {
        guard let entry = try await storedEntry(sequence) else {
          flaws.append("no log entry \(sequence)")
          continue
        }
        // Checks the digest.
        _ = try entry.unpack()
      } catch {
        flaws.append("\(error)")
      }
    }
    return flaws
  }
}

extension Connection {
  func lines(_ sql: String) throws(StoreError) -> [String] {
    try rows(sql, { (_) throws(StoreError) in }, { (row) throws(StoreError) in row.text(0) })
  }

  fileprivate func brokenLinks() throws(StoreError) -> [String] {
    let chain = try rows(
      "SELECT chain FROM log ORDER BY sequence", { (_) throws(StoreError) in },
      { (row) throws(StoreError) in row.blobOrNil(0) ?? [] })
    var previous = LogChain.beginning
    for (index, link) in chain.enumerated() {
      guard let row = try chainLinks(from: Int64(index + 1), limit: 1).first?.row else {
        return ["the log is not dense"]
      }
      previous = LogChain.link(after: previous, row)
      if previous != link { return ["the chain breaks at log entry \(index + 1)"] }
    }
    return []
  }
}
