/// The section `webhook` of a tenant: where the service tells that there is new content. Polling
/// goes on with it or without: what it tells is a hint.
package struct WebhookConfiguration: Sendable {
  /// The address that is registered with the service, and that leads to the console.
  package let address: String
  /// The word by which the service is told from others who find the address.
  package let authID: Secret
  /// The path of the address, which the console answers at.
  package let path: String

  /// Nil when address or word are missing, which is noted.
  init?(_ mapping: MappingReader) {
    mapping.requireKey("address", hint: "such as https://collector.example.com/webhook")
    mapping.requireKey("auth_id", hint: "a word that nobody can guess, as file:PATH")
    let address = mapping.webAddress("address")
    let authID = mapping.secret("auth_id")
    mapping.finish()
    guard let address, let authID else { return nil }
    let path = address.drop { $0 != ":" }.dropFirst(3).drop { $0 != "/" }
    if address.contains("?") {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path, "the address has a query (?…)",
        hint: "use a path alone")
      return nil
    }
    self.address = address
    self.authID = authID
    self.path = path.isEmpty ? "/" : String(path)
  }
}
