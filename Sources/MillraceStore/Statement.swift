import CSQLite
import Glibc
import MillraceCore

/// A prepared statement. Parameters are numbered from 1, columns from 0, as in SQLite.
final class Statement {
  private let handle: OpaquePointer
  private let connection: OpaquePointer
  private let title: String

  init(_ handle: OpaquePointer, connection: OpaquePointer, title: String) {
    self.handle = handle
    self.connection = connection
    self.title = title
  }

  deinit {
    sqlite3_finalize(handle)
  }

  /// Makes it ready to run again, without values.
  func reset() {
    // The result code repeats the failure of the last step, which was reported there.
    _ = sqlite3_reset(handle)
    _ = sqlite3_clear_bindings(handle)
  }

  /// Goes to the next row; false when there is none.
  func step() throws(StoreError) -> Bool {
    errno = 0
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let error = Connection.error(code, of: connection, operation: title)
      reset()
      throw error
    }
  }

  /// Runs a statement that answers no rows, and makes it ready again.
  func run() throws(StoreError) {
    while try step() {}
    reset()
  }

  // MARK: Parameters

  /// Binds a number, or NULL.
  @discardableResult
  func bind(_ index: Int32, _ value: Int64?) throws(StoreError) -> Statement {
    if let value {
      try check(sqlite3_bind_int64(handle, index, value))
    } else {
      try check(sqlite3_bind_null(handle, index))
    }
    return self
  }

  /// Binds a number.
  @discardableResult
  func bind(_ index: Int32, _ value: Int) throws(StoreError) -> Statement {
    try bind(index, Int64(value))
  }

  /// Binds an instant, or NULL.
  @discardableResult
  func bind(_ index: Int32, _ value: Timestamp?) throws(StoreError) -> Statement {
    try bind(index, value?.milliseconds)
  }

  /// Binds a text, or NULL.
  @discardableResult
  func bind(_ index: Int32, _ value: String?) throws(StoreError) -> Statement {
    guard var value else {
      try check(sqlite3_bind_null(handle, index))
      return self
    }
    let code = value.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else {
          return millrace_sqlite_bind_text(handle, index, "", 0)
        }
        return millrace_sqlite_bind_text(handle, index, start, Int32(characters.count))
      }
    }
    try check(code)
    return self
  }

  /// Binds bytes, copied.
  @discardableResult
  func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) throws(StoreError) -> Statement {
    try check(millrace_sqlite_bind_blob(handle, index, bytes.baseAddress, UInt64(bytes.count)))
    return self
  }

  /// Binds bytes, copied, or NULL.
  @discardableResult
  func bind(_ index: Int32, _ bytes: [UInt8]?) throws(StoreError) -> Statement {
    guard let bytes else {
      try check(sqlite3_bind_null(handle, index))
      return self
    }
    try check(
      bytes.withUnsafeBytes {
        millrace_sqlite_bind_blob(handle, index, $0.baseAddress, UInt64($0.count))
      })
    return self
  }

  private func check(_ code: Int32) throws(StoreError) {
    guard code == SQLITE_OK else {
      throw Connection.error(code, of: connection, operation: title)
    }
  }

  // MARK: Columns

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func integerOrNil(_ column: Int32) -> Int64? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : integer(column)
  }

  func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: integer(column)) }

  func timeOrNil(_ column: Int32) -> Timestamp? {
    integerOrNil(column).map(Timestamp.init(milliseconds:))
  }

  func text(_ column: Int32) -> String {
    guard let characters = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: characters, count: count), as: UTF8.self)
  }

  func textOrNil(_ column: Int32) -> String? {
    sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : text(column)
  }

  /// Appends the bytes of a blob column.
  func appendBlob(_ column: Int32, to bytes: inout [UInt8]) {
    guard let start = sqlite3_column_blob(handle, column) else { return }
    bytes.append(
      contentsOf: UnsafeRawBufferPointer(
        start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  func blobOrNil(_ column: Int32) -> [UInt8]? {
    guard sqlite3_column_type(handle, column) != SQLITE_NULL else { return nil }
    var bytes: [UInt8] = []
    appendBlob(column, to: &bytes)
    return bytes
  }
}
