import MillraceCompression
package import MillraceCore
import MillraceCrypto
package import MillraceRuntime

/// A body ready for the store: hashed, cut into chunks and compressed. Made on a worker, so that
/// the transaction only copies.
package struct PackedBody: Sendable {
  /// The bytes as fetched.
  package let byteCount: Int
  /// The digest of the bytes as fetched.
  package let sha256: [UInt8]
  /// The bytes as stored.
  package let storedBytes: Int
  let chunks: [PackedChunk]

  /// Packs `bytes`. Heavy: hashing and compressing a megabyte takes some milliseconds.
  package init(_ bytes: PaddedBytes) {
    var chunks: [PackedChunk] = []
    var storedBytes = 0
    PackedBody.forEachChunk(of: bytes) { chunk in
      storedBytes += chunk.bytes.count
      chunks.append(
        PackedChunk(codec: chunk.codec, byteCount: chunk.byteCount, bytes: .memory(chunk.bytes)))
    }
    self.init(bytes, chunks, storedBytes)
  }

  /// Packs `bytes` into a spill file, for a body of many parts.
  package init(_ bytes: PaddedBytes, spilling file: SpillFile) throws(SpillFile.Failure) {
    var chunks: [PackedChunk] = []
    var storedBytes = 0
    try PackedBody.forEachChunk(of: bytes) { (chunk) throws(SpillFile.Failure) in
      let result: Result<Int, SpillFile.Failure> = chunk.bytes.withUnsafeBytes { buffer in
        do throws(SpillFile.Failure) { return .success(try file.append(buffer)) } catch {
          return .failure(error)
        }
      }
      let start = try result.get()
      storedBytes += chunk.bytes.count
      chunks.append(
        PackedChunk(
          codec: chunk.codec, byteCount: chunk.byteCount,
          bytes: .spilled(file, start..<start + chunk.bytes.count)))
    }
    self.init(bytes, chunks, storedBytes)
  }

  private init(_ bytes: PaddedBytes, _ chunks: [PackedChunk], _ storedBytes: Int) {
    let sha256 = bytes.withUnsafeBytes { SHA256.digest(of: $0) }
    self.init(byteCount: bytes.count, sha256: sha256, storedBytes: storedBytes, chunks: chunks)
  }

  init(byteCount: Int, sha256: [UInt8], storedBytes: Int, chunks: [PackedChunk]) {
    self.byteCount = byteCount
    self.sha256 = sha256
    self.storedBytes = storedBytes
    self.chunks = chunks
  }

  private static func forEachChunk<Failure: Error>(
    of bytes: PaddedBytes,
    _ body: ((codec: BodyCodec, byteCount: Int, bytes: [UInt8])) throws(Failure) -> Void
  ) throws(Failure) {
    try bytes.withUnsafeBytes { (all) throws(Failure) in
      var start = 0
      while start < all.count {
        let end = min(start + Limits.bodyChunkBytes, all.count)
        let raw = UnsafeRawBufferPointer(rebasing: all[start..<end])
        start = end
        if raw.count >= Limits.compressedBytesMin {
          let frame = Zstd.compress(raw)
          if frame.count < raw.count {
            try body((.zstd, raw.count, frame))
            continue
          }
        }
        try body((.raw, raw.count, Array(raw)))
      }
    }
  }
}

/// How the bytes of a chunk are stored; the numbers are the database's.
enum BodyCodec: Int {
  case raw = 0
  case zstd = 1
}

/// One row of a body.
struct PackedChunk: Sendable {
  enum Bytes: Sendable {
    case memory([UInt8])
    case spilled(SpillFile, Range<Int>)
  }

  let codec: BodyCodec
  /// Before compression.
  let byteCount: Int
  let bytes: Bytes

  /// The bytes as stored.
  func stored() throws(StoreError) -> [UInt8] {
    switch bytes {
    case .memory(let bytes):
      return bytes
    case .spilled(let file, let range):
      var bytes: [UInt8] = []
      do throws(SpillFile.Failure) {
        try file.read(at: range.lowerBound, count: range.count, into: &bytes)
      } catch {
        throw StoreError(
          kind: .inputOutput, operation: "read what was fetched", message: error.description,
          hint: "check that the disk of store.path is healthy")
      }
      return bytes
    }
  }
}

/// A body as it came from the store: still packed, so that the thread that reads does nothing else.
package struct StoredBody: Sendable {
  struct Chunk: Sendable {
    let codec: BodyCodec
    let byteCount: Int
    let bytes: [UInt8]
  }

  let sequence: Int64
  let byteCount: Int
  /// The digest of the bytes as fetched.
  package let sha256: [UInt8]
  let chunks: [Chunk]

  /// The bytes as fetched, checked against their digest. Heavy: for a worker.
  ///
  /// - Throws: `StoreError` of kind `.damaged`.
  package func unpack() throws(StoreError) -> PaddedBytes {
    switch examine() {
    case .whole(let bytes): return bytes
    case .missing: throw damaged("none of its \(byteCount) bytes are there")
    case .damaged(let message, _): throw damaged(message)
    }
  }

  /// What became of the bytes as fetched. Heavy: for a worker.
  package func examine() -> BodyCondition {
    if chunks.isEmpty && byteCount > 0 { return .missing }
    // The sizes are the database's word, which damage may have changed.
    guard byteCount <= chunks.count * Limits.bodyChunkBytes else {
      return .damaged("its rows cannot hold \(byteCount) bytes", digest: nil)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(max(byteCount, 0) + PaddedBytes.slackBytes)
    for (index, chunk) in chunks.enumerated() {
      guard (0...Limits.bodyChunkBytes).contains(chunk.byteCount) else {
        return .damaged("row \(index) is said to hold \(chunk.byteCount) bytes", digest: nil)
      }
      switch chunk.codec {
      case .raw:
        bytes += chunk.bytes
      case .zstd:
        var problem: Zstd.Failure?
        chunk.bytes.withUnsafeBytes { frame in
          do throws(Zstd.Failure) {
            try Zstd.decompress(frame, count: chunk.byteCount, into: &bytes)
          } catch {
            problem = error
          }
        }
        if let problem {
          return .damaged("row \(index) does not decompress: \(problem)", digest: nil)
        }
      }
    }
    let digest = bytes.withUnsafeBytes { SHA256.digest(of: $0) }
    guard bytes.count == byteCount else {
      return .damaged("its rows hold \(bytes.count) of \(byteCount) bytes", digest: digest)
    }
    guard digest == sha256 else {
      return .damaged(
        "its bytes do not have the digest that was written with them", digest: digest)
    }
    return .whole(PaddedBytes(bytes))
  }

  private func damaged(_ message: String) -> StoreError {
    StoreError(
      kind: .damaged, operation: "read log entry \(sequence)", message: message,
      hint: "\"millrace verify\" names all that is damaged, \"millrace verify --repair\" has it"
        + " fetched again while the service keeps it")
  }
}

/// What became of a body in the store.
package enum BodyCondition: Sendable {
  /// The bytes are those that were fetched.
  case whole(PaddedBytes)
  /// Its rows are gone.
  case missing
  /// What is wrong, and the digest of what is there, where that can be read.
  case damaged(String, digest: [UInt8]?)
}
