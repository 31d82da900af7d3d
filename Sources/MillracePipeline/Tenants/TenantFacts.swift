package import MillraceConfiguration
package import MillraceCore
import MillraceEvents

/// What the configuration says of a tenant that its events tell.
package struct TenantFacts: Sendable {
  /// What paths and events call it.
  var name: String
  /// The domains that are its own.
  var domains: OwnDomains

  init(name: String, domains: OwnDomains) {
    self.name = name
    self.domains = domains
  }

  /// What a tenant's entry in the configuration says.
  init(_ tenant: TenantConfiguration) {
    self.init(name: tenant.name, domains: OwnDomains(tenant.domains))
  }

  /// The facts of the tenants whose GUID is known.
  package static func known(_ configuration: Configuration) -> [TenantID: TenantFacts] {
    Dictionary(
      configuration.tenants.compactMap { tenant in tenant.id.map { ($0, TenantFacts(tenant)) } },
      uniquingKeysWith: { first, _ in first })
  }
}
