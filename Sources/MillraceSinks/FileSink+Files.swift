import Glibc
import MillraceCore
import MillraceRuntime

// Which file a path means at the moment, and how it comes into the ledger.

extension FileSink {
  /// The file to write `count` bytes to: looked at, entered in the ledger, and exactly as long as
  /// committed (or as this batch made it).
  func fileForWriting(
    at path: String, _ count: Int, ledger: any SinkLedger
  ) async throws(SinkError) -> TrackedFile {
    var file = try await fileInLedger(at: path, ledger: ledger)
    file.path = path
    if try setAside(file, before: count) {
      file = try await fileInLedger(at: path, ledger: ledger)
    }
    filesByPath[path] = file
    file.path = path
    file.lastDelivery = deliveries
    file.lastWrittenAt = options.clock.now()
    return file
  }

  private func fileInLedger(
    at path: String, ledger: any SinkLedger
  ) async throws(SinkError) -> TrackedFile {
    let found = try lookIfPresent(at: path)
    if let file = filesByPath[path], files[file.identity.key] === file {
      if let found, file.identity.isSame(as: FileIdentity(found)) {
        try await settleLength(of: file, found: found, ledger: ledger)
        return file
      }
      leave(file, at: path)
    }
    guard let found else { return try await create(path, ledger: ledger) }
    guard found.isRegular else { throw notRegular(path) }
    if let file = files[FileIdentity(found).key] {
      if file.identity.isSame(as: FileIdentity(found)) {
        // Renamed to a path that is ours as well.
        try await settleLength(of: file, found: found, ledger: ledger)
        return file
      }
      // Deleted, and its inode number was given again.
      stopTracking(file)
    }
    return try await adopt(path, found: found, ledger: ledger)
  }

  // MARK: Coming

  /// Creates a file, and the folders it needs.
  private func create(_ path: String, ledger: any SinkLedger) async throws(SinkError) -> TrackedFile
  {
    try createFolders(for: path)
    let descriptor = try openDescriptor(
      operation: "create", path: path, flags: O_CREAT | O_EXCL, mode: options.fileMode)
    if options.isFileModeExact {
      let operations = operations
      let mode = options.fileMode
      try perform("set the mode of", path) { () throws(SystemFailure) in
        try operations.setMode(descriptor.number, mode)
      }
    }
    return try await enter(path, descriptor: descriptor, expected: nil, ledger: ledger)
  }

  /// Goes on behind the bytes of a file that the ledger does not know.
  private func adopt(
    _ path: String, found: FileFacts, ledger: any SinkLedger
  ) async throws(SinkError) -> TrackedFile {
    let descriptor = try openDescriptor(operation: "open", path: path)
    if !isKnownAsItIs(found) {
      try checkCanBeContinued(path, descriptor, size: found.size)
    }
    let file = try await enter(
      path, descriptor: descriptor, expected: FileIdentity(found), ledger: ledger)
    if file.committedLength > 0 {
      log.info(
        "continuing an existing file",
        ["sink": name, "path": path, "bytes": "\(file.committedLength)"])
    }
    return file
  }

  /// Makes the file and its name durable, then enters it with its present length.
  private func enter(
    _ path: String, descriptor: OpenDescriptor, expected: FileIdentity?, ledger: any SinkLedger
  ) async throws(SinkError) -> TrackedFile {
    let operations = operations
    let facts = try perform("look at", path) { () throws(SystemFailure) in
      try operations.lookAtOpen(descriptor.number)
    }
    guard facts.isRegular else { throw notRegular(path) }
    let identity = FileIdentity(facts)
    if let expected, !identity.isSame(as: expected) { throw changedUnderneath(path) }
    let claim = try claim(identity, at: path)
    try perform("synchronize", path) { () throws(SystemFailure) in
      try operations.synchronize(descriptor.number)
    }
    try makeFolderDurable(parentFolder(of: path))
    let file = TrackedFile(
      identity: identity, claim: claim, path: path, committedLength: facts.size,
      begunAt: expected == nil ? options.clock.now() : begin(of: identity),
      lastDelivery: deliveries, lastWrittenAt: options.clock.now())
    try await ledger.enter(file.entry)
    forgotten[identity.key] = nil
    finished[identity.key] = nil
    files[identity.key] = file
    file.descriptor = descriptor
    openFiles.append(file)
    return file
  }

  /// Keeps other sinks of this process from a file, or says which one has it.
  func claim(_ identity: FileIdentity, at path: String) throws(SinkError) -> FileClaim {
    do {
      return try options.claims.claim(identity, for: name)
    } catch {
      throw SinkError(
        sink: name, operation: "open", subject: path,
        message: "the sink \"\(error.holder)\" writes to this very file, by this path or another",
        hint: "give each sink a path of its own, and no links between them", kind: .badTemplate)
    }
  }

