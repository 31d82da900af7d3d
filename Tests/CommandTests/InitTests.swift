import Foundation
import Glibc
import TestChildren
import Testing

/// `init`.
struct InitTests {
  @Test func `it writes a configuration that parses, and never over another`() async throws {
    let place = try Workplace()
    let first = try await place.run("init", "--config", place.path("new.yaml"))
    #expect(first.exitCode == 0, "\(first.complaintText)")
    let written = try place.lines(of: "new.yaml")
    #expect(written.contains { $0.hasPrefix("tenants:") })
    // It names files that are not there; what stands in it is understood all the same.
    let check = try await place.run("check", "--offline", "--config", place.path("new.yaml"))
    #expect(check.outputText.contains("1 tenant, "), "\(check.complaintText)")

    let second = try await place.run("init", "--config", place.path("new.yaml"))
    #expect(second.exitCode == 1)
    #expect(second.complaintText.contains("left as it is"), "\(second.complaintText)")
    #expect(try place.lines(of: "new.yaml") == written)
  }

  @Test func `options that say it all leave nothing to be filled in`() async throws {
    let place = try Workplace()
    let result = try await place.run(
      "init", "--tenant", "41463f53-8812-40f4-890f-865bf6e35190", "--name", "contoso",
      "--client-id", "9b2c1d7e-0000-4000-8000-000000000001", "--secret", "it's $5.secret",
      "--cloud", "gcc-high", "--content-type", "Audit.General", "--content-type", "DLP.All",
      "--store", "store", "--output", "out/{tenant}.ndjson", "--listen", "127.0.0.1:0")
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(!result.complaintText.contains("fill in"))
    try place.write("a secret\n", to: "it's $5.secret")
    chmod(place.path("it's $5.secret"), 0o600)
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 0, "\(findings)")
    #expect(findings.at("ok").about("secret").count == 1, "the name of the file survives")
    let text = try place.lines(of: "millrace.yaml").joined(separator: "\n")
    for line in ["cloud: gcc-high", "content_types: [Audit.General, DLP.All]", "out/{tenant}"] {
      #expect(text.contains(line), "\(line)")
    }
  }

  @Test(arguments: [
    ["--tenant", "common"], ["--client-id", "no-guid"], ["--secret", "a", "--certificate", "b"],
    ["--key", "a"], ["--tenant", "x: {y"],
  ])
  func `options that cannot be right are refused, and nothing is written`(
    words: [String]
  ) async throws {
    let place = try Workplace()
    let result = await (try place.start(["init"] + words)).end()
    #expect(result.exitCode == 64, "\(result.complaintText)")
    #expect(!FileManager.default.fileExists(atPath: place.path("millrace.yaml")))
  }
}
