import Foundation
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
    #expect(check.outputText.contains("1 tenants"), "\(check.complaintText)")

    let second = try await place.run("init", "--config", place.path("new.yaml"))
    #expect(second.exitCode == 1)
    #expect(second.complaintText.contains("left as it is"), "\(second.complaintText)")
    #expect(try place.lines(of: "new.yaml") == written)
  }
}
