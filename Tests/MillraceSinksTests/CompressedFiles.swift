import Foundation
import MillraceCompression
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillraceSinks

/// Compressed files as others read them: with the commands of gzip and Zstandard.
enum CompressedFiles {
  /// The command that reads files of a kind.
  static func reader(of compression: FileCompression) -> String {
    switch compression {
    case .none: "/bin/cat"
    case .gzip: "/bin/zcat"
    case .zstd: "/usr/bin/zstdcat"
    }
  }

  /// What the command makes of a file, which has to satisfy it.
  static func text(
    of path: String, _ compression: FileCompression,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let command = reader(of: compression)
    guard FileManager.default.isExecutableFile(atPath: command) else {
      print("not read back with \(command), which is not installed")
      return String(decoding: try unpacked(path, compression), as: UTF8.self)
    }
    let result = try await ChildProcess(
      command, [path], environment: [:], folder: "/", killedAfter: .seconds(120)
    ).end()
    #expect(
      result.exitCode == 0 && result.complaints.isEmpty, "\(path): \(result.complaintText)",
      sourceLocation: sourceLocation)
    return result.outputText
  }

  /// The same by the libraries, which have to find complete members and nothing else.
  static func unpacked(
    _ path: String, _ compression: FileCompression,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [UInt8] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let (text, sound) = members(bytes, compression)
    #expect(sound == bytes.count, "\(path) is damaged", sourceLocation: sourceLocation)
    return text
  }

  /// What complete members hold, and where the last of them ends.
  static func members(
    _ bytes: [UInt8], _ compression: FileCompression
  ) -> (text: [UInt8], sound: Int) {
    guard let stream = compression.decompression() else { return (bytes, bytes.count) }
    var text: [UInt8] = []
    var pending: [UInt8] = []
    var place = 0
    var sound = 0
    var output = [UInt8](repeating: 0, count: 1 << 16)
    while place < bytes.count {
      let step = bytes[place...].withUnsafeBytes { input in
        output.withUnsafeMutableBytes { output in try? stream.decode(input, into: output) }
      }
      guard let step else { break }
      place += step.consumed
      pending += output[..<step.produced]
      if step.endsMember {
        text += pending
        pending = []
        sound = place
      } else if step.consumed == 0 && step.produced == 0 {
        break
      }
    }
    return (text, sound)
  }
}

/// A clock that a test sets.
final class SetClock: WallClock {
  private let time: ConditionLock<Timestamp>

  init(_ text: String) throws {
    time = ConditionLock(try #require(Timestamp(text)))
  }

  func now() -> Timestamp { time.withLock { $0 } }

  func set(_ text: String) throws {
    let moment = try #require(Timestamp(text))
    time.withLock { $0 = moment }
  }
}
