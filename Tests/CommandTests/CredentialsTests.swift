import Foundation
import Glibc
import TestChildren
import Testing

/// `credentials new`, with the `openssl` command as a second opinion.
@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"),
    "the openssl command judges what was made"))
struct CredentialsTests {
  private func openssl(_ place: Workplace, _ words: String...) async throws -> ChildResult {
    await
      (try ChildProcess(
        "/usr/bin/openssl", words, environment: ["HOME": place.folder], folder: place.folder,
        keeping: place)).end()
  }

  private func mode(_ path: String) -> UInt32 {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test func `key and certificate belong together, and the key is its owner's alone`()
    async throws
  {
    let place = try Workplace()
    let made = try await place.run("credentials", "new", "--name", "contoso", "--days", "90")
    #expect(made.exitCode == 0, "\(made.complaintText)")
    #expect(mode(place.path("contoso.key")) == 0o600)
    let ofKey = try await openssl(place, "pkey", "-in", "contoso.key", "-pubout")
    let ofCertificate = try await openssl(
      place, "x509", "-in", "contoso.pem", "-noout", "-pubkey")
    #expect(ofKey.exitCode == 0 && ofKey.output == ofCertificate.output)
    let text = try await openssl(place, "x509", "-in", "contoso.pem", "-noout", "-text").outputText
    for fact in ["3072 bit", "sha256WithRSAEncryption", "CN = contoso", "CA:FALSE"] {
      #expect(text.contains(fact), "\(fact)")
    }
    let verified = try await openssl(
      place, "verify", "-CAfile", "contoso.pem", "-partial_chain", "contoso.pem")
    #expect(verified.exitCode == 0, "it signed itself: \(verified.complaintText)")
    let lasting = try await openssl(
      place, "x509", "-in", "contoso.pem", "-noout", "-checkend", "\(89 * 86_400)")
    #expect(lasting.exitCode == 0)
    let ended = try await openssl(
      place, "x509", "-in", "contoso.pem", "-noout", "-checkend", "\(91 * 86_400)")
    #expect(ended.exitCode == 1)
    #expect(!made.outputText.contains("PRIVATE KEY"))
  }

  @Test(arguments: [false, true])
  func `what was made is taken by the login service, once it was uploaded`(
    isEncrypted: Bool
  ) async throws {
    let workshop = try Workplace()
    try workshop.write("a long passphrase\n", to: "password")
    let words = ["credentials", "new"] + (isEncrypted ? ["--password-file", "password"] : [])
    #expect(await (try workshop.start(words)).end().exitCode == 0)
    let certificate = try String(contentsOfFile: workshop.path("millrace.pem"), encoding: .utf8)
    let place = try Workplace(events: 30, certificates: [certificate])
    let password = isEncrypted ? ", password: 'file:\(workshop.path("password"))'" : ""
    chmod(workshop.path("password"), 0o600)
    try place.configure(
      credential: "{certificate: {path: '\(workshop.path("millrace.pem"))', "
        + "key: '\(workshop.path("millrace.key"))'\(password)}}")
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 0, "\(findings.at("failure"))")
    let own = try #require(findings.at("ok").about("secret").first)
    #expect(own.message.contains("certificate can be used, until 20"), "\(own)")
    #expect(findings.at("ok").contains { $0.area == "token" })
    // The tenant that never saw the certificate refuses it.
    let stranger = try Workplace()
    try stranger.configure(
      credential: "{certificate: {path: '\(workshop.path("millrace.pem"))', "
        + "key: '\(workshop.path("millrace.key"))'\(password)}}")
    let refused = try await stranger.check()
    #expect(refused.exitCode == 77)
    #expect(refused.findings.at("failure").contains { $0.message.contains("AADSTS700027") })
  }

  @Test func `the thumbprints are those that others see`() async throws {
    let place = try Workplace()
    let made = try await place.run("credentials", "new", "--json", "--bits", "2048")
    let report: [String: Any] = try json(made.outputText)
    for (name, digest) in [("thumbprint_sha1", "-sha1"), ("thumbprint_sha256", "-sha256")] {
      let shown = try await openssl(
        place, "x509", "-in", "millrace.pem", "-noout", "-fingerprint", digest
      ).outputText.split(separator: "=").last
      let plain = shown?.filter { $0 != ":" && $0 != "\n" }
      #expect(report[name] as? String == plain)
    }
  }

  @Test func `a key can be encrypted, with a password that no list of processes shows`()
    async throws
  {
    let place = try Workplace()
    try place.write("a long passphrase\n", to: "password")
    let made = try await place.run(
      "credentials", "new", "--bits", "2048", "--password-file", "password")
    #expect(made.exitCode == 0, "\(made.complaintText)")
    #expect(
      made.outputText.contains("password: 'file:password'")
        || made.outputText.contains("password: file:password"))
    #expect(try place.lines(of: "millrace.key").first == "-----BEGIN ENCRYPTED PRIVATE KEY-----")
    let right = try await openssl(
      place, "pkey", "-in", "millrace.key", "-passin", "file:password", "-noout", "-check")
    #expect(right.exitCode == 0, "\(right.complaintText)")
    let wrong = try await openssl(
      place, "pkey", "-in", "millrace.key", "-passin", "pass:another", "-noout")
    #expect(wrong.exitCode != 0)
  }

  @Test(arguments: ["millrace.key", "millrace.pem"])
  func `a file that is there is never touched, and nothing is left beside it`(
    name: String
  ) async throws {
    let place = try Workplace()
    try place.write("mine\n", to: name)
    let made = try await place.run("credentials", "new")
    #expect(made.exitCode == 1)
    #expect(made.complaintText.contains("left as it is"), "\(made.complaintText)")
    #expect(try place.lines(of: name) == ["mine"])
    let names = try FileManager.default.contentsOfDirectory(atPath: place.folder)
    #expect(names == [name])
  }

  @Test func `it says what to grant, and no more than that`() async throws {
    let place = try Workplace()
    let all = try await place.run("credentials", "new", "--bits", "2048").outputText
    for word in [
      "594c1fb6-4f81-4475-ae41-0c394909246c=Role", "4807a72c-ad38-4250-94c9-4eabfe26cd55=Role",
      "c5393580-f805-4401-95e8-94b7a6ef2fc2", "Cloud Application Administrator",
      "az ad app credential reset", "--cert @millrace.pem", "Set-AdminAuditLogConfig",
    ] {
      #expect(all.contains(word), "\(word)")
    }
    #expect(!all.contains("ServiceHealth.Read"))
    try place.configure()
    let text = try String(contentsOfFile: place.path("millrace.yaml"), encoding: .utf8)
    try place.write(
      text.replacing(
        "requests_per_minute", with: "content_types: [Audit.General]\n    requests_per_minute"),
      to: "millrace.yaml")
    let some = try await place.run("credentials", "new", "--name", "two", "--bits", "2048")
    #expect(some.outputText.contains("594c1fb6"), "\(some.complaintText)")
    #expect(!some.outputText.contains("4807a72c"), "DLP.All is not collected")
    #expect(some.outputText.contains("9b2c1d7e-0000-4000-8000-000000000001"))
  }
}
