import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSinks

/// Real files, with the faults of a `Trial`, and with a memory of what was made durable: losing
/// power takes everything else away.
final class FragileDisk: Sendable {
  /// What becomes of bytes that were written and not synchronized.
  enum Loss: CaseIterable {
    /// They all arrive, as after a crash of the process alone.
    case none
    /// The file is as long as it was.
    case short
    /// The file is as long as it became, with zeros in place of the bytes.
    case zeros
  }

  private struct State {
    var paths: [Int32: String] = [:]
    var durableLengths: [String: Int64] = [:]
    /// What was cut off and comes back unless the cut is made durable.
    var volatileTails: [String: Data] = [:]
    /// Files and folders whose name no synchronized folder holds yet.
    var volatileNames: Set<String> = []
    /// Files that were renamed, and what they were called in the folder as it was synchronized.
    var durableNames: [String: String] = [:]
  }

  private let state = ConditionLock(State())

  /// How many descriptors are open.
  var openCount: Int { state.withLock { $0.paths.count } }

  /// The operations of one process that lives as long as `trial` lets it.
  func operations(_ trial: Trial = Trial()) -> FileOperations {
    let system = FileOperations.system
    var operations = system
    operations.look = { (path) throws(SystemFailure) in
      try trial.step("look") { () throws(SystemFailure) in try system.look(path) }
    }
    operations.lookAtOpen = { (descriptor) throws(SystemFailure) in
      try trial.step("look at open") { () throws(SystemFailure) in
        try system.lookAtOpen(descriptor)
      }
    }
    operations.names = { (folder) throws(SystemFailure) in
      try trial.step("names") { () throws(SystemFailure) in try system.names(folder) }
    }
    operations.open = { [self] (path, flags, mode) throws(SystemFailure) in
      try open(path, flags, mode, trial)
    }
    operations.close = { [self] descriptor in
      state.withLock { $0.paths[descriptor] = nil }
      system.close(descriptor)
    }
    operations.read = { (descriptor, bytes, offset) throws(SystemFailure) in
      try trial.step("read") { () throws(SystemFailure) in
        try system.read(descriptor, bytes, offset)
      }
    }
    operations.rename = { [self] (path, newPath) throws(SystemFailure) in
      try trial.step("rename") { () throws(SystemFailure) in
        try system.rename(path, newPath)
        follow(path, to: newPath)
      }
    }
    operations.remove = { (path) throws(SystemFailure) in
      try trial.step("remove") { () throws(SystemFailure) in try system.remove(path) }
    }
    operations.setMode = { (descriptor, mode) throws(SystemFailure) in
      try trial.step("set mode") { () throws(SystemFailure) in
        try system.setMode(descriptor, mode)
      }
    }
    operations.write = { (descriptor, bytes, offset) throws(SystemFailure) in
      try write(descriptor, bytes, offset, trial)
    }
    operations.cut = { [self] (descriptor, length) throws(SystemFailure) in
      try trial.step("cut") { () throws(SystemFailure) in
        guard let path = state.withLock({ $0.paths[descriptor] }) else {
          throw SystemFailure(code: EBADF)
        }
        let tail = FileManager.default.contents(atPath: path)?.dropFirst(Int(length)) ?? Data()
        try system.cut(descriptor, length)
        state.withLock { state in
          state.durableLengths[path] = min(state.durableLengths[path] ?? 0, length)
          state.volatileTails[path] = Data(tail)
        }
      }
    }
    operations.synchronizeData = { [self] (descriptor) throws(SystemFailure) in
      try trial.step("synchronize data") { () throws(SystemFailure) in
        try system.synchronizeData(descriptor)
        try remember(descriptor)
      }
    }
    operations.synchronize = { [self] (descriptor) throws(SystemFailure) in
      try trial.step("synchronize") { () throws(SystemFailure) in
        try system.synchronize(descriptor)
        try remember(descriptor)
      }
    }
    operations.makeFolder = { [self] (path, mode) throws(SystemFailure) in
      try trial.step("make folder") { () throws(SystemFailure) in
        try system.makeFolder(path, mode)
        state.withLock { _ = $0.volatileNames.insert(path) }
      }
    }
    return operations
  }

  /// Makes the bytes of a file as perishable as if someone had written them a moment ago.
  func makeVolatile(_ path: String) {
    state.withLock { $0.durableLengths[path] = 0 }
  }

