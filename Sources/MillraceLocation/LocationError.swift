/// A database of addresses that cannot be used, in words for an operator.
package struct LocationError: Error, Sendable, CustomStringConvertible {
  /// The file.
  package let path: String
  /// What is wrong with it.
  package let reason: String

  /// What is wrong, and what to do.
  package var description: String {
    "\(path): \(reason); events go without what it would say until it is replaced"
  }
}
