import Foundation
import Glibc
import MillraceCore
import MillraceRuntime
import SinkContracts
import Testing

@testable import MillraceSinks

/// What every sink keeps, kept by compressed and rotated files, and by standard output.
@Suite(.timeLimit(.minutes(10)))
struct FileContractTests {
  @Test(arguments: FileCompression.allCases, [false, true])
  func `files keep what every sink keeps, however they are stored`(
    compression: FileCompression, isRotated: Bool
  ) async throws {
    try await SinkContract.check(
      StoredFileStand(
        folder: try TemporaryFolder(), compression: compression,
        rotatedAt: isRotated ? 200 : nil, clock: try SetClock("2026-03-04T08:15:30Z")))
  }

  @Test func `standard output keeps what every sink keeps`() async throws {
    try await SinkContract.check(try StdoutStand())
  }
}

/// Files on a disk that can be full.
private struct StoredFileStand: ContractStand {
  let folder: TemporaryFolder
  let compression: FileCompression
  let rotatedAt: Int64?
  let clock: SetClock
  private let failure = ConditionLock<Int32?>(nil)

  init(
    folder: TemporaryFolder, compression: FileCompression, rotatedAt: Int64?, clock: SetClock
  ) {
    self.folder = folder
    self.compression = compression
    self.rotatedAt = rotatedAt
    self.clock = clock
  }

  var promise: ContractPromise { .exactlyOnce }

  func makeSink() async throws -> any Sink {
    var operations = FileOperations.system
    operations.write = { [failure] (descriptor, bytes, offset) throws(SystemFailure) in
      guard let code = failure.withLock({ $0 }) else {
        return try FileOperations.system.write(descriptor, bytes, offset)
      }
      let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
      _ = try FileOperations.system.write(descriptor, half, offset)
      throw SystemFailure(code: code)
    }
    return try fileSink(in: folder, "out.ndjson", operations: operations) {
      $0.compression = compression
      $0.rotation = FileRotation(bytesMax: rotatedAt)
      $0.clock = clock
    }
  }

  func received() async throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    let text = try names.sorted { age($0) < age($1) }.map { name in
      String(
        decoding: try CompressedFiles.unpacked(folder.path + "/" + name, compression),
        as: UTF8.self)
    }.joined()
    return ids(in: text)
  }

  /// Files of one second are numbered from the second on; the one written to has no stamp.
  private func age(_ name: String) -> Int {
    guard name.contains("Z") else { return .max }
    return name.split(separator: "-").dropFirst().first?.split(separator: ".").first
      .flatMap { Int($0) } ?? 1
  }

  func inject(_ fault: ReceiverFault) async throws -> Bool {
    switch fault {
    case .stopped: failure.withLock { $0 = ENOSPC }
    case .killed: failure.withLock { $0 = EIO }
    default: return false
    }
    return true
  }

  func heal() async throws { failure.withLock { $0 = nil } }
}

/// A pipe with a reader that can take its time.
private final class StdoutStand: ContractStand {
  private let pipe: ReadingPipe
  private let text = ConditionLock<[UInt8]>([])
  private let isSlow = ConditionLock(false)

  init() throws {
    pipe = try ReadingPipe(.pipe)
    pipe.follow { [text, isSlow] bytes in
      text.withLock { $0 += bytes }
      return isSlow.withLock { $0 } ? 16 : 4096
    }
  }

  var promise: ContractPromise { .atLeastOnce }

  func makeSink() async throws -> any Sink {
    StdoutSink(name: "out", descriptor: pipe.writing, readerLeft: {})
  }

  func received() async throws -> [String] {
    ids(in: String(decoding: text.withLock { $0 }, as: UTF8.self))
  }

  func inject(_ fault: ReceiverFault) async throws -> Bool {
    // Of all the others a reader that goes away is the end of the program.
    guard fault == .slow else { return false }
    isSlow.withLock { $0 = true }
    return true
  }

  func heal() async throws { isSlow.withLock { $0 = false } }
}

private func ids(in text: String) -> [String] {
  text.split(separator: "\n").compactMap { line in
    line.split(separator: "\"").dropFirst(3).first.map(String.init)
  }
}
