import Glibc
import MillraceCompression
import MillraceCore

/// Reads a file or standard input: what is compressed comes decompressed, all of it as UTF-8.
///
/// What the input is shows in its first bytes; its name says nothing.
struct InputReader {
  /// Fills a buffer with some of the input and returns how many bytes; 0 at its end.
  typealias Source = (UnsafeMutableRawBufferPointer) throws(InputFailure) -> Int

  private enum Coding {
    /// The first bytes are not there yet.
    case unknown
    case none
    /// In a member of a compressed stream.
    case compressed(any DecompressionStream, name: String)
    /// Behind a member of a compressed stream: another one may follow.
    case betweenMembers
  }

  private let source: Source
  private var coding = Coding.unknown
  private var text = TextDecoder()
  private var chunk: [UInt8]
  /// Where decompression writes; made when it is needed.
  private var expanded: [UInt8] = []
  /// Bytes that were read, and how many of them are done with.
  private var read: [UInt8] = []
  private var readDone = 0
  private var hasEnded = false
  /// How many bytes of the input are done with, before decompression.
  private(set) var consumedBytes = 0

  init(readBytes: Int = Limits.importReadBytes, source: @escaping Source) {
    self.source = source
    chunk = [UInt8](repeating: 0, count: readBytes)
  }

  /// Reads from a descriptor, which stays open.
  init(descriptor: Int32) {
    self.init { (buffer) throws(InputFailure) in
      while true {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count >= 0 { return count }
        guard errno == EINTR else {
          throw InputFailure("cannot be read: \(String(cString: strerror(errno)))")
        }
      }
    }
  }

  /// Appends some more text to `output`, perhaps none, and even when it fails; false at the end of
  /// the input.
  mutating func read(into output: inout [UInt8]) throws(InputFailure) -> Bool {
    if pending.isEmpty { try fill() }
    switch coding {
    case .unknown, .betweenMembers:
      return try recognize(into: &output)
    case .none:
      read.withUnsafeBytes {
        text.decode(UnsafeRawBufferPointer(rebasing: $0[readDone...]), into: &output)
      }
      done(pending.count)
      return goesOn(into: &output)
    case .compressed(let stream, let name):
      try expand(stream, name, into: &output)
      return true
    }
  }

  // MARK: Reading

  private var pending: ArraySlice<UInt8> { read[readDone...] }

  private mutating func fill() throws(InputFailure) {
    guard !hasEnded else { return }
    read.removeFirst(readDone)
    readDone = 0
    var failure: InputFailure?
    let count = chunk.withUnsafeMutableBytes { buffer -> Int in
      do throws(InputFailure) { return try source(buffer) } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    if count == 0 { hasEnded = true }
    read.append(contentsOf: chunk[..<count])
  }

  private mutating func done(_ count: Int) {
    consumedBytes += count
    readDone += count
  }

  private mutating func goesOn(into output: inout [UInt8]) -> Bool {
    guard hasEnded, pending.isEmpty else { return true }
    text.finish(into: &output)
    return false
  }

  // MARK: Compression

  /// Looks at the first bytes of the input, or behind a member.
  private mutating func recognize(into output: inout [UInt8]) throws(InputFailure) -> Bool {
    while pending.count < InputReader.magicBytesMax, !hasEnded { try fill() }
    if pending.isEmpty { return goesOn(into: &output) }
    if pending.starts(with: Gzip.magic) {
      coding = .compressed(GzipStream(), name: "gzip")
    } else if pending.starts(with: ZstdStream.magic) || ZstdStream.isSkippable(pending) {
      coding = .compressed(
        ZstdStream(windowLogMax: Limits.importZstdWindowLogMax), name: "zstd")
    } else if case .betweenMembers = coding {
      try skipPadding()
    } else if let other = InputReader.others.first(where: { pending.starts(with: $0.magic) }) {
      throw InputFailure("is \(other.name): \(other.advice)")
    } else {
      coding = .none
    }
    return true
  }

  /// Zeros behind a compressed stream fill a block of a tape or a disk.
  private mutating func skipPadding() throws(InputFailure) {
    let zeros = pending.prefix { $0 == 0 }.count
    guard zeros > 0 else {
      throw InputFailure(
        "what follows the compressed data at byte \(consumedBytes) is something else; what lies "
          + "before it was read")
    }
    done(zeros)
  }

  private mutating func expand(
    _ stream: any DecompressionStream, _ name: String, into output: inout [UInt8]
  ) throws(InputFailure) {
    let step: DecompressionStep
    do throws(DecompressionFailure) {
      step = try expand(stream)
    } catch {
      decode(error.produced, into: &output)
      throw damaged(error, name)
    }
    decode(step.produced, into: &output)
    done(step.consumed)
    if step.endsMember {
      coding = .betweenMembers
    } else if step.consumed == 0, step.produced == 0 {
      try fill()
      guard hasEnded else { return }
      throw InputFailure(
        "the \(name) data is cut off at byte \(consumedBytes + pending.count): get the whole file; "
          + "what lies before was read")
    }
  }

  private mutating func decode(_ count: Int, into output: inout [UInt8]) {
    expanded.withUnsafeBytes {
      text.decode(UnsafeRawBufferPointer(rebasing: $0[..<count]), into: &output)
    }
  }

  private mutating func expand(
    _ stream: any DecompressionStream
  ) throws(DecompressionFailure) -> DecompressionStep {
    if expanded.isEmpty { expanded = [UInt8](repeating: 0, count: Limits.importReadBytes) }
    var result: Result<DecompressionStep, DecompressionFailure>?
    read.withUnsafeBytes { all in
      let input = UnsafeRawBufferPointer(rebasing: all[readDone...])
      expanded.withUnsafeMutableBytes { output in
        do throws(DecompressionFailure) {
          result = .success(try stream.decode(input, into: output))
        } catch {
          result = .failure(error)
        }
      }
    }
    guard let result else { preconditionFailure("closures of this kind are always called") }
    return try result.get()
  }

  private func damaged(_ failure: DecompressionFailure, _ name: String) -> InputFailure {
    switch failure.kind {
    case .damaged:
      InputFailure(
        "the \(name) data is damaged at byte \(consumedBytes + failure.offset) "
          + "(\(failure.message)): get the file again; what lies before was read")
    case .windowTooLarge:
      InputFailure(
        "the \(name) data was compressed with --long or --ultra and needs more than "
          + "\(1 << (Limits.importZstdWindowLogMax - 20)) MiB of memory to read: hand it over as "
          + "\"zstd -dc --long=31 FILE | millrace import -\"")
    }
  }

  private static let magicBytesMax = 8

  /// What is not read, and what to do with it.
  private static let others: [(magic: [UInt8], name: String, advice: String)] = [
    (
      [0x50, 0x4B, 0x03, 0x04], "a ZIP archive or an Excel workbook",
      "unpack it, or save the sheet as CSV (UTF-8)"
    ),
    (
      [0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz data",
      "hand it over as \"xzcat FILE | millrace import -\""
    ),
    ([0x42, 0x5A, 0x68], "bzip2 data", "hand it over as \"bzcat FILE | millrace import -\""),
    ([0x37, 0x7A, 0xBC, 0xAF], "a 7-Zip archive", "unpack it"),
  ]
}
