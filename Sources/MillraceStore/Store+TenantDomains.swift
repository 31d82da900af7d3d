package import MillraceCore

/// Which tenants the domains of the configuration stand for.
extension Store {
  /// Keeps which tenant stands behind a domain, in place of what was known of it.
  package func remember(_ tenant: TenantID, behind domain: String) async throws(StoreError) {
    try await write { (connection) throws(StoreError) in
      try connection.run(
        """
        INSERT INTO tenant_domain (domain, tenant) VALUES (?1, ?2)
        ON CONFLICT (domain) DO UPDATE SET tenant = excluded.tenant
        WHERE tenant <> excluded.tenant
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, domain).bind(2, tenant.description)
      }
    }
  }

  /// The tenants by the domains that were ever asked for.
  package func tenantsByDomain() async throws(StoreError) -> [String: TenantID] {
    let rows = try await read { (connection) throws(StoreError) in
      try connection.rows(
        "SELECT domain, tenant FROM tenant_domain",
        { (_) throws(StoreError) in },
        { (row) throws(StoreError) in (row.text(0), TenantID(row.text(1))) })
    }
    return Dictionary(
      rows.compactMap { domain, tenant in tenant.map { (domain, $0) } },
      uniquingKeysWith: { first, _ in first })
  }
}