  /// Takes away what was not made durable, and brings back what was not durably removed.
  func losePower(_ loss: Loss) throws {
    guard loss != .none else { return }
    try undoRenames()
    let (names, lengths, tails) = state.withLock {
      ($0.volatileNames, $0.durableLengths, $0.volatileTails)
    }
    for path in names where FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
    for (path, length) in lengths where FileManager.default.fileExists(atPath: path) {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      let size = try handle.seekToEnd()
      if size > length {
        try handle.truncate(atOffset: UInt64(length))
        if loss == .zeros { try handle.truncate(atOffset: size) }
      }
      if let tail = tails[path] {
        try handle.seekToEnd()
        try handle.write(contentsOf: tail)
      }
      try handle.close()
    }
    state.withLock { state in
      state.volatileTails = [:]
      state.volatileNames = []
      state.durableLengths = [:]
      state.durableNames = [:]
    }
  }

  private func open(
    _ path: String, _ flags: Int32, _ mode: mode_t, _ trial: Trial
  ) throws(SystemFailure) -> Int32 {
    let name = flags & O_DIRECTORY != 0 ? "open folder" : flags & O_CREAT != 0 ? "create" : "open"
    let system = FileOperations.system
    var opened: Int32?
    do throws(SystemFailure) {
      return try trial.step(name) { () throws(SystemFailure) in
        let descriptor = try system.open(path, flags, mode)
        opened = descriptor
        let size = try system.lookAtOpen(descriptor).size
        state.withLock { state in
          state.paths[descriptor] = path
          if flags & O_CREAT != 0 { state.volatileNames.insert(path) }
          if flags & O_DIRECTORY == 0 && state.durableLengths[path] == nil {
            state.durableLengths[path] = size
          }
        }
        return descriptor
      }
    } catch {
      if let opened {
        state.withLock { $0.paths[opened] = nil }
        system.close(opened)
      }
      throw error
    }
  }

  private func undoRenames() throws {
    for (path, old) in state.withLock({ $0.durableNames })
    where !FileManager.default.fileExists(atPath: old) {
      try FileManager.default.moveItem(atPath: path, toPath: old)
      state.withLock { state in
        state.durableLengths[old] = state.durableLengths.removeValue(forKey: path)
        state.volatileTails[old] = state.volatileTails.removeValue(forKey: path)
      }
    }
  }

  /// A file goes by another name; which one counts is open until its folder is synchronized.
  private func follow(_ path: String, to newPath: String) {
    state.withLock { state in
      if state.volatileNames.remove(path) != nil {
        state.volatileNames.insert(newPath)
      } else {
        state.durableNames[newPath] = state.durableNames.removeValue(forKey: path) ?? path
      }
      state.durableLengths[newPath] = state.durableLengths.removeValue(forKey: path)
      state.volatileTails[newPath] = state.volatileTails.removeValue(forKey: path)
      for (descriptor, open) in state.paths where open == path {
        state.paths[descriptor] = newPath
      }
    }
  }

  private func remember(_ descriptor: Int32) throws(SystemFailure) {
    let size = try FileOperations.system.lookAtOpen(descriptor).size
    state.withLock { state in
      guard let path = state.paths[descriptor] else { return }
      state.volatileTails[path] = nil
      if state.durableLengths[path] != nil { state.durableLengths[path] = size }
      state.volatileNames = state.volatileNames.filter {
        ($0 as NSString).deletingLastPathComponent != path
      }
      state.durableNames = state.durableNames.filter {
        ($0.key as NSString).deletingLastPathComponent != path
      }
    }
  }
}

private func write(
  _ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int64, _ trial: Trial
) throws(SystemFailure) -> Int {
  let system = FileOperations.system
  let half = UnsafeRawBufferPointer(rebasing: bytes[..<((bytes.count + 1) / 2)])
  switch trial.next("write") {
  case .proceed:
    return try system.write(descriptor, bytes, offset)
  case .spoiled(.short, _):
    return try system.write(descriptor, half, offset)
  case .fail(let code), .spoiled(.failBefore, let code), .spoiled(.crashBefore, let code):
    throw SystemFailure(code: code)
  case .spoiled(.failAfter, let code), .spoiled(.crashAfter, let code):
    _ = try system.write(descriptor, half, offset)
    throw SystemFailure(code: code)
  }
}
