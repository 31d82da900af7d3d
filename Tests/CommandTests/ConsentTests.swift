import Foundation
import MillraceHTTP
import MillraceSimulator
import TestChildren
import Testing

/// `consent`, with this test as the browser.
@Suite(.timeLimit(.minutes(10)))
struct ConsentTests {
  private let client = "9b2c1d7e-0000-4000-8000-000000000001"
  private let tenant = "41463f53-8812-40f4-890f-865bf6e35190"

  /// The fields of the address that was printed.
  private func fields(_ text: String) throws -> [String: String] {
    let line = text.split(separator: "\n").first.map(String.init) ?? ""
    let parts = try #require(URLComponents(string: line))
    return Dictionary(
      (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
  }

  @Test(arguments: [
    ("worldwide", "login.microsoftonline.com", "manage.office.com"),
    ("gcc", "login.microsoftonline.com", "manage-gcc.office.com"),
    ("gcc-high", "login.microsoftonline.us", "manage.office365.us"),
    ("dod", "login.microsoftonline.us", "manage.protection.apps.mil"),
    ("china", "login.partner.microsoftonline.cn", "manage.office365.cn"),
  ])
  func `the address is that of the tenant's cloud`(
    cloud: String, login: String, api: String
  ) async throws {
    let place = try Workplace()
    let result = try await place.run(
      "consent", "--client-id", client, "--tenant", tenant, "--cloud", cloud)
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText.hasPrefix("https://\(login)/\(tenant)/v2.0/adminconsent?"))
    let fields = try fields(result.outputText)
    #expect(fields["client_id"] == client)
    #expect(fields["scope"] == "https://\(api)/.default")
    #expect(fields["redirect_uri"] == "http://localhost:8367/")
    #expect((fields["state"] ?? "").count == 64)
  }

  @Test func `the configuration says which application it is`() async throws {
    let place = try Workplace()
    try place.configure()
    let result = try await place.run("consent")
    #expect(
      result.outputText.hasPrefix("\(place.simulator.loginURL)/\(tenant)/v2.0/adminconsent?"))
    #expect(try fields(result.outputText)["client_id"] == client)
    let unknown = try await place.run("consent", "--tenant", "fabrikam")
    #expect(unknown.exitCode == 64)
    #expect(unknown.complaintText.contains("contoso"), "\(unknown.complaintText)")
  }

  /// Runs `consent --listen`, comes back to it with each query in turn, and gives what each was
  /// answered. `STATE` stands for the right word.
  private func answer(_ queries: [String]) async throws -> (ChildResult, statuses: [Int?]) {
    let place = try Workplace()
    let waiting = try place.start([
      "consent", "--listen", "--port", "0", "--client-id", client, "--tenant", tenant,
    ])
    try #require(await waiting.complains("waiting for the answer"))
    let fields = try fields(waiting.outputText)
    // The browser would find the address of localhost; this one is told.
    let address = (fields["redirect_uri"] ?? "").replacing("localhost", with: "127.0.0.1")
    let browser = CurlClient(name: "browser", userAgent: "browser")
    defer { browser.shutdown() }
    var statuses: [Int?] = []
    for query in queries {
      let state = fields["state"] ?? ""
      let url = address + "?" + query.replacing("STATE", with: state)
      do {
        let response = try await browser.send(HTTPRequest(url: url))
        #expect(!String(decoding: response.body, as: UTF8.self).contains("<"))
        statuses.append(response.status)
      } catch {
        // The last answer may be cut short by the end of the waiting.
        statuses.append(nil)
      }
    }
    return (await waiting.end(), statuses)
  }

  @Test(arguments: [
    (client: "9b2c1d7e-0000-4000-8000-000000000001", exitCode: Int32(0)),
    (client: "9b2c1d7e-0000-4000-8000-00000000000f", exitCode: 77),
  ])
  func `the page of a simulated tenant brings the answer`(
    client: String, exitCode: Int32
  ) async throws {
    let place = try Workplace()
    try place.configure()
    let waiting = try place.start(["consent", "--listen", "--port", "0"])
    try #require(await waiting.complains("waiting for the answer"))
    // As if the address were of another application.
    let page = try #require(waiting.outputText.split(separator: "\n").first)
      .replacing(SimulatedTenantOptions().clientID, with: client)
    let browser = CurlClient(name: "browser", userAgent: "browser")
    defer { browser.shutdown() }
    let sent = try await browser.send(HTTPRequest(url: String(page)))
    #expect(sent.status == 302)
    let back = try #require(sent.header("Location")).replacing("localhost", with: "127.0.0.1")
    // The answer to the browser may be cut short by the end of the waiting.
    _ = try? await browser.send(HTTPRequest(url: back))
    let result = await waiting.end()
    #expect(result.exitCode == exitCode, "\(result.complaintText)")
    #expect(
      (result.outputText + result.complaintText)
        .contains(exitCode == 0 ? "consent was given in tenant \(tenant)" : "AADSTS700016"))
  }

  @Test func `a consent is told, and forged answers are turned away before it`() async throws {
    let (result, statuses) = try await answer([
      "admin_consent=True&tenant=\(tenant)",
      "admin_consent=True&tenant=\(tenant)&state=forged",
      "error=access_denied&state=%3Cscript%3E",
      "state=STATE",
      "admin_consent=TRUE&tenant=\(tenant)&state=STATE",
    ])
    #expect(statuses.prefix(4) == [403, 403, 403, 400])
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText.contains("consent was given in tenant \(tenant)"))
  }

  @Test func `a refusal is told with the service's words and what to do`() async throws {
    let (result, _) = try await answer([
      "error=permission_denied&error_description=The+admin+canceled+the+request&state=STATE"
    ])
    #expect(result.exitCode == 77)
    #expect(result.complaintText.contains("The admin canceled the request"))
    #expect(result.complaintText.contains("Cloud Application Administrator"))
  }

  @Test func `a code among the words has its own advice`() async throws {
    let (result, _) = try await answer([
      "error=invalid_client&error_description=AADSTS650051%3A+old+permissions&state=STATE"
    ])
    #expect(result.exitCode == 77)
    #expect(result.complaintText.contains("AADSTS650051"), "\(result.complaintText)")
    #expect(!result.complaintText.contains("check client id, tenant and cloud"))
  }

  @Test func `consent of another tenant than the one that was asked is no success`()
    async throws
  {
    let (result, _) = try await answer([
      "admin_consent=True&tenant=00000000-1111-4222-8333-444444444444&state=STATE"
    ])
    #expect(result.exitCode == 78)
    #expect(result.complaintText.contains("00000000-1111-4222-8333-444444444444"))
  }

  @Test func `waiting ends, and says what may have been missing`() async throws {
    let place = try Workplace()
    let result = try await place.run(
      "consent", "--listen", "--port", "0", "--timeout", "1s", "--client-id", client)
    #expect(result.exitCode == 1)
    #expect(result.outputText.contains("/organizations/v2.0/adminconsent?"))
    #expect(result.complaintText.contains("redirect URI"), "\(result.complaintText)")
  }
}
