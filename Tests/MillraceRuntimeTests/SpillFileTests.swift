import Foundation
import MillraceRuntime
import Testing

struct SpillFileTests {
  @Test func `bytes come back as they went in, and leave no file behind`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("spill-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = try SpillFile(folder: folder.path)
    let piece = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let starts = try (0..<3).map { _ in try piece.withUnsafeBytes { try file.append($0) } }
    #expect(starts == [0, 100_000, 200_000])
    #expect(file.count == 300_000)
    var bytes: [UInt8] = [7]
    try file.read(at: 99_999, count: 3, into: &bytes)
    #expect(bytes == [7, piece[99_999], piece[0], piece[1]])
    bytes = []
    try file.read(at: 299_999, count: 10, into: &bytes)
    #expect(bytes == [piece[99_999]], "as many as there are")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func `a folder that is not there is named`() {
    let error = #expect(throws: SpillFile.Failure.self) {
      try SpillFile(folder: "/nonexistent/folder")
    }
    #expect(error?.description.contains("/nonexistent/folder") == true)
  }
}
