import CMaxMindDB
import Glibc
import MillraceCore

/// A database of addresses in the MaxMind DB format
/// (https://maxmind.github.io/MaxMind-DB/, version 2.0), mapped into memory.
///
/// Sound as `@unchecked Sendable`: the handle stands at a fixed address and is not changed between
/// init and deinit; libmaxminddb allows lookups on it from any number of threads.
final class AddressDatabase: @unchecked Sendable {
  private let handle = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
  /// What kind of database it says it is, such as `GeoLite2-City`.
  let type: String
  /// When it was made, in seconds since 1970.
  let builtAt: Int64

  /// Opens a file. Blocks while doing so.
  ///
  /// - Throws: what is wrong with it, in words.
  init(path: String) throws(LocationError) {
    let code = MMDB_open(path, UInt32(MMDB_MODE_MMAP), handle)
    guard code == MMDB_SUCCESS else {
      let reason = AddressDatabase.reason(code, errno, path)
      handle.deallocate()
      throw LocationError(path: path, reason: reason)
    }
    type = handle.pointee.metadata.database_type.map { String(cString: $0) } ?? ""
    builtAt = Int64(clamping: handle.pointee.metadata.build_epoch)
  }

  /// Why a file cannot be opened. What the system says of mapping a folder or an empty file into
  /// memory would mean nothing to whoever named it.
  private static func reason(_ code: Int32, _ errno: Int32, _ path: String) -> String {
    guard code == MMDB_FILE_OPEN_ERROR || code == MMDB_IO_ERROR else {
      return String(cString: MMDB_strerror(code))
    }
    var status = stat()
    guard stat(path, &status) == 0 else { return String(cString: strerror(errno)) }
    if status.st_mode & S_IFMT == S_IFDIR { return "it is a folder; name the file in it" }
    if status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 { return "it is empty" }
    return String(cString: strerror(errno))
  }

  deinit {
    MMDB_close(handle)
    handle.deallocate()
  }

  /// The entry of an address; nil when there is none, or none that can be read.
  ///
  /// - Throws: `LocationError` without a path when the database is damaged.
  func entry(of address: AddressBits) throws(LocationError) -> AddressEntry? {
    var code: Int32 = 0
    let result =
      address.isIPv4
      ? find(four: UInt32(truncatingIfNeeded: address.low), &code) : find(six: address, &code)
    // A database of IPv4 alone says so of every other address.
    if code == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR { return nil }
    guard code == MMDB_SUCCESS else {
      throw LocationError(path: "", reason: String(cString: MMDB_strerror(code)))
    }
    return result.found_entry ? AddressEntry(entry: result.entry, database: self) : nil
  }

  /// An IPv4 address is asked for as such: files that were not made by the vendor do not have it
  /// under its IPv6 form.
  private func find(four address: UInt32, _ code: inout Int32) -> MMDB_lookup_result_s {
    var socket = sockaddr_in()
    socket.sin_family = sa_family_t(AF_INET)
    socket.sin_addr.s_addr = address.bigEndian
    return withUnsafeBytes(of: &socket) { find($0, &code) }
  }

  private func find(six address: AddressBits, _ code: inout Int32) -> MMDB_lookup_result_s {
    var socket = sockaddr_in6()
    socket.sin6_family = sa_family_t(AF_INET6)
    withUnsafeMutableBytes(of: &socket.sin6_addr) { bytes in
      bytes.storeBytes(of: address.high.bigEndian, as: UInt64.self)
      bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    return withUnsafeBytes(of: &socket) { find($0, &code) }
  }

  private func find(
    _ socket: UnsafeRawBufferPointer, _ code: inout Int32
  ) -> MMDB_lookup_result_s {
    guard let base = socket.baseAddress else { preconditionFailure("a value has bytes") }
    return MMDB_lookup_sockaddr(handle, base.assumingMemoryBound(to: sockaddr.self), &code)
  }
}

/// What a database says of one address. Lives no longer than the database.
struct AddressEntry {
  private let entry: MMDB_entry_s
  private let database: AddressDatabase

  fileprivate init(entry: MMDB_entry_s, database: AddressDatabase) {
    self.entry = entry
    self.database = database
  }

  /// A text; nil when there is none at this path.
  func text(_ path: String...) -> String? {
    guard let data = value(path), data.type == UInt32(MMDB_DATA_TYPE_UTF8_STRING),
      let start = data.utf8_string
    else { return nil }
    // It does not end with a zero.
    let bytes = UnsafeRawBufferPointer(start: start, count: Int(data.data_size))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A floating-point number; nil when there is none at this path.
  func number(_ path: String...) -> Double? {
    guard let data = value(path) else { return nil }
    switch Int32(data.type) {
    case MMDB_DATA_TYPE_DOUBLE: return data.double_value
    case MMDB_DATA_TYPE_FLOAT: return Double(data.float_value)
    default: return nil
    }
  }

  /// A whole number; nil when there is none at this path.
  func integer(_ path: String...) -> Int? {
    guard let data = value(path) else { return nil }
    switch Int32(data.type) {
    case MMDB_DATA_TYPE_UINT16: return Int(data.uint16)
    case MMDB_DATA_TYPE_UINT32: return Int(data.uint32)
    default: return nil
    }
  }

  /// A truth; nil when there is none at this path.
  func flag(_ path: String...) -> Bool? {
    guard let data = value(path), Int32(data.type) == MMDB_DATA_TYPE_BOOLEAN else { return nil }
    return data.boolean
  }

  private func value(_ path: [String]) -> MMDB_entry_data_s? {
    withExtendedLifetime(database) {
      var start = entry
      var data = MMDB_entry_data_s()
      let keys = path.map { strdup($0) }
      defer { for key in keys { free(key) } }
      let pointers = keys.map { $0.map { UnsafePointer($0) } } + [nil]
      let code = MMDB_aget_value(&start, &data, pointers)
      return code == MMDB_SUCCESS && data.has_data ? data : nil
    }
  }
}
