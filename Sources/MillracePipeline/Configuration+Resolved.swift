package import MillraceConfiguration
package import MillraceStore

extension Configuration {
  /// The configuration with the GUIDs of tenants that it names by a domain, as far as a collector
  /// on this store has asked the service for them.
  package func resolved(by store: Store) async throws(StoreError) -> Configuration {
    guard tenants.contains(where: { $0.id == nil }) else { return self }
    let known = try await store.tenantsByDomain()
    var resolved = self
    for index in tenants.indices where tenants[index].id == nil {
      resolved.tenants[index].id = known[tenants[index].identifier]
    }
    return resolved
  }
}
