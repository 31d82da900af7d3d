import Foundation

/// A contender that waits to be told to go through its corpus. It ends with its standard input.
final class Conversation {
  struct Answer {
    let processorSeconds: Double
    let records: Int
    let outputBytes: Int
  }

  private let name: String
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var unread = Data()

  init(
    _ name: String, _ command: [String], more: [String: String] = [:]
  ) throws {
    self.name = name
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = [
      "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8",
    ].merging(more) { $1 }
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  func tell(_ command: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
  }

  func answer() throws -> Answer {
    while !unread.contains(UInt8(ascii: "\n")) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw ChildFailure(description: "\(name) ended early") }
      unread.append(more)
    }
    let end = unread.firstIndex(of: UInt8(ascii: "\n")) ?? unread.endIndex
    let line = String(decoding: unread[..<end], as: UTF8.self)
    unread = Data(unread[end...].dropFirst())
    let words = line.split(separator: " ")
    guard words.count == 3, let seconds = Double(words[0]), let records = Int(words[1]),
      let bytes = Int(words[2])
    else { throw ChildFailure(description: "\(name) answered: \(line)") }
    return Answer(processorSeconds: seconds, records: records, outputBytes: bytes)
  }

  func ask(_ command: String) throws -> Answer {
    try tell(command)
    return try answer()
  }

  /// The largest resident set so far, in bytes.
  func residentBytesPeak() throws -> Int {
    let path = "/proc/\(process.processIdentifier)/status"
    let status = try String(contentsOfFile: path, encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }

  func end() throws {
    try input.fileHandleForWriting.close()
    // What it still prints is nothing we wait for, but a full pipe would keep it.
    _ = try output.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ChildFailure(description: "\(name) ended with \(process.terminationStatus)")
    }
  }
}
