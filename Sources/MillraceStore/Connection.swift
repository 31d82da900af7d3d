import CSQLite
import Glibc
import MillraceCore

/// One connection to the database, owned by one thread.
///
/// Opened no-mutex (https://www.sqlite.org/threadsafe.html): its `DatabaseThread` serializes all
/// use. The settings are the ones that keep a committed transaction through a power cut (WAL with
/// `synchronous=FULL`) at a bearable price (large pages, few checkpoints, no secure_delete, which
/// Debian's build switches on and which rewrites everything that is deleted).
final class Connection {
  let handle: OpaquePointer
  private var statements: [String: Statement] = [:]

  /// How a connection is used.
  enum Mode {
    case readWrite
    case readOnly
    /// Read-only, of a file that nobody writes: needs no side files, and makes none
    /// (https://www.sqlite.org/uri.html, "immutable").
    case immutable
  }

  /// Opens the database at `path`, creating it in read-write mode.
  ///
  /// - Parameter fileLayer: the name of an SQLite file layer; nil for the system's own.
  init(path: String, mode: Mode, fileLayer: String? = nil) throws(StoreError) {
    let flags =
      (mode == .readWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY)
      | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
      | (mode == .immutable ? SQLITE_OPEN_URI : 0)
    var opened: OpaquePointer?
    errno = 0
    let name = mode == .immutable ? "file:\(Connection.escaped(path))?immutable=1" : path
    let code = sqlite3_open_v2(name, &opened, flags, fileLayer)
    guard code == SQLITE_OK, let opened else {
      let error = Connection.error(code, of: opened, operation: "open \(path)")
      sqlite3_close_v2(opened)
      throw error
    }
    handle = opened
    sqlite3_busy_timeout(handle, 10_000)
    try execute("PRAGMA foreign_keys = ON")
    // Bodies are read once: what a reader keeps is only what finds them, and pages of keys.
    try execute("PRAGMA cache_size = \(mode == .readOnly ? -2048 : -8192)")
    if mode != .readWrite {
      try execute("PRAGMA query_only = ON")
    }
  }

  deinit {
    statements = [:]
    sqlite3_close_v2(handle)
  }

  /// Prepares a database for writing. `page_size` and `auto_vacuum` count only while it is empty.
  func configureForWriting(
    checkpointPages: Int = Limits.checkpointPages
  ) throws(StoreError) {
    try execute("PRAGMA page_size = 16384")
    try execute("PRAGMA auto_vacuum = INCREMENTAL")
    let mode = try text("PRAGMA journal_mode = WAL")
    guard mode == "wal" else {
      throw StoreError(
        kind: .other, operation: "open",
        message: "the file system does not allow SQLite's WAL mode",
        hint: "put store.path on a local file system")
    }
    try execute("PRAGMA synchronous = FULL")
    try execute("PRAGMA secure_delete = OFF")
    // A statement that may fail in its middle keeps copies of the pages it changed; in a temporary
    // file they would be more bytes than all that is stored.
    try execute("PRAGMA temp_store = MEMORY")
    try execute("PRAGMA wal_autocheckpoint = \(checkpointPages)")
    try execute("PRAGMA journal_size_limit = 67108864")
    // The side files stay, emptied, when the last connection closes
    // (https://www.sqlite.org/c3ref/c_fcntl_begin_atomic_write.html, PERSIST_WAL): a command that
    // only looks would have to make them anew, and leave them behind as its own.
    var isKept: Int32 = 1
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &isKept)
    guard code == SQLITE_OK else { throw failure(code, "keep the write-ahead log") }
  }

  /// Runs one statement that answers nothing.
  func execute(_ sql: String) throws(StoreError) {
    errno = 0
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code, Connection.title(of: sql)) }
  }

  /// The statement for `sql`, prepared once and kept. Reset and without bindings.
  func statement(_ sql: String) throws(StoreError) -> Statement {
    if let known = statements[sql] {
      known.reset()
      return known
    }
    var prepared: OpaquePointer?
    errno = 0
    let code = sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw failure(code, Connection.title(of: sql)) }
    let statement = Statement(prepared, connection: handle, title: Connection.title(of: sql))
    statements[sql] = statement
    return statement
  }

  /// The first column of the first row of `sql`, as text.
  func text(_ sql: String) throws(StoreError) -> String? {
    let statement = try statement(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.text(0) : nil
  }

  /// The first column of the first row of `sql`, as a number.
  func integer(_ sql: String) throws(StoreError) -> Int64? {
    let statement = try statement(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.integerOrNil(0) : nil
  }

  /// How many rows the last statement changed.
  var changes: Int { Int(sqlite3_changes64(handle)) }

  /// Whether a transaction is open; SQLite ends one by itself on some errors.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// Interrupts what runs now; callable from any thread
  /// (https://www.sqlite.org/c3ref/interrupt.html).
  func interrupt() { sqlite3_interrupt(handle) }

  /// A path as it stands in a URI.
  private static func escaped(_ path: String) -> String {
    path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
  }

  func failure(_ code: Int32, _ operation: String) -> StoreError {
    Connection.error(code, of: handle, operation: operation)
  }

  /// The first words of a statement, for messages: never its values, as those are bound.
  private static func title(of sql: String) -> String {
    sql.split(whereSeparator: \.isWhitespace).prefix(4).joined(separator: " ")
  }
}
