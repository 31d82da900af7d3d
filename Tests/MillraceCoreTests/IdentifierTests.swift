import MillraceCore
import Testing

struct IdentifierTests {
  private let guid = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"

  @Test func `a tenant is a GUID in any letter case, kept in lower case`() throws {
    let tenant = try #require(TenantID(guid.uppercased()))
    #expect(tenant.description == guid)
    #expect(tenant == TenantID(guid))
    #expect(TenantID(guid[...]) == tenant)
  }

  @Test(
    arguments: [
      "", "contoso.onmicrosoft.com", "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
      "{0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9}", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f",
      "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f90", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fg",
      "0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9 ",
      "0a1b2c3-d4e5f-6071-8293-a4b5c6d7e8f9", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8\u{0}9",
    ])
  func `what is no GUID is no tenant`(text: String) {
    #expect(TenantID(text) == nil)
    #expect(!isGUID(text))
  }

  @Test func `tenants sort by their GUIDs`() throws {
    let second = try #require(TenantID("1a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"))
    #expect(try #require(TenantID(guid)) < second)
  }

  @Test(arguments: ContentType.allCases)
  func `a content type is read in any letter case and written in one`(type: ContentType) {
    #expect(ContentType(anyCase: type.rawValue.lowercased()) == type)
    #expect(ContentType(anyCase: type.rawValue.uppercased()) == type)
    #expect(type.description == type.rawValue)
  }

  @Test func `the five content types are spelled as documented`() {
    #expect(
      ContentType.allCases.map(\.rawValue).sorted() == [
        "Audit.AzureActiveDirectory", "Audit.Exchange", "Audit.General", "Audit.SharePoint",
        "DLP.All",
      ])
  }

  @Test(arguments: ["", "Audit", "Audit.Exchange ", "Audit.Exchange.", "DLP", "audit_exchange"])
  func `what is no content type is refused`(text: String) {
    #expect(ContentType(anyCase: text) == nil)
  }

  @Test func `a feed names its tenant and its type, and sorts by both`() throws {
    let tenant = try #require(TenantID(guid))
    let exchange = Feed(tenant: tenant, contentType: .exchange)
    #expect(exchange.description == guid + "/Audit.Exchange")
    #expect(exchange < Feed(tenant: tenant, contentType: .sharePoint))
    let later = try #require(TenantID("1a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"))
    #expect(Feed(tenant: tenant, contentType: .dlp) < Feed(tenant: later, contentType: .general))
  }

  @Test func `a content id is kept as it is`() {
    let text = "20260304$audit_exchange/é%20 \u{1F600}"
    #expect(ContentID(text).description == text)
    #expect(ContentID("A") != ContentID("a"))
  }

  @Test func `log positions sort by blob, then by record`() {
    #expect(LogPosition.start == LogPosition(sequence: 1, record: 0))
    #expect(LogPosition(sequence: 1, record: 9) < LogPosition(sequence: 2))
    #expect(LogPosition(sequence: 2, record: 0) < LogPosition(sequence: 2, record: 1))
    #expect(LogPosition(sequence: 7, record: 3).description == "7:3")
  }
}

struct ContentStateTests {
  /// Every step that exists; all others must be refused.
  private let steps: [ContentState: Set<ContentState>] = [
    .listed: [.fetched, .expired, .dead],
    .dead: [.listed],
    // A repair has a damaged body fetched again.
    .fetched: [.listed],
  ]

  @Test(arguments: ContentState.allCases, ContentState.allCases)
  func `a blob goes only where its life leads`(from: ContentState, to: ContentState) {
    #expect(from.mayBecome(to) == (steps[from]?.contains(to) ?? false))
  }

  @Test func `states are spelled as the ledger's constraint has them`() {
    #expect(
      ContentState.allCases.map(\.rawValue).sorted() == ["dead", "expired", "fetched", "listed"])
  }
}
