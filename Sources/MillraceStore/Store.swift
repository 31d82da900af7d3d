import Glibc
import MillraceCore
import MillraceRuntime

/// The durable queue: a ledger of content listed, a log of content fetched, and the cursors of the
/// sinks, in one SQLite database.
///
/// Two threads own a connection each: one writes, in groups (`DatabaseThread`), one reads. A write
/// that has returned survives `kill -9` and a power cut. The store keeps opaque bytes; it does not
/// know what an event is.
///
/// Its parts stand in files of their own: listing (`Store+Listing`), fetching (`Store+Fetching`),
/// the log and the index step (`Store+Log`), sinks (`Store+Sinks`), what `status` shows
/// (`Store+Status`).
package final class Store: Sendable {
  private let writer: DatabaseThread
  private let reader: DatabaseThread
  private let lock: FolderLock?
  /// The folder that holds the database, its lock and the control socket.
  package let folder: String
  /// Entries of the log that were committed here and are not in the database any more. Found again
  /// with each opening until `acknowledgeLoss`.
  package let missingEntries: ClosedRange<Int64>?

  /// How a store is opened.
  package enum Access: Sendable {
    /// Takes the folder's lock; creates the folder and the database when they are missing.
    case collect
    /// For commands that only look: needs no lock, and creates nothing.
    case inspect
  }

  /// Opens the store in `folder`.
  ///
  /// - Throws: `StoreError`: `.locked` when another process collects, `.newer` for a database of a
  ///   later version, `.older` for one of an earlier version that is only looked at, `.damaged` for
  ///   one that is none of ours, `.inputOutput` for a folder that cannot be used.
  package init(
    folder: String, access: Access = .collect, files: StoreFiles = .system
  ) throws(StoreError) {
    self.folder = folder
    let path = folder + "/millrace.db"
    guard access == .collect else {
      (lock, missingEntries) = (nil, nil)
      writer = try Store.openReader(path, files)
      reader = try Store.openReader(path, files)
      return
    }
    try files.makeFolders(folder)
    let lock = try FolderLock(folder: folder)
    self.lock = lock
    try Store.makeDatabase(path)
    let missing = ConditionLock<ClosedRange<Int64>?>(nil)
    // Weakly: letting go of the store releases its lock, whatever its threads have still to do.
    let watch = DatabaseThread.CommitWatch(
      look: { (connection) throws(StoreError) in try connection.lastEntry() },
      tell: { [weak lock] last in lock?.remember(last) })
    let mark = lock.mark
    writer = try DatabaseThread(
      name: "store-writer", isWriting: true, groupLimit: Limits.writesPerTransactionMax,
      watch: watch
    ) { () throws(StoreError) in
      try Store.checkIsOurs(path, files)
      let connection = try Connection(path: path, mode: .readWrite, fileLayer: files.layer)
      try Migrations.checkIsOurs(connection)
      try connection.configureForWriting(checkpointPages: files.checkpointPages)
      try Migrations.migrate(connection)
      let found = try connection.missingEntries(mark: mark)
      missing.withLock { $0 = found }
      return connection
    }
    missingEntries = missing.withLock { $0 }
    reader = try Store.openReader(path, files)
  }

  /// Looks at the database before it is opened for writing, as closing a writer moves what waits
  /// in the write-ahead log into the database: one that is refused stays as it is, to the byte.
  private static func checkIsOurs(_ path: String, _ files: StoreFiles) throws(StoreError) {
    // A rollback journal is left by a power cut while the database was being made, and never after:
    // then it has a write-ahead log. Only a writer can clear it away.
    guard access(path + "-journal", F_OK) != 0 else { return }
    try Migrations.checkIsOurs(Connection(path: path, mode: .readOnly, fileLayer: files.layer))
  }

  private static func openReader(
    _ path: String, _ files: StoreFiles
  ) throws(StoreError) -> DatabaseThread {
    try DatabaseThread(name: "store-reader", isWriting: false, groupLimit: 1) {
      () throws(StoreError) in
      let connection = try Connection(path: path, mode: .readOnly, fileLayer: files.layer)
      try Migrations.checkIsCurrent(connection)
      return connection
    }
  }

  /// Makes the database file (0600, which SQLite's side files inherit). Only under the lock:
  /// closing a descriptor of a database drops the locks SQLite holds on it in the same process
  /// (https://www.sqlite.org/howtocorrupt.html, 2.2).
  private static func makeDatabase(_ database: String) throws(StoreError) {
    let descriptor = Glibc.open(database, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw StoreError(
        kind: errno == ENOSPC ? .full : .inputOutput, operation: "open \(database)",
        message: String(cString: strerror(errno)),
        hint: "check that store.path is a folder this user may write to, with room on its disk")
    }
    Glibc.close(descriptor)
  }

  /// Ends both threads once what is queued is done. The database stands as the last commit left it,
  /// with or without this.
  package func close() {
    writer.close()
    reader.close()
  }

  /// To be called once an operator was told of the missing entries; their numbers are used again.
  package func acknowledgeLoss() {
    if let missingEntries { lock?.correct(missingEntries.lowerBound - 1) }
  }

  /// Writes; what `body` returned is durable when this returns.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    try await writer.run(body)
  }

  /// Reads what is committed.
  func read<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    try await reader.run(body)
  }
}

extension Connection {
  /// The row of a feed, made when it is new.
  func feedRow(_ feed: Feed) throws(StoreError) -> Int64 {
    let tenant = feed.tenant.description
    let type = feed.contentType.rawValue
    let known = try first(
      "SELECT id FROM feed WHERE tenant = ?1 AND content_type = ?2",
      { (statement) throws(StoreError) in try statement.bind(1, tenant).bind(2, type) },
      { (row) throws(StoreError) in row.integer(0) })
    if let known { return known }
    try run("INSERT INTO feed (tenant, content_type) VALUES (?1, ?2)") {
      (statement) throws(StoreError) in
      try statement.bind(1, tenant).bind(2, type)
    }
    return try integer("SELECT last_insert_rowid()") ?? 0
  }
}
