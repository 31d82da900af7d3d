import Glibc
import MillraceCore
import MillraceImport
import MillraceRuntime

/// One input of an import.
struct ImportFile {
  /// How messages name it.
  let name: String
  let descriptor: Int32
  /// Why it cannot be read; nil when it was opened.
  let failure: String?
  /// Its size in bytes; nil when that cannot be known.
  let byteCount: Int?

  /// Opens a file; `-` is standard input.
  init(_ path: String) {
    let isInput = path == "-"
    name = isInput ? "standard input" : path
    descriptor = isInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    var status = stat()
    let isOpen = descriptor >= 0 && fstat(descriptor, &status) == 0
    failure = isOpen ? nil : String(cString: strerror(errno))
    byteCount = isOpen && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  func close() {
    if descriptor != STDIN_FILENO { Glibc.close(descriptor) }
  }
}

/// Reads a file on a thread of its own, in batches: one is read while another is stored.
actor ImportReading {
  /// What was read since the batch before.
  struct Batch: Sendable {
    var pieces: [ImportPiece] = []
    /// What cannot be imported, in the order of the input.
    var faults: [ImportFault] = []
    /// Why reading ended before the end of the input.
    var failure: InputFailure?
    var isLast = false
    /// Sums since the beginning of the file.
    var consumedBytes = 0
    var recordCount = 0
    var foreignCount = 0
  }

  private let executor = ThreadExecutor(name: "import")
  private var reader: ImportReader

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  init(descriptor: Int32, options: ImportOptions) {
    reader = ImportReader(descriptor: descriptor, options: options)
  }

  /// Reads on. Nothing may be asked of it behind the last batch.
  func batch() -> Batch {
    var batch = Batch()
    var bytes = 0
    while bytes < Limits.importBatchBytes, batch.faults.count < Limits.importPieceRecordsMax {
      guard let step = reader.next() else {
        batch.isLast = true
        break
      }
      switch step {
      case .piece(let piece):
        batch.pieces.append(piece)
        bytes += piece.body.count
        if let fault = piece.fault { batch.faults.append(fault) }
      case .refused(let fault): batch.faults.append(fault)
      case .failed(let failure): batch.failure = failure
      }
    }
    batch.consumedBytes = reader.consumedBytes
    batch.recordCount = reader.recordCount
    batch.foreignCount = reader.foreignCount
    return batch
  }
}