  /// When a file was begun that was there before this sink was: later than that, if its file system
  /// does not say, and then it is rotated later.
  func begin(of identity: FileIdentity) -> Timestamp { identity.birth ?? options.clock.now() }

  /// Whether a file is one this sink wrote, and as long as it left it: then it ends where a member
  /// does, and need not be read to know that.
  private func isKnownAsItIs(_ found: FileFacts) -> Bool {
    let identity = FileIdentity(found)
    guard let left = leftBehind[identity.key] else { return false }
    return FileIdentity(left).isSame(as: identity) && left.length == found.size
  }

  // MARK: Staying

  /// Deals with a length that is not the committed one, before anything is written.
  private func settleLength(
    of file: TrackedFile, found: FileFacts, ledger: any SinkLedger
  ) async throws(SinkError) {
    // Two groups may mean one file, through a hard link; the second writes behind the first.
    guard !file.hasPendingBytes else { return }
    if found.size < file.committedLength {
      // What a member lost at its end is of no use, and neither is anything behind it.
      let sound =
        options.compression == .none
        ? found.size
        : try soundLength(try descriptor(of: file), path: file.path, upTo: found.size)
      try await continueShortened(
        file.identity, path: file.path, from: file.committedLength, at: sound, ledger: ledger)
      file.committedLength = sound
      file.pendingLength = sound
      unsettled[file.identity.key] = nil
      if sound < found.size { try cutToCommitted(file) }
    } else if found.size > file.committedLength {
      let isOwnTail = unsettled[file.identity.key] != nil
      try cutToCommitted(file)
      guard !isOwnTail else { return }
      let bytes = found.size - file.committedLength
      report(.foreignBytes, path: file.path, bytes: bytes)
      log.warning(
        "cut off bytes that something else wrote to this sink's file",
        ["sink": name, "path": file.path, "bytes": "\(bytes)"])
    }
  }

  /// Enters a file's smaller length, before anything is written there, and says what is gone.
  func continueShortened(
    _ identity: FileIdentity, path: String, from length: Int64, at size: Int64,
    ledger: any SinkLedger
  ) async throws(SinkError) {
    try await ledger.enter(identity.entry(path: path, length: size))
    report(size > 0 ? .shrunk : .emptied, path: path, bytes: length - size)
    guard size > 0 else {
      log.warning(
        "a file was emptied by something else, as logrotate does with copytruncate: what was written"
          + " between its copy and its cut is lost, and a delivery that was under way may stand in"
          + " the copy and be written again; delivery goes on (renaming loses and doubles nothing)",
        ["sink": name, "path": path, "committed": "\(length)"])
      return
    }
    log.error(
      "a file is shorter than what was delivered to it; the missing bytes are not written again,"
        + " delivery goes on at its end (replay can send them once more)",
      ["sink": name, "path": path, "committed": "\(length)", "found": "\(size)"])
  }

  // MARK: Going

  /// The path does not name this file any more: it was renamed, replaced or deleted.
  func leave(_ file: TrackedFile, at path: String) {
    filesByPath[path] = nil
    // Written to by this batch under another name, or with a tail that could not be cut yet: the
    // entry stays until that is settled.
    guard file.path == path, unsettled[file.identity.key] == nil else { return }
    if isDeleted(file) {
      report(.deleted, path: path, bytes: file.committedLength)
      log.warning(
        "a file was deleted while it was written to; a new one is begun, and \"millrace replay\""
          + " brings again what the old one held",
        ["sink": name, "path": path, "bytes": "\(file.committedLength)"])
    } else {
      log.info("a file was rotated", ["sink": name, "path": path])
    }
    retire(file, finishedAs: nil)
  }

  private func isDeleted(_ file: TrackedFile) -> Bool {
    guard let descriptor = file.descriptor else { return false }
    do {
      return try operations.lookAtOpen(descriptor.number).links == 0
    } catch {
      // Unknown then; it only chooses the words of the log.
      return false
    }
  }

  /// Lets go of a file's descriptor and of what is known about it.
  func stopTracking(_ file: TrackedFile) {
    file.descriptor = nil
    file.claim = nil
    openFiles.removeAll { $0 === file }
    files[file.identity.key] = nil
    unsettled[file.identity.key] = nil
    if filesByPath[file.path] === file { filesByPath[file.path] = nil }
  }

  // MARK: Looking

  /// What a path names; nil when nothing.
  func lookIfPresent(at path: String) throws(SinkError) -> FileFacts? {
    do {
      return try operations.look(path)
    } catch {
      if error.code == ENOENT || error.code == ENOTDIR { return nil }
      throw failure("look at", path, error.code)
    }
  }
}
