/// Which Millrace this is.
package enum Version {
  /// The version, as in the changelog.
  package static let number = "0.1.0"

  /// How Millrace names itself to services.
  package static let userAgent = "Millrace/\(number)"

  /// The language the compiler was for; Swift does not tell a program more about itself.
  package static var swift: String {
    #if compiler(>=6.4)
    "6.4 or later"
    #elseif compiler(>=6.3)
    "6.3"
    #else
    "6.2"
    #endif
  }
}
