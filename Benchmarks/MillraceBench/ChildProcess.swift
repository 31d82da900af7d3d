import Foundation

/// A child that did not do its work.
struct ChildFailure: Error, CustomStringConvertible {
  let description: String
}

/// Runs other programs, and this one in another role.
enum ChildProcess {
  /// Runs a program to its end; what it prints goes nowhere.
  static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ChildFailure(description: "\(program) ended with \(process.terminationStatus)")
    }
  }

  /// Starts this program with other arguments; its input and output are pipes.
  static func startOurselves(
    _ arguments: [String]
  ) throws -> (process: Process, input: FileHandle, output: FileHandle) {
    let process = Process()
    process.executableURL = try ourselves()
    process.arguments = arguments
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    return (process, input.fileHandleForWriting, output.fileHandleForReading)
  }

  private static func ourselves() throws -> URL {
    URL(
      fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
  }

  /// Processor time of all children that have ended.
  static func processorSecondsOfChildren() -> Double {
    usage(__rusage_who_t(RUSAGE_CHILDREN.rawValue)).processorSeconds
  }

  /// Processor time and peak memory of this process.
  static func ownUsage() -> (processorSeconds: Double, residentBytesPeak: Int) {
    usage(__rusage_who_t(RUSAGE_SELF.rawValue))
  }

  private static func usage(
    _ who: __rusage_who_t
  ) -> (processorSeconds: Double, residentBytesPeak: Int) {
    var usage = rusage()
    getrusage(who, &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
    return (seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss * 1024)
  }
}
