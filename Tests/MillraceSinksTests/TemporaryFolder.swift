import Foundation

/// A folder of its own for one test, removed when the test lets go of it.
final class TemporaryFolder: Sendable {
  let path: String

  /// `inMemory` asks for a file system without a disk behind it, for tests of many small writes.
  init(inMemory: Bool = false) throws {
    let isWritable = FileManager.default.isWritableFile(atPath: "/dev/shm")
    let parent = inMemory && isWritable ? "/dev/shm" : FileManager.default.temporaryDirectory.path
    path = parent + "/millrace-sinks-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      print("could not remove \(path): \(error)")
    }
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }

  func write(_ text: String, to name: String) throws {
    // Not atomically: that would give the file another inode.
    let data = Data(text.utf8)
    let target = path + "/" + name
    if FileManager.default.fileExists(atPath: target) {
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: target))
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: data)
      try handle.close()
    } else {
      try data.write(to: URL(fileURLWithPath: target))
    }
  }

  func append(_ text: String, to name: String) throws {
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path + "/" + name))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  func rename(_ name: String, to other: String) throws {
    try FileManager.default.moveItem(atPath: path + "/" + name, toPath: path + "/" + other)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + name)
  }

  /// Every file below the folder with its text, by path relative to it.
  func allTexts() throws -> [String: String] {
    var texts: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
      if !isFolder.boolValue { texts[name] = try text(name) }
    }
    return texts
  }
}
