import Foundation
import MillraceCore
import MillraceSimulator
import TestWire
import Testing

@Suite(.timeLimit(.minutes(10)))
struct LoginTests {
  private func object(_ answer: SimulatedWorld.Answer?) throws -> [String: Any] {
    let answer = try #require(answer)
    return try #require(
      try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
  }

  private func claims(_ token: String) throws -> [String: Any] {
    let parts = token.split(separator: ".")
    #expect(parts.count == 3)
    var payload = String(parts[1]).replacing("-", with: "+").replacing("_", with: "/")
    while payload.count % 4 != 0 { payload += "=" }
    let data = try #require(Data(base64Encoded: payload))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func `the newer endpoint answers numbers`() throws {
    let world = try SimulatedWorld()
    let object = try object(world.login())
    #expect(object["expires_in"] as? Int == 3599)
    #expect(object["token_type"] as? String == "Bearer")
    #expect(world.simulator.statistics.tokensIssued == 1)
  }

  @Test func `the older endpoint answers digits in strings`() throws {
    let world = try SimulatedWorld()
    let object = try object(world.login(path: "oauth2/token?api-version=1.0"))
    #expect(object["expires_in"] as? String == "3599")
    #expect(object["expires_on"] as? String == "1790003599")
    #expect(object["resource"] as? String == "https://manage.office.com")
  }

  @Test func `a token carries the claims of an application`() throws {
    let world = try SimulatedWorld()
    let token = try #require(try object(world.login())["access_token"] as? String)
    let claims = try claims(token)
    #expect(claims["aud"] as? String == "https://manage.office.com")
    #expect(claims["tid"] as? String == SimulatedWorld.tenant)
    #expect(claims["appid"] as? String == SimulatedWorld.client)
    #expect(claims["exp"] as? Int == 1_790_003_599)
    #expect(
      claims["roles"] as? [String] == [
        "ServiceHealth.Read", "ActivityFeed.Read", "ActivityFeed.ReadDlp",
      ])
    let second = try #require(try object(world.login())["access_token"] as? String)
    #expect(token != second)
  }

  @Test func `a domain stands for the tenant`() throws {
    let world = try SimulatedWorld()
    let token = try #require(
      try object(world.login(tenant: "contoso.example.com"))["access_token"] as? String)
    #expect(try claims(token)["tid"] as? String == SimulatedWorld.tenant)
    let document = try object(
      WireConnection(port: world.simulator.port).request(
        "GET", "/contoso.example.com/v2.0/.well-known/openid-configuration"))
    #expect((document["issuer"] as? String)?.contains(SimulatedWorld.tenant) == true)
  }

  @Test(arguments: [
    (["client_secret": "wrong"], 401, 7_000_215, "invalid_client"),
    (["client_secret": ""], 401, 7_000_218, "invalid_client"),
    (["client_id": "00000000-0000-4000-8000-000000000009"], 400, 700_016, "unauthorized_client"),
    (["client_id": ""], 400, 900_144, "invalid_request"),
    (["grant_type": ""], 400, 900_144, "invalid_request"),
    (["scope": ""], 400, 900_144, "invalid_request"),
    (["scope": "https://manage.office.com"], 400, 70_011, "invalid_scope"),
    (["grant_type": "password"], 400, 70_003, "unsupported_grant_type"),
  ])
  func `a wrong request is refused with the code of its fault`(
    fields: [String: String], status: Int, code: Int, error: String
  ) throws {
    let world = try SimulatedWorld()
    let answer = world.login(fields)
    #expect(answer?.status == status)
    let object = try object(answer)
    #expect(object["error_codes"] as? [Int] == [code])
    #expect(object["error"] as? String == error)
    let description = try #require(object["error_description"] as? String)
    #expect(description.hasPrefix("AADSTS\(code): "))
    #expect(!description.contains("simulated-secret"))
    #expect(world.simulator.statistics.tokensRefused == 1)
  }

  @Test func `an unknown tenant is refused`() throws {
    let world = try SimulatedWorld()
    let answer = world.login(tenant: "00000000-0000-4000-8000-000000000009")
    #expect(try object(answer)["error_codes"] as? [Int] == [90_002])
    #expect(try object(world.login(tenant: "common"))["error_codes"] as? [Int] == [9_001_023])
  }

  @Test func `an outside token is accepted in place of a secret`() throws {
    let world = try SimulatedWorld()
    let fields = [
      "client_secret": "",
      "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    ]
    func login(_ assertion: String) throws -> [String: Any] {
      try object(world.login(fields.merging(["client_assertion": assertion]) { $1 }))
    }
    let good = try login(world.simulator.identityToken(.kubernetes))
    let token = try #require(good["access_token"] as? String)
    #expect(try claims(token)["appidacr"] as? String == "2")
    // Nobody has signed this one.
    let payload = Data(
      "{\"iss\":\"\(SimulatedWorld.client)\",\"sub\":\"\(SimulatedWorld.client)\",\"aud\":\"x\",\"exp\":1}"
        .utf8)
    let header = Data(#"{"alg":"PS256"}"#.utf8)
    let forged = [header, payload].map {
      $0.base64EncodedString().replacing("=", with: "")
    }.joined(separator: ".")
    #expect(try login(forged + ".c2ln")["error_codes"] as? [Int] == [700_027])
    #expect(try login("nonsense")["error_codes"] as? [Int] == [50_027])
    #expect(
      try object(world.login(fields.merging(["client_assertion_type": ""]) { $1 }))["error_codes"]
        as? [Int] == [7_000_218])
  }

  @Test func `a refusal can be asked for by its code`() throws {
    let world = try SimulatedWorld()
    world.simulator.refuseLogins(with: 53_003, times: 2)
    for _ in 1...2 { #expect(try object(world.login())["error_codes"] as? [Int] == [53_003]) }
    #expect(try object(world.login())["access_token"] is String)
  }

  @Test func `no-roles issues tokens that are good for nothing`() throws {
    let world = try SimulatedWorld(.noRoles)
    let token = try #require(try object(world.login())["access_token"] as? String)
    #expect(try claims(token)["roles"] == nil)
    world.token = token
    let answer = world.call("GET", "subscriptions/list")
    #expect(answer?.status == 401)
    #expect(answer?.text.contains("AF10001") == true)
  }
}
