import Foundation
import MillraceSimulator
import TestChildren
import Testing

/// Credentials as a person uses them: against `simulate`, with the program's own words.
@Suite(
  .timeLimit(.minutes(10)),
  .enabled(if: CertificateWorkshop.openssl != nil, "the openssl command makes the certificates"))
struct CredentialCommandTests {
  /// Runs `simulate` with these options and gives the origin it prints.
  private func simulate(
    _ place: Workplace, _ words: String...
  ) async throws -> (tenant: ChildProcess, origin: String) {
    let tenant = try place.start(["simulate", "--events", "40", "--port", "0"] + words)
    #expect(await tenant.says("resource: https://manage.office.com"))
    let line = tenant.outputText.split(separator: "\n").first { $0.contains("login: ") }
    let origin = try #require(line?.split(separator: " ").last.map(String.init))
    return (tenant, origin)
  }

  private func configure(_ place: Workplace, origin: String, credential: String) throws {
    try place.configure(address: origin)
    let text = try String(contentsOfFile: place.path("millrace.yaml"), encoding: .utf8)
    try place.write(
      text.replacing("{client_secret: file:client.secret}", with: credential), to: "millrace.yaml")
  }

  @Test func `a certificate and a token file collect, and survive a fault of the login`()
    async throws
  {
    let place = try Workplace()
    let workshop = try CertificateWorkshop()
    let pair = try await workshop.selfSigned("app", days: 20)
    let (tenant, origin) = try await simulate(
      place, "--client-certificate", pair.certificate, "--identity-token", "token",
      "--login-error", "AADSTS90033")
    try configure(
      place, origin: origin,
      credential: "{certificate: {path: '\(pair.certificate)', key: '\(pair.key)'}}")
    let check = try await place.run("check", "--offline")
    #expect(check.exitCode == 0, "\(check.outputText)")
    #expect(check.outputText.contains("the certificate can be used"))
    #expect(check.outputText.contains("The certificate ends in 19 days"))
    let first = try await place.run("run", "--once")
    #expect(first.exitCode == 0, "\(first.complaintText)")
    #expect(first.complaintText.contains("AADSTS90033"))
    #expect(first.complaintText.contains("The certificate ends in 19 days"))
    #expect(try place.lines(of: "raw.ndjson").count == 40)

    try configure(place, origin: origin, credential: "{federated_token_file: token}")
    let second = try await place.run("subscriptions", "list")
    #expect(second.exitCode == 0, "\(second.complaintText)")
    #expect(tenant.isRunning)
  }

  @Test func `a certificate that is not registered is refused, with the way out`() async throws {
    let place = try Workplace()
    let workshop = try CertificateWorkshop()
    let pair = try await workshop.selfSigned("app")
    let (tenant, origin) = try await simulate(place)
    try configure(
      place, origin: origin,
      credential: "{certificate: {path: '\(pair.certificate)', key: '\(pair.key)'}}")
    let refused = try await place.run("subscriptions", "list")
    #expect(refused.exitCode == 77, "\(refused.complaintText)")
    #expect(refused.complaintText.contains("AADSTS700027"))
    #expect(refused.complaintText.contains("upload the configured certificate"))
    #expect(!refused.complaintText.contains("eyJ"))
    #expect(tenant.isRunning)
  }

  @Test func `a code that nobody knows is bad usage`() async throws {
    let place = try Workplace()
    let result = try await place.run("simulate", "--login-error", "AADSTS1")
    #expect(result.exitCode == 64)
    #expect(result.complaintText.contains("AADSTS7000215"))
  }
}
