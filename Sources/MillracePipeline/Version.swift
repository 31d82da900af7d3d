/// Which Millrace this is.
package enum Version {
  /// The version, as in the changelog.
  package static let number = "0.1.0"

  /// How Millrace names itself to services.
  package static let userAgent = "Millrace/\(number)"
}
