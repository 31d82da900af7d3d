import Foundation
import Glibc
import TestChildren
import Testing

extension SmallDisk {
  /// One in a workplace.
  convenience init(in place: Workplace, _ name: String, bytes: Int) throws {
    try self.init(at: place.path(name), bytes: bytes, keeping: place)
  }
}

/// A small ext4 file system in a file, mounted in a workplace for one test. Unlike one in memory it
/// can turn read-only under the feet of those who write to it.
final class BreakableDisk {
  /// Must not go before the disk is unmounted.
  private let place: Workplace
  private let path: String
  private var image: String { path + ".image" }

  init(in place: Workplace, _ name: String, mebibytes: Int) async throws {
    self.place = place
    path = place.path(name)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try #require(FileManager.default.createFile(atPath: image, contents: nil))
    try #require(truncate(image, off_t(mebibytes << 20)) == 0)
    try await run("mkfs.ext4", "-q", image)
    try await attach()
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
  }

  private func attach() async throws {
    // What most distributions mount a root file system with.
    try await run("mount", "-o", "loop,errors=remount-ro", image, path)
  }

  private func run(_ program: String, _ words: String..., isAllowedToFail: Bool = false)
    async throws
  {
    let child = try ChildProcess(
      "/usr/bin/env", [program] + words, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
      folder: place.folder, keeping: place)
    let result = await child.end()
    try #require(isAllowedToFail || result.exitCode == 0, "\(program): \(result.complaintText)")
  }

  /// Has the kernel find damage in it: from now on it is read-only, whoever has files open.
  func fail() throws {
    let mounts = try String(contentsOfFile: "/proc/mounts", encoding: .utf8)
    let line = try #require(mounts.split(separator: "\n").first { $0.contains(" \(path) ") })
    let device = try #require(line.split(separator: " ").first?.split(separator: "/").last)
    let trigger = "/sys/fs/ext4/\(device)/trigger_fs_error"
    let descriptor = open(trigger, O_WRONLY)
    try #require(descriptor >= 0, "\(trigger)")
    defer { close(descriptor) }
    try #require(write(descriptor, "test", 4) == 4)
  }

  /// Checks and mounts it anew. Nobody may have anything open on it.
  func repair() async throws {
    try await run("umount", path)
    // It says by its exit code that it repaired something.
    try await run("e2fsck", "-p", image, isAllowedToFail: true)
    try await attach()
  }

  /// Whether this process may have one at all.
  static func isPossible() async -> Bool {
    guard geteuid() == 0 else { return false }
    do {
      let disk = try await BreakableDisk(in: try Workplace(), "disk", mebibytes: 4)
      try disk.fail()
      return true
    } catch {
      return false
    }
  }
}
