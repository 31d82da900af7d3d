import MillraceCore

/// What can be seen to be wrong before the first request.
package enum CredentialAdvice {
  /// Sentences for the operator about values that look mistaken; empty when all look right.
  ///
  /// - Parameters:
  ///   - tenant: the tenant as configured for the login URL: a GUID or a domain.
  ///   - clientID: the application's id.
  ///   - clientSecret: the secret, if that is the credential; it is looked at, never quoted.
  ///   - publisherID: the `PublisherIdentifier`, if configured.
  package static func warnings(
    tenant: String, clientID: String, clientSecret: String? = nil, publisherID: String? = nil
  ) -> [String] {
    var warnings: [String] = []
    if ["common", "organizations", "consumers"].contains(tenant.lowercased()) {
      warnings.append(
        "The tenant '\(tenant.lowercased())' works for people who sign in, not for applications:"
          + " give the tenant's GUID or one of its domains.")
    } else if !isGUID(tenant), !looksLikeDomain(tenant) {
      warnings.append("The tenant is neither a GUID nor a domain.")
    }
    if !isGUID(clientID) {
      warnings.append("The client id is not a GUID: it is the 'Application (client) ID'.")
    } else if clientID.lowercased() == tenant.lowercased() {
      warnings.append("The client id and the tenant are the same GUID: one of them is mistaken.")
    }
    if let publisherID {
      if !isGUID(publisherID) {
        warnings.append("The publisher id is not a GUID: the service refuses it.")
      } else if publisherID.lowercased() == clientID.lowercased() {
        warnings.append(
          "The publisher id is the client id: it should be the tenant GUID of whoever runs or"
            + " wrote the collector.")
      }
    }
    if let clientSecret { warnings += secretWarnings(clientSecret) }
    return warnings
  }

  private static func secretWarnings(_ secret: String) -> [String] {
    if secret.isEmpty { return ["The client secret is empty."] }
    var warnings: [String] = []
    if isGUID(secret) {
      warnings.append(
        "The client secret looks like a GUID: that is the secret's id. The value is shown once,"
          + " when the secret is made.")
    }
    if secret.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
      warnings.append("The client secret holds blanks or line breaks: they are sent as they are.")
    }
    return warnings
  }

  private static func looksLikeDomain(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return labels.count >= 2
      && labels.allSatisfy { label in
        !label.isEmpty
          && label.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
              || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-")
          }
      }
  }
}
