import MillraceCore
import MillraceHTTP

/// The page on which an administrator consents (Microsoft identity platform, "Admin consent on the
/// Microsoft identity platform"). Here whoever opens it is one, and accepts.
struct ConsentEndpoint: Sendable {
  let tenants: [SimulatedTenantOptions]

  /// Answers a request for the page; nil for others.
  func answer(_ request: ServerRequest) -> ServerResponse? {
    let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
    guard request.method == "GET", parts.count == 4, parts[0].isEmpty, parts[2] == "v2.0",
      parts[3] == "adminconsent"
    else { return nil }
    guard let redirect = request.queryValue("redirect_uri"), isOfThisMachine(redirect) else {
      return Answers.html(
        status: 400, title: "AADSTS50011: The redirect URI is not registered for the application.")
    }
    let client = request.queryValue("client_id")?.lowercased() ?? ""
    let directory = parts[1].lowercased()
    let tenant = tenants.first { tenant in
      tenant.clientID.lowercased() == client
        && [tenant.tenantID.lowercased(), tenant.domain.lowercased(), "organizations", "common"]
          .contains(directory)
    }
    var fields: [(name: String, value: String)]
    if let tenant {
      fields = [
        ("admin_consent", "True"), ("tenant", tenant.tenantID),
        ("scope", request.queryValue("scope") ?? ""),
      ]
    } else {
      fields = [
        ("error", "unauthorized_client"),
        (
          "error_description",
          "AADSTS700016: Application with identifier '\(client)' was not found in the directory "
            + "'\(directory)'."
        ),
      ]
    }
    fields.append(("state", request.queryValue("state") ?? ""))
    let query = fields.map { "\($0.name)=\(URLText.encoded($0.value))" }.joined(separator: "&")
    return ServerResponse(
      status: 302, headers: [("Location", redirect + "?" + query), ("Cache-Control", "no-store")],
      body: .bytes([]))
  }

  /// Whether an address is one that a command waits at: nobody is sent anywhere else from here.
  private func isOfThisMachine(_ address: String) -> Bool {
    ["http://localhost:", "http://127.0.0.1:"].contains { start in
      guard address.hasPrefix(start) else { return false }
      let rest = address.dropFirst(start.count)
      let port = rest.prefix { ("0"..."9").contains($0) }
      return !port.isEmpty && ["", "/"].contains(rest.dropFirst(port.count))
    }
  }
}
