extension Limits {
  /// Bytes of one line of CEF, which receivers commonly take over TCP; more is cut from the
  /// message and the target.
  package static let cefLineBytesMax = 8 << 10
  /// Bytes of a name in a line of CEF or in an element of structured data: dictionaries of
  /// receivers have 1023 for most keys.
  package static let cefNameBytesMax = 1023
  /// Bytes of `message`: a line that people read in a list.
  package static let summaryBytesMax = 256
}
