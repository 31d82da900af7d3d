import Glibc
import MillraceCore
import MillraceRuntime

private let lineFeed = UInt8(ascii: "\n")

// Bytes: writing them, making them durable, and taking them back.

extension FileSink {
  /// Writes bytes behind the pending length.
  func write(_ bytes: ArraySlice<UInt8>, to file: TrackedFile) throws(SinkError) {
    let descriptor = try descriptor(of: file)
    var startsNewLine = false
    if !file.hasPendingBytes {
      file.endBefore = try committedEnd(of: file, descriptor)
      // The file ends inside a line that is not ours, which must not swallow our first one.
      startsNewLine =
        options.compression == .none && (file.endBefore.last ?? lineFeed) != lineFeed
    }
    unsettled[file.identity.key] = file
    file.isSynchronized = false
    if startsNewLine { try writeAll([lineFeed], to: file, descriptor) }
    try writeAll(bytes, to: file, descriptor)
    file.hasOurForm = true
  }

  private func writeAll(
    _ bytes: ArraySlice<UInt8>, to file: TrackedFile, _ descriptor: OpenDescriptor
  ) throws(SinkError) {
    try writeAll(bytes, to: descriptor, path: file.path, at: file.pendingLength)
    file.pendingLength += Int64(bytes.count)
  }

  /// Writes all bytes at an offset.
  func writeAll(
    _ bytes: ArraySlice<UInt8>, to descriptor: OpenDescriptor, path: String, at start: Int64
  ) throws(SinkError) {
    let operations = operations
    let result: Result<Void, SystemFailure> = bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        do throws(SystemFailure) {
          let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
          let count = try operations.write(descriptor.number, rest, start + Int64(done))
          // A write of nothing would be tried for ever.
          if count <= 0 { return .failure(SystemFailure(code: EIO)) }
          done += count
        } catch {
          return .failure(error)
        }
      }
      return .success(())
    }
    if case .failure(let error) = result { throw failure("write", path, error.code) }
  }

  /// Makes what was written durable.
  ///
  /// When the kernel reports a failure here it also forgets the bytes, so that asking again would
  /// succeed and lie; the batch fails instead, and its second attempt writes every byte again.
  func synchronize(_ file: TrackedFile) throws(SinkError) {
    guard !file.isSynchronized else { return }
    guard let descriptor = file.descriptor else {
      preconditionFailure("a file is synchronized before it is closed")
    }
    let operations = operations
    try perform("synchronize", file.path) { () throws(SystemFailure) in
      try operations.synchronizeData(descriptor.number)
    }
    file.isSynchronized = true
  }

  /// Takes back what is not committed: from here on it does not count, whether cutting it off
  /// succeeds or not. What could not be cut is tried again with the next delivery, is overwritten
  /// by it, or is cut by `open`.
  func withdrawUncommitted() {
    for file in unsettled.values {
      file.pendingLength = file.committedLength
      file.isSynchronized = true
    }
    for file in Array(unsettled.values) {
      do {
        try cutToCommitted(file)
      } catch {
        log.warning(
          "an unfinished delivery could not be cut off yet; it does not count",
          ["sink": name, "path": file.path, "error": error.description])
      }
    }
  }

  /// Cuts a file to its committed length, durably; one that is shorter stays as it is.
  func cutToCommitted(_ file: TrackedFile) throws(SinkError) {
    let operations = operations
    let descriptor = try descriptor(of: file)
    let length = file.committedLength
    try perform("cut", file.path) { () throws(SystemFailure) in
      if try operations.lookAtOpen(descriptor.number).size > length {
        try operations.cut(descriptor.number, length)
      }
      // The file may leave the ledger next, and then nothing would cut a tail that came back.
      try operations.synchronizeData(descriptor.number)
    }
    unsettled[file.identity.key] = nil
  }

  // MARK: Descriptors

  /// The file's descriptor, opened when it has none.
  func descriptor(of file: TrackedFile) throws(SinkError) -> OpenDescriptor {
    if let descriptor = file.descriptor { return descriptor }
    let descriptor = try openDescriptor(operation: "open", path: file.path)
    let operations = operations
    let facts = try perform("look at", file.path) { () throws(SystemFailure) in
      try operations.lookAtOpen(descriptor.number)
    }
    guard FileIdentity(facts).isSame(as: file.identity) else { throw changedUnderneath(file.path) }
    file.descriptor = descriptor
    openFiles.append(file)
    return descriptor
  }

  /// Opens a file for reading and writing, after closing another when there are enough. A pipe or a
  /// device that took the file's place can neither be followed to nor make the call wait.
  func openDescriptor(
    operation: String, path: String, flags: Int32 = 0, mode: mode_t = 0
  ) throws(SinkError) -> OpenDescriptor {
    while openFiles.count >= options.openFilesMax { try closeLeastRecentlyUsed() }
    do {
      let always = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
      return OpenDescriptor(
        try operations.open(path, always | flags, mode), close: operations.close)
    } catch {
      // Only a file that was seen a moment ago is opened without being created.
      if error.code == ENOENT && flags & O_CREAT == 0 { throw changedUnderneath(path) }
      throw failure(operation, path, error.code)
    }
  }

  private func closeLeastRecentlyUsed() throws(SinkError) {
    guard
      let index = openFiles.indices.min(by: {
        openFiles[$0].lastDelivery < openFiles[$1].lastDelivery
      })
    else { preconditionFailure("there are open files to choose from") }
    let file = openFiles[index]
    try synchronize(file)
    file.descriptor = nil
    openFiles.remove(at: index)
  }

  // MARK: Errors

  /// Runs system calls; a failed one becomes this sink's error.
  func perform<Value>(
    _ operation: String, _ subject: String, _ call: () throws(SystemFailure) -> Value
  ) throws(SinkError) -> Value {
    do {
      return try call()
    } catch {
      throw failure(operation, subject, error.code)
    }
  }

  func failure(_ operation: String, _ subject: String, _ code: Int32) -> SinkError {
    SinkError(sink: name, operation: operation, subject: subject, errorNumber: code)
  }

  func notRegular(_ path: String) -> SinkError {
    SinkError(
      sink: name, operation: "open", subject: path, message: "this is not a regular file",
      hint: "remove what stands at this path, or choose another path", kind: .notRegular)
  }

  func changedUnderneath(_ path: String) -> SinkError {
    SinkError(
      sink: name, operation: "open", subject: path,
      message: "the file was replaced while it was being opened", kind: .changedUnderneath)
  }
}
