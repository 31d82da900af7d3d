import MillraceCore
package import MillraceHTTP

/// The identity of a Google Cloud machine or container: that of its service account (Google Cloud,
/// "Verifying the identity of instances").
package struct GoogleIdentity: IdentityTokenSource {
  private let base: String
  private let endpoint: IdentityEndpoint

  /// The identity of this machine. `GCE_METADATA_HOST` names another metadata server, as with
  /// Google's own libraries.
  package init(environment: [String: String], http: any HTTPClient) {
    base = "http://" + (environment["GCE_METADATA_HOST"] ?? "metadata.google.internal")
    endpoint = IdentityEndpoint(
      name: "Google metadata server",
      hint: "run it on Google Cloud with a service account attached", http: http)
  }

  package func identityToken(audience: String) async throws(CredentialError) -> String {
    let response = try await endpoint.ask(
      "GET",
      base + "/computeMetadata/v1/instance/service-accounts/default/identity?audience="
        + URLText.encoded(audience) + "&format=full",
      headers: [("Metadata-Flavor", "Google")])
    // Whoever else answers at that address does not say this.
    guard response.header("Metadata-Flavor")?.lowercased() == "google" else {
      throw endpoint.malformed("Metadata-Flavor: Google")
    }
    return try IdentityToken.checked(
      String(decoding: response.body, as: UTF8.self), from: "Google metadata server")
  }
}
