/// Where a tenant's tokens and content come from (Activity API reference, "Clouds").
package struct CloudConfiguration: Hashable, Sendable {
  /// The clouds known by name.
  package enum Name: String, CaseIterable, Sendable {
    case worldwide
    case gcc
    case gccHigh = "gcc-high"
    case dod
    case china
  }

  /// The name; nil when the addresses are given one by one.
  package let name: Name?
  /// The origin of the token endpoint, without a slash at its end.
  package let login: String
  /// The origin of the Activity API, without a slash at its end.
  package let api: String
  /// The audience tokens are asked for, without a slash at its end.
  package let resource: String

  /// A cloud known by name.
  package init(_ name: Name) {
    self.name = name
    switch name {
    case .worldwide:
      login = "https://login.microsoftonline.com"
      api = "https://manage.office.com"
    case .gcc:
      login = "https://login.microsoftonline.com"
      api = "https://manage-gcc.office.com"
    case .gccHigh:
      login = "https://login.microsoftonline.us"
      api = "https://manage.office365.us"
    case .dod:
      login = "https://login.microsoftonline.us"
      api = "https://manage.protection.apps.mil"
    case .china:
      login = "https://login.partner.microsoftonline.cn"
      api = "https://manage.office365.cn"
    }
    resource = api
  }

  private init(login: String, api: String, resource: String) {
    name = nil
    self.login = login
    self.api = api
    self.resource = resource
  }

  /// The cloud a tenant names; worldwide when it names none or a wrong one, which is noted.
  static func read(_ tenant: MappingReader) -> CloudConfiguration {
    let standard = CloudConfiguration(.worldwide)
    guard let node = tenant.node("cloud") else { return standard }
    guard case .mapping = node.content else {
      guard let value = tenant.scalar("cloud") else { return standard }
      let name: Name? = tenant.choice(value)
      return name.map { CloudConfiguration($0) } ?? standard
    }
    let mapping = MappingReader(
      node, section: .cloud, path: tenant.path(of: "cloud"), reading: tenant.reading)
    mapping.requireKey("login", hint: "such as https://login.microsoftonline.com")
    mapping.requireKey("api", hint: "such as https://manage.office.com")
    let login = mapping.webAddress("login", isOrigin: true)
    let api = mapping.webAddress("api", isOrigin: true)
    let resource = mapping.webAddress("resource")
    mapping.finish()
    guard let login, let api else { return standard }
    let cloud = CloudConfiguration(login: login, api: api, resource: resource ?? api)
    if let mixture = cloud.mixture {
      mapping.reading.warn(
        at: mapping.place, path: mapping.path, mixture.message, hint: mixture.hint)
    }
    return cloud
  }
}
