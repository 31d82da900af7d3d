import MillraceCore
import MillraceSimulator
import MillraceSource
import Testing

struct `The advice on codes` {
  /// Those that the description of the service names.
  static let loginCodes = [
    7_000_215, 7_000_222, 7_000_218, 7_000_216, 7_000_217, 700_016, 700_011, 7_000_112, 70_001,
    90_002, 900_023, 50_059, 50_128, 9_001_023, 50_194, 90_019, 900_971, 500_011, 50_001, 70_011,
    700_022, 700_023, 901_002, 900_144, 65_001, 90_094, 650_051, 650_052, 650_056, 650_057, 700_027,
    700_024, 50_012, 50_013, 500_133, 50_027, 700_025, 700_030, 70_002, 70_021, 700_211, 700_212,
    700_213, 7_002_138, 700_229, 53_003, 530_032, 530_035, 90_055, 50_196, 50_033, 90_006, 90_012,
    90_024, 90_033, 90_038, 900_382, 900_432, 50_003, 50_048, 50_049, 50_011,
  ]

  static let apiCodes = [
    "AF10001", "AF20001", "AF20002", "AF20003", "AF20010", "AF20011", "AF20012", "AF20013",
    "AF20020", "AF20021", "AF20022", "AF20023", "AF20024", "AF20030", "AF20031", "AF20050",
    "AF20051", "AF20052", "AF20053", "AF20054", "AF20055", "AF429", "AF50000", "AF50005", "AF50006",
  ]

  @Test func `covers each code that is known`() {
    for number in Self.loginCodes { #expect(LoginCode.find(number) != nil, "AADSTS\(number)") }
    for name in Self.apiCodes { #expect(APICode.find(name) != nil, "\(name)") }
    #expect(LoginCode.find("AADSTS700027")?.number == 700_027)
    #expect(LoginCode.find("700027") == nil && LoginCode.find("AADSTSx") == nil)
  }

  @Test func `is each code's own`() {
    let texts =
      LoginCode.all.flatMap { [$0.meaning, $0.advice] }
      + APICode.all.flatMap { [$0.meaning, $0.advice] }
    let counts = Dictionary(texts.map { ($0, 1) }, uniquingKeysWith: +)
    #expect(counts.filter { $0.value > 1 }.isEmpty)
    #expect(texts.allSatisfy { $0.count >= 15 })
    #expect(Set(LoginCode.all.map(\.number)).count == LoginCode.all.count)
    #expect(Set(APICode.all.map(\.name)).count == APICode.all.count)
  }

  @Test(arguments: loginCodes)
  func `of the login service comes with its refusal`(number: Int) async throws {
    let world = try CredentialWorld()
    world.simulator.refuseLogins(with: number)
    let provider = try world.provider(Credential.clientSecret { "simulated-secret" })
    let refusal = await failure { () async throws(ServiceFailure) in try await provider.token() }
    let code = try #require(LoginCode.find(number))
    #expect(refusal?.code == code.name)
    #expect(refusal?.kind == code.kind)
    #expect(refusal?.hint == code.hint)
    // It is over as soon as it is mended.
    #expect(try await provider.token().claims?.canReadActivity == true)
  }
}
