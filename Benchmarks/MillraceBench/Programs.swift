import Foundation
import MillraceRuntime
import Synchronization

/// A program that did not do its work, or is not there.
struct ChildFailure: Error, CustomStringConvertible {
  let description: String
}

/// What a program's run cost.
struct ProgramRun: Codable {
  let wallSeconds: Double
  let processorSeconds: Double
  /// The largest resident set (VmHWM of proc(5), "status").
  let residentBytesPeak: Int
}

/// Programs that are measured as processes of their own, this one in another role among them.
enum Programs {
  /// A command that stays on one core, the same for all, as cores of a shared machine differ; the
  /// command itself where there is no `taskset`.
  static func pinned(_ command: [String]) -> [String] {
    let program = "/usr/bin/taskset"
    guard FileManager.default.isExecutableFile(atPath: program), let core = lastCore
    else { return command }
    return [program, "--cpu-list", core] + command
  }

  /// The last of the cores that this process may use (proc(5), `Cpus_allowed_list`).
  private static let lastCore: String? = {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") })
    else { return nil }
    return line.split(whereSeparator: { ":-,\t ".contains($0) }).last.map(String.init)
  }()

  /// This very program.
  static let ourselves = "/proc/self/exe"

  /// Where this program is.
  static var ownPath: String {
    URL(fileURLWithPath: ourselves).resolvingSymlinksInPath().path
  }

  /// The collector that was built with this program.
  static func millrace() throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: ourselves)
    let path = URL(fileURLWithPath: own).deletingLastPathComponent().path + "/millrace"
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw ChildFailure(
        description: "\(path) is missing: swift build -c release --product millrace")
    }
    return path
  }

  /// Where a program is installed; nil when it is not. Daemons live in folders that a user's path
  /// may lack.
  static func find(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
    return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
  }

  static func start(
    _ program: String, _ words: [String], folder: String = "/", more: [String: String] = [:],
    input: String = "/dev/null"
  ) throws -> ChildProcess {
    try ChildProcess(
      program, words,
      environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder].merging(more) { $1 },
      folder: folder, input: input)
  }

  /// Runs a program to its end.
  static func run(
    _ program: String, _ words: [String], folder: String = "/"
  ) async throws -> (run: ProgramRun, result: ChildResult) {
    let watch = Stopwatch()
    let child = try start(program, words, folder: folder)
    let peak = PeakWatch(child)
    let result = await child.end(atMost: .seconds(7200))
    let seconds = watch.sample.wallSeconds
    guard result.ending == .exited(0) else {
      throw ChildFailure(
        description: "\(program) \(words.first ?? "") ended with \(result.ending): "
          + result.complaintText)
    }
    return (
      ProgramRun(
        wallSeconds: seconds, processorSeconds: result.processorSeconds,
        residentBytesPeak: peak.bytes), result
    )
  }

  /// Peak memory of this process.
  static var ownResidentBytesPeak: Int { ProcessUsage.residentBytesPeak }
}

/// Looks at a child's memory again and again while it runs. The kernel keeps the largest value, so
/// that only what the last moments add is missed.
final class PeakWatch: Sendable {
  private let peak = Mutex(0)

  init(_ child: ChildProcess) {
    startThread(name: "peak-watch") { [self] in
      while child.isRunning {
        if let bytes = PeakWatch.look(child.process) { peak.withLock { $0 = max($0, bytes) } }
        usleep(10_000)
      }
    }
  }

  var bytes: Int { peak.withLock { $0 } }

  private static func look(_ process: Int32) -> Int? {
    // A process that has just ended has no status any more.
    guard let status = FileManager.default.contents(atPath: "/proc/\(process)/status") else {
      return nil
    }
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("VmHWM:")
    }
    let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return kilobytes.map { $0 * 1024 }
  }
}
