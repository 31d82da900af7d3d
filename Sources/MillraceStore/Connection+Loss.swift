extension Connection {
  /// The number of the log's last entry; 0 when there is none.
  func lastEntry() throws(StoreError) -> Int64 {
    try integer("SELECT max(sequence) FROM log") ?? 0
  }

  /// Entries of the log that were committed and are not in the database any more.
  ///
  /// SQLite ends a write-ahead log at the first frame that is not whole, without a word: after a
  /// crash that is the transaction nobody was told of. When it is damage instead, or the file is
  /// gone, commits are lost; and a database whose pages were just being moved from there may be
  /// neither old nor new, so it is checked as a whole.
  ///
  /// - Parameter mark: how far the log is known to have come.
  /// - Throws: `StoreError` of kind `.damaged` when what is left is no whole database.
  func missingEntries(mark: Int64?) throws(StoreError) -> ClosedRange<Int64>? {
    let last = try lastEntry()
    guard let mark, mark > last else { return nil }
    let finding = try text("PRAGMA quick_check(1)")
    guard finding == "ok" else {
      throw StoreError(
        kind: .damaged, operation: "open",
        message: "log entries \(last + 1) to \(mark) are gone, and what is left is no whole"
          + " database: \(finding ?? "no answer")",
        hint: StoreError.damageHint)
    }
    return last + 1...mark
  }
}
