import Foundation
import MillraceCompression

/// A folder that goes when its owner does.
final class TemporaryFolder {
  let path: String

  init(in parent: String) throws {
    path = parent + "/millrace-bench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      FileHandle.standardError.write(Data("\(path) stays: \(error)\n".utf8))
    }
  }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
  }

  /// The lines of a file, which may be stored with `gzip` or `zstd`.
  func lineCount(of name: String, compression: String = "none") throws -> Int {
    switch compression {
    case "gzip": return try LineCount.unpacking(path + "/" + name, by: GzipStream())
    case "zstd": return try LineCount.unpacking(path + "/" + name, by: ZstdStream(windowLogMax: 27))
    default:
      var count = LineCount(of: path + "/" + name)
      count.update()
      return count.lines
    }
  }

  /// The size of a file; 0 when there is none.
  func size(of name: String) -> Int {
    var status = stat()
    return stat(path + "/" + name, &status) == 0 ? Int(status.st_size) : 0
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
