import Foundation
import MillraceCompression
import Testing

@testable import MillraceSinks

/// A folder for one test, removed with it; in memory, as a faulty disk decides what is durable.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let hasMemory = FileManager.default.isWritableFile(atPath: "/dev/shm")
    var template = Array(
      ((hasMemory ? "/dev/shm/" : NSTemporaryDirectory()) + "millrace-power-XXXXXX").utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    // What cannot be removed lies in a temporary folder, which is emptied anyway.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Every file below a folder of this one with its text, by path relative to it.
  func texts(
    in name: String, _ compression: FileCompression = .none
  ) throws -> [String: String] {
    let top = path + "/" + name
    guard FileManager.default.fileExists(atPath: top) else { return [:] }
    var texts: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: top) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: top + "/" + name, isDirectory: &isFolder)
      guard !isFolder.boolValue else { continue }
      texts[name] = text(try Data(contentsOf: URL(fileURLWithPath: top + "/" + name)), compression)
    }
    return texts
  }

  /// What a file holds; for one that is damaged that it is.
  private func text(_ data: Data, _ compression: FileCompression) -> String {
    guard let stream = compression.decompression() else {
      return String(decoding: data, as: UTF8.self)
    }
    let bytes = [UInt8](data)
    var text: [UInt8] = []
    var output = [UInt8](repeating: 0, count: 1 << 16)
    var place = 0
    var isWhole = true
    while place < bytes.count {
      let step = bytes[place...].withUnsafeBytes { input in
        output.withUnsafeMutableBytes { output in try? stream.decode(input, into: output) }
      }
      guard let step, step.consumed + step.produced > 0 else { return "damaged" }
      place += step.consumed
      text += output[..<step.produced]
      isWhole = step.endsMember
    }
    return isWhole ? String(decoding: text, as: UTF8.self) : "damaged"
  }
}
