import Foundation
import Glibc
import TestChildren
import Testing

/// `check --offline`.
struct CheckTests {
  private func findings(_ result: ChildResult) throws -> [[String: String]] {
    try json(result.outputText)
  }

  @Test func `a sound configuration is found sound`() async throws {
    let place = try Workplace()
    try place.configure()
    let result = try await place.run("check", "--offline")
    #expect(result.exitCode == 0)
    let lines = result.outputText.split(separator: "\n")
    #expect(lines.count >= 4 && lines.allSatisfy { $0.hasPrefix("ok ") }, "\(result.outputText)")
    #expect(!FileManager.default.fileExists(atPath: place.path("store")), "it changes nothing")
  }

  @Test func `a secret that others can read is warned about`() async throws {
    let place = try Workplace()
    try place.configure()
    chmod(place.path("client.secret"), 0o644)
    let result = try await place.run("check", "--offline", "--json")
    #expect(result.exitCode == 0)
    let warnings = try findings(result).filter { $0["level"] == "warning" }
    #expect(warnings.count == 1)
    #expect(warnings.first?["message"]?.contains("client.secret") == true, "\(warnings)")
    #expect(warnings.first?["message"]?.contains("600") == true, "\(warnings)")
  }

  @Test func `a secret that is missing is a failure`() async throws {
    let place = try Workplace()
    try place.configure()
    unlink(place.path("client.secret"))
    let result = try await place.run("check", "--offline")
    #expect(result.exitCode == 78)
    #expect(
      (result.outputText + result.complaintText).contains("client.secret"), "\(result.outputText)")
  }

  @Test func `every failure is found in one go`() async throws {
    let place = try Workplace()
    try place.write("a file\n", to: "occupied")
    try place.configure(
      store: "occupied/store", sinks: ["raw: {type: file, path: occupied/raw.ndjson}"])
    let result = try await place.run("check", "--offline", "--json")
    #expect(result.exitCode == 78)
    let failures = try findings(result).filter { $0["level"] == "failure" }
    #expect(failures.compactMap { $0["subject"] } == ["store", "sink raw"])
    #expect(failures.allSatisfy { $0["message"]?.contains("occupied") == true }, "\(failures)")
  }
}
