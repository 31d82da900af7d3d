import Foundation
import TestChildren
import Testing

/// The benchmark stays runnable. Its figures are nobody's business here.
@Suite(.timeLimit(.minutes(10)))
struct BenchSmokeTests {
  /// What is looked at of the report.
  private struct Report: Decodable {
    struct Contender: Decodable {
      let name: String
      let events: Int
      let rounds: Int
    }
    struct Store: Decodable {
      let group: Int
    }
    struct Collector: Decodable {
      let events: Int
    }
    let normalizer: [Contender]
    let store: [Store]
    let collector: [Collector]
    let nativeDigest: String
  }

  /// The program stands beside the one that runs the tests.
  private static func run(_ arguments: [String]) async throws -> ChildResult {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(fileURLWithPath: tests).deletingLastPathComponent()
      .appendingPathComponent("MillraceBench")
    return await
      (try ChildProcess(
        program.path, arguments, environment: ProcessInfo.processInfo.environment,
        folder: FileManager.default.currentDirectoryPath)).end(atMost: .seconds(600))
  }

  @Test func `a smoke run measures everything once`() async throws {
    let result = try await Self.run(["--smoke", "--json"])
    #expect(result.exitCode == 0, "\(result.complaintText)")
    let report = try JSONDecoder().decode(Report.self, from: Data(result.output))
    let names = report.normalizer.map(\.name)
    for name in ["memcpy", "scan", "native encode", "raw encode", "JSONSerialization"] {
      #expect(names.contains(name))
    }
    #expect(report.normalizer.allSatisfy { $0.events > 0 && $0.rounds == 1 })
    #expect(report.store.map(\.group) == [1, 8, 64, 1, 8, 64])
    #expect(!report.collector.isEmpty)
    #expect(report.collector.allSatisfy { $0.events == 500 }, "every event arrives")
    #expect(report.nativeDigest.utf8.count == 64)
  }

  @Test func `arguments that make no sense are refused`() async throws {
    let result = try await Self.run(["--rounds", "none"])
    #expect(result.exitCode == 64)
    #expect(result.output.isEmpty)
  }
}
