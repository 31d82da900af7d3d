import FoundationEssentials

/// A webhook as it is registered with a subscription (Activity API reference, "Start a
/// subscription"). Whatever prints it shows the address alone.
package struct WebhookRegistration: Sendable, CustomStringConvertible, CustomReflectable {
  /// Where the service posts to.
  package let address: String
  /// What the service sends along, so that its posts can be told from others'. A secret.
  package let authID: String

  /// A registration that does not expire.
  package init(address: String, authID: String) {
    self.address = address
    self.authID = authID
  }

  package var description: String { address }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// The body of the request that starts a subscription.
  var body: [UInt8] {
    let webhook = ["address": address, "authId": authID, "expiration": ""]
    do {
      return Array(try JSONEncoder().encode(["webhook": webhook]))
    } catch {
      preconditionFailure("texts are encodable: \(error)")
    }
  }
}
