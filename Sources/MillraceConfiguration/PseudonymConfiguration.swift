/// The section `pseudonymise` of a sink: what of its events is written as pseudonyms, and with
/// which keys.
package struct PseudonymConfiguration: Sendable {
  /// Groups of fields that have a name of their own.
  package static let groupNames = ["users", "addresses", "ids", "devices"]
  /// What is replaced when `fields` does not say.
  package static let standardFields = ["users", "addresses", "ids"]

  /// The key that pseudonyms are made with.
  package let key: Secret
  /// The key that turns them back; nil when nothing is to.
  package let revealKey: Secret?
  /// Names of groups, and paths of fields of the native event. Which paths there are is not known
  /// here.
  package let fields: [ConfiguredName]

  /// Its keys.
  package var secrets: [Secret] { [key] + (revealKey.map { [$0] } ?? []) }

  init?(_ mapping: MappingReader) {
    mapping.requireKey("key", hint: "key: file:PATH, made with: openssl rand -base64 32")
    let key = mapping.secret("key")
    revealKey = mapping.secret("reveal_key")
    let given = mapping.names("fields")
    let path = mapping.path(of: "fields")
    let standard = Self.standardFields.map {
      ConfiguredName(default: $0, file: mapping.reading.file, path: path)
    }
    fields = given.isEmpty ? standard : given
    mapping.finish()
    guard let key else { return nil }
    self.key = key
  }
}
