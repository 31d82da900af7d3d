import Foundation

/// A folder that goes when its owner does.
final class TemporaryFolder {
  let path: String

  init(in parent: String) throws {
    path = parent + "/millrace-bench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      FileHandle.standardError.write(Data("\(path) stays: \(error)\n".utf8))
    }
  }

  /// The file system a folder is on (proc(5), "mounts"): on tmpfs a commit costs nothing.
  static func fileSystem(of path: String) -> String {
    var best = (point: "", kind: "unknown")
    do {
      let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
      for line in mounts.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count > 2 else { continue }
        let point = String(words[1])
        let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
        if isAbove, point.count >= best.point.count { best = (point, String(words[2])) }
      }
    } catch {
      return "unknown file system"
    }
    return best.kind
  }
}
