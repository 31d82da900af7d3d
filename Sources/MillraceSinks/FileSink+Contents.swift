import Glibc
import MillraceCompression
import MillraceCore
import MillraceRuntime

// What stands in a file already: whether ours can follow it, and how much of it is sound.

extension FileSink {
  // MARK: Whether ours can follow

  /// Whether what we write can follow what a tracked file holds. It cannot once the configuration
  /// says another compression than the one the file was begun with.
  func hasOurForm(_ file: TrackedFile) throws(SinkError) -> Bool {
    if file.hasOurForm || file.pendingLength == 0 { return true }
    let descriptor = try descriptor(of: file)
    let found = try form(of: descriptor, path: file.path)
    file.hasOurForm = found == options.compression
    return file.hasOurForm
  }

  /// Throws unless what we write can follow what a file holds that the ledger does not know: lines
  /// behind a compressed member would be read by nobody, nor would a member behind half a one.
  func checkCanBeContinued(
    _ path: String, _ descriptor: OpenDescriptor, size: Int64
  ) throws(SinkError) {
    guard size > 0 else { return }
    let found = try form(of: descriptor, path: path)
    guard found == options.compression else {
      let kind = found == .none ? "uncompressed" : "\(found.rawValue)"
      throw cannotContinue(path, "it is \(kind), and the sink is set to write \(ourForm)")
    }
    guard found != .none else { return }
    guard try endOfMembers(descriptor, path: path, upTo: size) == size else {
      throw cannotContinue(path, "it does not end with a complete \(found.memberName)")
    }
  }

  private var ourForm: String {
    options.compression == .none ? "uncompressed" : options.compression.rawValue
  }

  private func cannotContinue(_ path: String, _ reason: String) -> SinkError {
    SinkError(
      sink: name, operation: "continue", subject: path,
      message: "this file was there before, and nothing can follow what it holds: \(reason)",
      hint: "move it out of the way, or choose another path", kind: .notRegular)
  }

  private func form(
    of descriptor: OpenDescriptor, path: String
  ) throws(SinkError) -> FileCompression {
    let beginning = try bytes(of: descriptor, path: path, at: 0, count: ZstdStream.magic.count)
    return FileCompression.recognized(beginning)
  }

  // MARK: Whether it was emptied meanwhile

  /// The last bytes before the committed end. Throws when they are not there any more.
  func committedEnd(of file: TrackedFile, _ descriptor: OpenDescriptor) throws(SinkError) -> [UInt8]
  {
    let count = min(file.committedLength, Int64(Limits.sinkFileEndBytes))
    let end = try bytes(
      of: descriptor, path: file.path, at: file.committedLength - count, count: Int(count))
    guard end.count == count else { throw changedUnderneath(file.path) }
    return end
  }

  /// Finds out a file that something else cut while it was written to (`copytruncate`): what we
  /// wrote then stands behind a hole. Enters what is left, and fails the delivery: its second
  /// attempt writes behind that.
  func checkIsUncut(_ file: TrackedFile, ledger: any SinkLedger) async throws(SinkError) {
    guard file.hasPendingBytes, let descriptor = file.descriptor else { return }
    let operations = operations
    let facts = try perform("look at", file.path) { () throws(SystemFailure) in
      try operations.lookAtOpen(descriptor.number)
    }
    let isWhole = facts.size >= file.pendingLength
    if isWhole, try committedEnd(of: file, descriptor) == file.endBefore { return }
    let limit = min(file.committedLength, facts.size)
    let sound = try soundLength(descriptor, path: file.path, upTo: limit)
    try await continueShortened(
      file.identity, path: file.path, from: file.committedLength, at: sound, ledger: ledger)
    file.committedLength = sound
    throw changedUnderneath(file.path)
  }

  /// How much of a file that was cut can be built on, at most `limit`.
  func soundLength(
    _ descriptor: OpenDescriptor, path: String, upTo limit: Int64
  ) throws(SinkError) -> Int64 {
    options.compression == .none
      ? try endOfText(descriptor, path: path, upTo: limit)
      : try endOfMembers(descriptor, path: path, upTo: limit)
  }

  /// Where the last byte stands that is no zero: a hole reads as zeros, and lines have none.
  private func endOfText(
    _ descriptor: OpenDescriptor, path: String, upTo limit: Int64
  ) throws(SinkError) -> Int64 {
    var end = limit
    while end > 0 {
      let count = min(end, Int64(Limits.sinkFileReadBytes))
      let chunk = try bytes(of: descriptor, path: path, at: end - count, count: Int(count))
      if let last = chunk.lastIndex(where: { $0 != 0 }) { return end - count + Int64(last) + 1 }
      end -= count
    }
    return 0
  }

  /// Where the last complete member ends, when the file is read as a row of them.
  private func endOfMembers(
    _ descriptor: OpenDescriptor, path: String, upTo limit: Int64
  ) throws(SinkError) -> Int64 {
    guard let stream = options.compression.decompression() else { return limit }
    var sound: Int64 = 0
    var place: Int64 = 0
    var discarded = [UInt8](repeating: 0, count: Limits.sinkFileReadBytes)
    while place < limit {
      let count = min(limit - place, Int64(Limits.sinkFileReadBytes))
      let chunk = try bytes(of: descriptor, path: path, at: place, count: Int(count))
      if chunk.isEmpty { return sound }
      var used = 0
      while used < chunk.count {
        let step: DecompressionStep
        do throws(DecompressionFailure) {
          step = try decode(chunk[used...], by: stream, into: &discarded)
        } catch {
          return sound
        }
        used += step.consumed
        if step.endsMember { sound = place + Int64(used) }
        if step.consumed == 0 && step.produced == 0 && !step.endsMember { return sound }
      }
      place += Int64(chunk.count)
    }
    return sound
  }

  private func decode(
    _ bytes: ArraySlice<UInt8>, by stream: any DecompressionStream, into output: inout [UInt8]
  ) throws(DecompressionFailure) -> DecompressionStep {
    let result: Result<DecompressionStep, DecompressionFailure> = bytes.withUnsafeBytes { input in
      output.withUnsafeMutableBytes { output in
        do throws(DecompressionFailure) {
          return .success(try stream.decode(input, into: output))
        } catch {
          return .failure(error)
        }
      }
    }
    return try result.get()
  }

  private func bytes(
    of descriptor: OpenDescriptor, path: String, at offset: Int64, count: Int
  ) throws(SinkError) -> [UInt8] {
    let operations = operations
    return try perform("read", path) { () throws(SystemFailure) in
      var bytes = [UInt8](repeating: 0, count: count)
      let result: Result<Int, SystemFailure> = bytes.withUnsafeMutableBytes { buffer in
        do throws(SystemFailure) {
          return .success(try operations.read(descriptor.number, buffer, offset))
        } catch {
          return .failure(error)
        }
      }
      bytes.removeLast(count - (try result.get()))
      return bytes
    }
  }
}
