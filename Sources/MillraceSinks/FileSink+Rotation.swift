import Glibc
import MillraceCore
import MillraceRuntime

/// A sink whose files others may rename, and who says so by a signal.
package protocol ReopeningSink: Sink {
  /// Lets go of what was renamed or removed, at once instead of with the next delivery.
  func reopen() async
}

// Setting files aside: by size, by time, and after others did it.

extension FileSink: ReopeningSink {
  // MARK: By size and time

  /// Sets a file aside when it is due before it takes `count` more bytes, or when they cannot
  /// follow what it holds. True when the path is free for a new one.
  func setAside(_ file: TrackedFile, before count: Int) throws(SinkError) -> Bool {
    // Two groups may mean one file, through a hard link: what waits for its commit stays.
    guard !file.hasPendingBytes else { return false }
    guard try hasOurForm(file) else {
      try rotate(file)
      return true
    }
    let isDue = options.rotation.isDue(
      start: file.begunAt, length: file.committedLength, adding: count, now: options.clock.now())
    return isDue ? try rotateIfPossible(file) : false
  }

  /// Rotates; a file that cannot be is written on to, and said once.
  private func rotateIfPossible(_ file: TrackedFile) throws(SinkError) -> Bool {
    do {
      try rotate(file)
      return true
    } catch {
      if error.kind == .changedUnderneath { throw error }
      if !file.isRotationRefused {
        log.warning(
          "a file could not be rotated; events are still written to it",
          ["sink": name, "path": file.path, "error": error.description])
      }
      file.isRotationRefused = true
      return false
    }
  }

  /// Renames a file that has nothing uncommitted. Its entry stays in the ledger until the next
  /// receipt; a crash before that finds the file by its identity.
  private func rotate(_ file: TrackedFile) throws(SinkError) {
    let path = file.path
    let newPath = try moveAside(path)
    // Before anything new takes its name: a crash must not bring this one back to where that is.
    try makeFolderDurable(parentFolder(of: path))
    log.info("rotated a file", ["sink": name, "path": path, "to": newPath])
    retire(file, finishedAs: newPath)
  }

  private func moveAside(_ path: String) throws(SinkError) -> String {
    let now = options.clock.now()
    for number in 1...Limits.rotatedNamesMax {
      let newPath = RotatedName.path(of: path, at: now, number: number)
      do {
        try operations.rename(path, newPath)
        return newPath
      } catch {
        if error.code == EEXIST { continue }
        if error.code == ENOENT { throw changedUnderneath(path) }
        throw failure("rename", path, error.code)
      }
    }
    throw failure("rename", path, EEXIST)
  }

  /// The entry goes with the next receipt, and what is kept for a time is remembered then.
  func retire(_ file: TrackedFile, finishedAs path: String?) {
    forgotten[file.identity.key] = file.entry
    if let path { finish(file.identity.entry(path: path, length: file.committedLength)) }
    stopTracking(file)
  }

  /// Remembers a file that this sink is done with, where it is to remove some day what it wrote.
  func finish(_ file: SinkFile) {
    guard !options.retention.keepsEverything else { return }
    finished[FileIdentity(file).key] = file
  }

  // MARK: While nothing is delivered

  /// Whether there is something to look after while nothing is delivered.
  var needsUpkeep: Bool {
    options.rotation.every != nil || !options.retention.keepsEverything
  }

  /// Rotates files whose time is over though nothing comes for them, and removes what is kept no
  /// longer. Called now and then while the sink is open.
  package func keepUp() async {
    rotateIdle()
    await removeWhatIsKeptNoLonger()
  }

  private func rotateIdle() {
    guard isIdle, options.rotation.every != nil else { return }
    let now = options.clock.now()
    for file in Array(filesByPath.values)
    where files[file.identity.key] === file && unsettled[file.identity.key] == nil {
      guard file.committedLength > 0, options.rotation.isDue(start: file.begunAt, now: now),
        isStillAtItsPath(file)
      else { continue }
      // What cannot be done now is tried by the next delivery, which fails aloud.
      do { _ = try rotateIfPossible(file) } catch { continue }
    }
  }

  private func isStillAtItsPath(_ file: TrackedFile) -> Bool {
    do {
      guard let found = try lookIfPresent(at: file.path) else { return false }
      return file.identity.isSame(as: FileIdentity(found)) && found.size == file.committedLength
    } catch {
      // The next delivery meets the same error, and reports it.
      return false
    }
  }

  // MARK: By others

  /// Lets go of what was renamed or removed: at once, or when the delivery under way is committed.
  package func reopen() {
    guard isIdle else {
      // The delivery under way looked at its paths itself; descriptors follow once it is committed.
      isReopeningAsked = true
      return
    }
    letGoOfRenamed()
  }

  /// Closes what nothing waits for, and leaves files that their paths do not name any more.
  func letGoOfRenamed() {
    isReopeningAsked = false
    let count = openFiles.count
    for (path, file) in filesByPath where files[file.identity.key] === file {
      do {
        if let found = try lookIfPresent(at: path), file.identity.isSame(as: FileIdentity(found)) {
          continue
        }
        leave(file, at: path)
      } catch {
        log.warning(
          "a file could not be looked at", ["sink": name, "path": path, "error": "\(error)"])
      }
    }
    for file in openFiles where unsettled[file.identity.key] == nil { file.descriptor = nil }
    openFiles.removeAll { $0.descriptor == nil }
    log.info(
      "files are opened again when they are written to",
      ["sink": name, "closed": "\(count - openFiles.count)"])
  }
}
