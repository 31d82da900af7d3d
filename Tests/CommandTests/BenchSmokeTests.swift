import Foundation
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
  private static func run(_ arguments: [String]) throws -> (status: Int32, output: Data) {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(fileURLWithPath: tests).deletingLastPathComponent()
      .appendingPathComponent("MillraceBench")
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let printed = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, printed)
  }

  @Test func `a smoke run measures everything once`() throws {
    let (status, output) = try Self.run(["--smoke", "--json"])
    #expect(status == 0)
    let report = try JSONDecoder().decode(Report.self, from: output)
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

  @Test func `arguments that make no sense are refused`() throws {
    let (status, output) = try Self.run(["--rounds", "none"])
    #expect(status == 64)
    #expect(output.isEmpty)
  }
}
