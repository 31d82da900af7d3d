import Glibc
import MillraceCore
import MillraceRuntime

// The start: bringing the files into agreement with the ledger.

extension FileSink {
  /// Cuts every file of the ledger to its committed length. Can be done again when it failed.
  func recover(from ledger: any SinkLedger) async throws(SinkError) {
    var folders = FolderIndex()
    for entry in try await ledger.files() {
      guard let found = try find(entry, in: &folders) else {
        report(.missing, path: entry.path, bytes: entry.length)
        log.warning(
          "a file was deleted or moved away; if what it held is gone, \"millrace replay\" brings it"
            + " again; should the last batch have been interrupted, a copy elsewhere may end with"
            + " lines that are delivered again",
          ["sink": name, "path": entry.path, "bytes": "\(entry.length)"])
        forget(entry)
        continue
      }
      try await settle(entry, found: found, ledger: ledger)
    }
  }

  private struct FoundFile {
    let path: String
    let facts: FileFacts
  }

  /// What stands in a folder, by device and inode; read once, and only when a file was renamed.
  private typealias FolderIndex = [String: [FileIdentity.Key: FoundFile]]

  private func find(
    _ entry: SinkFile, in folders: inout FolderIndex
  ) throws(SinkError) -> FoundFile? {
    let identity = FileIdentity(entry)
    if let facts = try lookIfPresent(at: entry.path),
      identity.isSameAtOnePath(as: FileIdentity(facts))
    {
      return FoundFile(path: entry.path, facts: facts)
    }
    let folder = parentFolder(of: entry.path)
    if folders[folder] == nil { folders[folder] = try filesIn(folder) }
    guard let found = folders[folder]?[identity.key],
      identity.isSame(as: FileIdentity(found.facts))
    else { return nil }
    return found
  }

  private func filesIn(_ folder: String) throws(SinkError) -> [FileIdentity.Key: FoundFile] {
    let names: [String]
    do {
      names = try operations.names(folder)
    } catch {
      if error.code == ENOENT || error.code == ENOTDIR { return [:] }
      throw failure("list folder", folder, error.code)
    }
    var found: [FileIdentity.Key: FoundFile] = [:]
    for name in names {
      let path = folder == "/" ? "/" + name : folder + "/" + name
      guard let facts = try lookIfPresent(at: path), facts.isRegular else { continue }
      found[FileIdentity(facts).key] = FoundFile(path: path, facts: facts)
    }
    return found
  }

  /// Makes one file as long as committed, or the committed length as short as the file.
  private func settle(
    _ entry: SinkFile, found: FoundFile, ledger: any SinkLedger
  ) async throws(SinkError) {
    let identity = FileIdentity(found.facts)
    // Before anything is cut: what another sink wrote behind the length this one knows is not a
    // tail of this one.
    let claim = try claim(identity, at: found.path)
    var length = entry.length
    if found.facts.size > entry.length {
      try cut(found, to: entry.length)
    } else if found.facts.size < entry.length {
      length = try await continueShortened(found, from: entry.length, ledger: ledger)
    }
    guard found.path == entry.path else {
      // Renamed: it gets nothing more, and nothing uncommitted stands in it.
      forget(entry)
      if RotatedName.isOne(found.path, of: entry.path) {
        finish(identity.entry(path: found.path, length: length))
      }
      return
    }
    let isEmptied = length == 0 && options.compression != .none
    if isEmptied { length = try begin(found) }
    if isEmptied || identity.key != FileIdentity(entry).key {
      // The file system may have been mounted anew under another number: the entry moves to that.
      try await ledger.enter(identity.entry(path: found.path, length: length))
    }
    if identity.key != FileIdentity(entry).key { forget(entry) }
    let file = TrackedFile(
      identity: identity, claim: claim, path: found.path, committedLength: length,
      begunAt: begin(of: identity), lastDelivery: deliveries,
      lastWrittenAt: found.facts.modifiedAt)
    files[identity.key] = file
    filesByPath[found.path] = file
    forgotten[identity.key] = nil
  }

  /// Enters the length of a file that lost some of what was committed, cut to where ours can
  /// follow.
  private func continueShortened(
    _ found: FoundFile, from length: Int64, ledger: any SinkLedger
  ) async throws(SinkError) -> Int64 {
    var sound = found.facts.size
    if options.compression != .none {
      sound = try soundLength(try open(found).descriptor, path: found.path, upTo: sound)
    }
    try await continueShortened(
      FileIdentity(found.facts), path: found.path, from: length, at: sound, ledger: ledger)
    if sound < found.facts.size { try cut(found, to: sound) }
    return sound
  }

  private func open(
    _ found: FoundFile
  ) throws(SinkError) -> (descriptor: OpenDescriptor, facts: FileFacts) {
    let descriptor = try openDescriptor(operation: "open", path: found.path)
    let operations = operations
    let facts = try perform("look at", found.path) { () throws(SystemFailure) in
      try operations.lookAtOpen(descriptor.number)
    }
    guard FileIdentity(facts).isSame(as: FileIdentity(found.facts)) else {
      throw changedUnderneath(found.path)
    }
    return (descriptor, facts)
  }

  /// Begins a file with a member that holds nothing: readers refuse one without any. A crash before
  /// it is entered has it cut off again.
  private func begin(_ found: FoundFile) throws(SinkError) -> Int64 {
    let descriptor = try open(found).descriptor
    let member = options.compression.stored([])
    try writeAll(member, to: descriptor, path: found.path, at: 0)
    let operations = operations
    try perform("synchronize", found.path) { () throws(SystemFailure) in
      try operations.synchronize(descriptor.number)
    }
    return Int64(member.count)
  }

  private func cut(_ found: FoundFile, to length: Int64) throws(SinkError) {
    let (descriptor, facts) = try open(found)
    let operations = operations
    try perform("cut", found.path) { () throws(SystemFailure) in
      try operations.cut(descriptor.number, length)
      try operations.synchronize(descriptor.number)
    }
    log.warning(
      "cut off the unfinished end of a file; its lines are delivered again",
      ["sink": name, "path": found.path, "bytes": "\(facts.size - length)"])
  }

  private func forget(_ entry: SinkFile) {
    forgotten[FileIdentity(entry).key] = entry
  }
}
