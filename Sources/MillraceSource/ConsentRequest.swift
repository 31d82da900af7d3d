package import MillraceCore
import MillraceHTTP

/// An administrator's consent to an application, asked for in a browser (Microsoft identity
/// platform, "Admin consent on the Microsoft identity platform", v2.0 endpoint).
package struct ConsentRequest: Sendable {
  /// Where the application is registered to be told.
  package let redirectURI: String
  /// What an administrator opens.
  package let url: String

  /// A request for consent.
  ///
  /// - Parameters:
  ///   - tenant: the GUID or domain of the tenant; nil for whichever the administrator is of.
  ///   - redirectURI: one that the application is registered with.
  ///   - state: a word nobody can guess, which comes back with the answer.
  package init(
    endpoints: ServiceEndpoints, tenant: String?, clientID: String, redirectURI: String,
    state: String
  ) {
    self.redirectURI = redirectURI
    let fields = [
      ("client_id", clientID), ("scope", endpoints.scope), ("redirect_uri", redirectURI),
      ("state", state),
    ]
    let query = fields.map { "\($0.0)=\(URLText.encoded($0.1))" }.joined(separator: "&")
    let directory = URLText.encoded(tenant ?? "organizations")
    url = "\(endpoints.login)/\(directory)/v2.0/adminconsent?\(query)"
  }
}

/// What the browser brought back.
package enum ConsentAnswer: Hashable, Sendable {
  /// An administrator of this tenant consented; nil when the answer does not name it.
  case granted(tenant: TenantID?)
  /// Nobody consented: the service's words, and what to do.
  case refused(message: String, advice: String)

  /// Reads the query of a redirect; nil when it is none: it says neither yes nor no.
  package init?(query: [(name: String, value: String)]) {
    func value(_ name: String) -> String? {
      query.first { $0.name.lowercased() == name }?.value
    }
    if let error = value("error") {
      let description = value("error_description") ?? ""
      let words = description.isEmpty ? error : "\(error): \(description)"
      self = .refused(
        message: AnswerExcerpt.make(words, redacting: []),
        advice: ConsentAnswer.advice(error, description))
    } else if let granted = value("admin_consent") {
      // Seen in several capitalisations.
      self =
        granted.lowercased() == "true"
        ? .granted(tenant: value("tenant").flatMap { TenantID($0) })
        : .refused(
          message: "the answer says admin_consent=" + AnswerExcerpt.make(granted, redacting: []),
          advice: "open the address again, and accept")
    } else {
      return nil
    }
  }

  private static func advice(_ error: String, _ description: String) -> String {
    if let mark = description.firstRange(of: "AADSTS"),
      let number = Int(description[mark.upperBound...].prefix { ("0"..."9") ~= $0 }),
      let known = LoginCode.find(number)
    {
      return known.advice
    }
    switch error {
    case "permission_denied", "access_denied", "consent_required":
      return "open the address again as Cloud Application Administrator, Application Administrator"
        + " or Privileged Role Administrator, and accept"
    case "unauthorized_client":
      return "check the client id, and that the application is in this tenant or multi-tenant"
    case "temporarily_unavailable", "server_error":
      return "try again in a while"
    default:
      return "check client id, tenant and cloud, and the redirect URI of the application"
    }
  }
}
