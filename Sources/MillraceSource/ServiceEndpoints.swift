package import MillraceCore

/// The hosts of one Microsoft cloud: where tokens come from, where content comes from, and what
/// the token is asked for (Activity API reference and "National clouds" of Microsoft Entra).
package struct ServiceEndpoints: Hashable, Sendable {
  /// Where tokens are asked for.
  package let login: Origin
  /// The one origin that ever sees a bearer token.
  package let api: Origin
  /// The audience of the token, without a slash at its end.
  package let resource: String

  /// Endpoints at known hosts, `https` all of them.
  private init(login: String, api: String) {
    self.login = Origin(secureHost: login)
    self.api = Origin(secureHost: api)
    resource = "https://" + api
  }

  /// Endpoints from configured URLs; a slash at the end of each is tolerated.
  ///
  /// `resource` is the audience to ask for; nil stands for the API's URL. Throws
  /// `ServiceFailure.misconfigured` for what is no origin: a path, user information, `http` to a
  /// host that is not loopback.
  package init(login: String, api: String, resource: String? = nil) throws(ServiceFailure) {
    self.login = try ServiceEndpoints.origin(login, of: "login")
    self.api = try ServiceEndpoints.origin(api, of: "API")
    self.resource = ServiceEndpoints.withoutSlash(resource ?? self.api.description)
    guard !self.resource.isEmpty,
      self.resource.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw ServiceFailure(
        operation: .token, kind: .misconfigured, message: "the resource is not a URL",
        hint: "for the worldwide cloud it is https://manage.office.com")
    }
  }

  /// The scope of a token request: one resource and `/.default`.
  package var scope: String { resource + "/.default" }

  /// Enterprise plans outside the clouds below.
  package static let worldwide = ServiceEndpoints(
    login: "login.microsoftonline.com", api: "manage.office.com")
  /// GCC government plans.
  package static let gcc = ServiceEndpoints(
    login: "login.microsoftonline.com", api: "manage-gcc.office.com")
  /// GCC High government plans.
  package static let gccHigh = ServiceEndpoints(
    login: "login.microsoftonline.us", api: "manage.office365.us")
  /// DoD government plans.
  package static let dod = ServiceEndpoints(
    login: "login.microsoftonline.us", api: "manage.protection.apps.mil")
  /// Office 365 operated by 21Vianet. Microsoft documents the login host alone; the API host is
  /// known from third parties.
  package static let china = ServiceEndpoints(
    login: "login.partner.microsoftonline.cn", api: "manage.office365.cn")

  /// The clouds by the names a configuration uses.
  package static let clouds: [String: ServiceEndpoints] = [
    "worldwide": .worldwide, "gcc": .gcc, "gcc-high": .gccHigh, "dod": .dod, "china": .china,
  ]

  private static func origin(_ url: String, of what: String) throws(ServiceFailure) -> Origin {
    guard let origin = Origin(url: url), isBare(url) else {
      throw ServiceFailure(
        operation: .token, kind: .misconfigured,
        message: "the \(what) URL is not one of scheme, host and port",
        hint: "write https://host or https://host:port; http:// is for loopback hosts alone")
    }
    return origin
  }

  /// Whether nothing but a slash follows the host and port.
  private static func isBare(_ url: String) -> Bool {
    !withoutSlash(url).utf8.dropFirst("https://".utf8.count).contains {
      $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#")
    }
  }

  private static func withoutSlash(_ url: String) -> String {
    url.hasSuffix("/") ? String(url.dropLast()) : url
  }
}
