import MillraceCore
import Testing

@testable import MillraceStore

/// Which tenants the domains of the configuration stand for.
struct TenantDomainTests {
  @Test func `the latest answer about a domain is kept, for whoever opens the store`()
    async throws
  {
    let folder = try TemporaryFolder()
    let first = try #require(TenantID("00000000-0000-4000-8000-000000000001"))
    let second = try #require(TenantID("00000000-0000-4000-8000-000000000002"))
    try await withStore(folder.store) { (store) throws in
      #expect(try await store.tenantsByDomain().isEmpty)
      try await store.remember(first, behind: "contoso.example.com")
      try await store.remember(first, behind: "fabrikam.example.com")
      try await store.remember(second, behind: "contoso.example.com")
    }
    let store = try Store(folder: folder.store, access: .inspect)
    defer { store.close() }
    #expect(
      try await store.tenantsByDomain()
        == ["contoso.example.com": second, "fabrikam.example.com": first])
  }
}
