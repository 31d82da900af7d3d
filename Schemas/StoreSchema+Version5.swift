extension StoreSchema {
  /// Version 5: which tenants the domains of the configuration stand for.
  static let version5 = """
    -- Tenants that are configured by a domain, with the GUID that the service gave for it: commands
    -- that read the store know by it whose rows are whose, without asking the service.
    CREATE TABLE tenant_domain (
      domain TEXT PRIMARY KEY CHECK (domain <> ''),
      tenant TEXT NOT NULL CHECK (length(tenant) = 36)
    ) STRICT, WITHOUT ROWID;
    """
}
