import Foundation
import Testing

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
  func texts(in name: String) throws -> [String: String] {
    let top = path + "/" + name
    guard FileManager.default.fileExists(atPath: top) else { return [:] }
    var texts: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: top) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: top + "/" + name, isDirectory: &isFolder)
      guard !isFolder.boolValue else { continue }
      texts[name] = try String(contentsOfFile: top + "/" + name, encoding: .utf8)
    }
    return texts
  }
}
