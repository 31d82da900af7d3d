import CMaxMindDB

extension PlaceDatabases {
  /// The version of libmaxminddb in use.
  package static var libraryVersion: String { String(cString: MMDB_lib_version()) }
}
