import Glibc
import MillraceCore
import MillraceRuntime

// Removing what is kept no longer: files this sink wrote, by the ledger's word, and nothing else.

extension FileSink {
  /// Removes the oldest finished files beyond what is kept. What fails is tried again.
  func removeWhatIsKeptNoLonger() async {
    guard let ledger, !options.retention.keepsEverything, !isRemoving else { return }
    isRemoving = true
    defer { isRemoving = false }
    finishedUnseen = 0
    do throws(SinkError) {
      while true {
        let excess = try await ledger.finishedFiles(
          beyond: options.retention, at: options.clock.now(), limit: Limits.filesRemovedAtOnce)
        // A delivery began meanwhile, and may be about to write to one of them.
        guard isIdle, !excess.isEmpty else { return }
        let gone = try remove(excess)
        try await ledger.forgetFinished(gone)
        if gone.count < Limits.filesRemovedAtOnce { return }
      }
    } catch {
      log.warning(
        "files that are kept no longer could not be removed; it is tried again",
        ["sink": name, "error": error.description])
    }
  }

  /// Removes files, durably, and gives those that need not be remembered any more.
  private func remove(_ excess: [FinishedFile]) throws(SinkError) -> [FinishedFile] {
    var gone: [FinishedFile] = []
    var folders: Set<String> = []
    for finished in excess {
      let path = finished.file.path
      guard try isOurs(finished.file) else {
        log.info(
          "a file is not as this sink left it, and is not removed", ["sink": name, "path": path])
        gone.append(finished)
        continue
      }
      do {
        try operations.remove(path)
      } catch {
        throw failure("remove", path, error.code)
      }
      folders.insert(parentFolder(of: path))
      gone.append(finished)
      log.info(
        "removed a file that is kept no longer",
        ["sink": name, "path": path, "bytes": "\(finished.file.length)"])
    }
    // A removal that power undoes must not be forgotten.
    for folder in folders { try synchronizeFolder(folder) }
    return gone
  }

  /// Whether the file is the one this sink finished, untouched since, and not written to again.
  private func isOurs(_ file: SinkFile) throws(SinkError) -> Bool {
    let identity = FileIdentity(file)
    guard let found = try lookIfPresent(at: file.path), found.isRegular else { return false }
    let foundIdentity = FileIdentity(found)
    return identity.isSameAtOnePath(as: foundIdentity) && found.size == file.length
      && files[foundIdentity.key] == nil
  }
}
