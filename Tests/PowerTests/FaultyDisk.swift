import CFaultyFiles
import Glibc
import MillraceCore
import MillraceRuntime
import MillraceSinks
import MillraceStore
import Testing

/// A disk that loses power at a chosen sync and fails at chosen operations, for the store and for
/// file sinks together. `faulty_files.h` says what it keeps and what it loses.
///
/// Sound as `@unchecked Sendable`: the disk behind the pointer has a mutex of its own, and lives
/// from init to deinit.
final class FaultyDisk: @unchecked Sendable {
  private let disk: OpaquePointer

  init() throws {
    disk = try #require(faulty_disk_create())
  }

  deinit {
    // The threads of a store that was let go of close its files at their own pace.
    faulty_disk_wait_until_closed(disk)
    faulty_disk_destroy(disk)
  }

  // MARK: Power

  /// Has power end at the `sync`-th sync from now, counted from 1; 0 for never.
  func losePower(at sync: Int, seed: UInt64) {
    faulty_disk_lose_power_at(disk, UInt64(sync), seed)
  }

  var isOff: Bool { faulty_disk_is_off(disk) }

  /// Syncs since `losePower` or the start.
  var syncCount: Int { Int(faulty_disk_sync_count(disk)) }

  /// Has syncs succeed and make nothing durable.
  func lie(about whose: faulty_sync...) {
    faulty_disk_lie(disk, whose.reduce(0) { $0 | Int32($1.rawValue) })
  }

  /// Waits until the store has closed all its files.
  func closed() async {
    await withCheckedContinuation { continuation in
      startThread(name: "disk-closing") { [self] in
        faulty_disk_wait_until_closed(disk)
        continuation.resume()
      }
    }
  }

  /// Leaves of the files what survived, and turns power on again.
  func reboot() async throws {
    await closed()
    let code = faulty_disk_reboot(disk)
    try #require(code == 0, "\(String(cString: strerror(code)))")
  }

  // MARK: Faults

  /// Has operations fail, from the `first`-th from now on, counted from 1.
  func fail(_ operations: [faulty_operation], first: Int, count: Int, code: Int32) {
    let mask = operations.reduce(0) { $0 | Int32($1.rawValue) }
    faulty_disk_fail(disk, mask, UInt64(first), UInt64(count), code)
  }

  /// Ends all faults.
  func heal() { faulty_disk_fail(disk, 0, 0, 0, 0) }

  /// How many operations failed so far.
  var failureCount: Int { Int(faulty_disk_failure_count(disk)) }

  // MARK: Ways to it

  /// The way of a store, which moves its write-ahead log into the database often.
  func storeFiles(checkpointPages: Int = 8) -> StoreFiles {
    var files = StoreFiles.system
    files.layer = String(cString: faulty_disk_name(disk))
    files.checkpointPages = checkpointPages
    files.makeFolder = { [self] (path, mode) in
      let code = StoreFiles.system.makeFolder(path, mode)
      return code == 0 ? faulty_disk_made_folder(disk, path) : code
    }
    files.synchronizeFolder = { [self] in faulty_disk_sync(disk, $0) }
    return files
  }

  /// The way of a file sink.
  var sinkFiles: FileOperations {
    let system = FileOperations.system
    var files = system
    files.look = { [self] (path) throws(SystemFailure) in
      try pass(FAULTY_LOOK)
      return try system.look(path)
    }
    files.lookAtOpen = { [self] (descriptor) throws(SystemFailure) in
      try pass(FAULTY_LOOK)
      return try system.lookAtOpen(descriptor)
    }
    files.names = { [self] (folder) throws(SystemFailure) in
      try pass(FAULTY_LOOK)
      return try system.names(folder)
    }
    files.open = { [self] (path, flags, mode) throws(SystemFailure) in
      try pass(FAULTY_OPEN)
      let descriptor = try system.open(path, flags, mode)
      do throws(SystemFailure) {
        try check(faulty_disk_opened(disk, descriptor, path))
      } catch {
        system.close(descriptor)
        throw error
      }
      return descriptor
    }
    files.read = { [self] (descriptor, bytes, offset) throws(SystemFailure) in
      try pass(FAULTY_READ)
      return try system.read(descriptor, bytes, offset)
    }
    files.rename = { [self] (path, newPath) throws(SystemFailure) in
      try pass(FAULTY_REMOVE)
      try system.rename(path, newPath)
      try check(faulty_disk_renamed(disk, path, newPath))
    }
    files.remove = { [self] (path) throws(SystemFailure) in
      try pass(FAULTY_REMOVE)
      try check(faulty_disk_remove(disk, path))
    }
    files.write = { [self] (descriptor, bytes, offset) throws(SystemFailure) in
      try write(descriptor, bytes, offset)
    }
    files.cut = { [self] (descriptor, length) throws(SystemFailure) in
      try pass(FAULTY_CUT)
      let size = try system.lookAtOpen(descriptor).size
      try check(faulty_disk_will_write(disk, descriptor, length, size - length))
      try system.cut(descriptor, length)
    }
    files.synchronizeData = { [self] (descriptor) throws(SystemFailure) in
      try check(faulty_disk_sync(disk, descriptor))
    }
    files.synchronize = { [self] (descriptor) throws(SystemFailure) in
      try check(faulty_disk_sync(disk, descriptor))
    }
    files.makeFolder = { [self] (path, mode) throws(SystemFailure) in
      try pass(FAULTY_OPEN)
      try system.makeFolder(path, mode)
      try check(faulty_disk_made_folder(disk, path))
    }
    return files
  }

  /// A write that fails has written half of its bytes.
  private func write(
    _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int64
  ) throws(SystemFailure) -> Int {
    let verdict = faulty_disk_pass(disk, FAULTY_WRITE)
    let count = verdict == 0 ? bytes.count : isOff ? 0 : bytes.count / 2
    let reached = UnsafeRawBufferPointer(rebasing: bytes[..<count])
    if count > 0 {
      try check(faulty_disk_will_write(disk, descriptor, offset, Int64(count)))
      _ = try FileOperations.system.write(descriptor, reached, offset)
    }
    try check(verdict)
    return count
  }

  private func pass(_ operation: faulty_operation) throws(SystemFailure) {
    try check(faulty_disk_pass(disk, operation))
  }

  private func check(_ code: Int32) throws(SystemFailure) {
    if code != 0 { throw SystemFailure(code: code) }
  }
}
