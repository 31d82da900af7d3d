import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceStore

/// A body that was too large for memory, cut into parts and packed; the packed bytes are in a file
/// without a name until they are in the store.
struct HugeBody: Sendable {
  let parts: [PackedBody]
  /// What is wrong with the first part that is not as it should be.
  let problem: BlobProblem?

  /// Reads `file` once, a part at a time, and calls `didPack` after each. Heavy: for a worker.
  init(
    _ file: SpillFile, folder: String, didPack: () -> Void
  ) throws(SpillFile.Failure) {
    let packed = try SpillFile(folder: folder)
    var cutter = PartCutter()
    var cut: [[UInt8]] = []
    var parts: [PackedBody] = []
    var problem: BlobProblem?
    var offset = 0
    while offset < file.count {
      var bytes: [UInt8] = []
      try file.read(at: offset, count: cutter.wanted, into: &bytes)
      offset += bytes.count
      cut = cutter.append(bytes)
      let isLast = offset >= file.count
      if isLast { cut.append(cutter.finish()) }
      for (index, bytes) in cut.enumerated() where !bytes.isEmpty || parts.isEmpty {
        let body = PaddedBytes(bytes)
        var part = BlobPart(number: parts.count, of: parts.count + 2)
        part.isContinued = !(isLast && index == cut.count - 1)
        if problem == nil { problem = BlobScanner.scan(body, part: part).doubt }
        parts.append(try PackedBody(body, spilling: packed))
        didPack()
      }
    }
    self.parts = parts
    self.problem = problem
  }
}
