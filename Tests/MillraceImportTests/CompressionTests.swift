import MillraceCompression
import MillraceCore
import Testing

@testable import MillraceImport

/// Compressed inputs: cut, damaged, followed by something else.
struct CompressionTests {
  /// Enough for several blocks, and not easy to compress.
  private let bytes: [UInt8] = {
    var random = SeededGenerator(seed: 1)
    return Array(
      (0..<2000).map { number in
        record(number, more: ",\"Note\":\"\(random.next())\(random.next())\"") + "\n"
      }.joined().utf8)
  }()

  private func gzip(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { Gzip.compress($0) } }
  private func zstd(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { Zstd.compress($0) } }

  private func compressed(_ name: String) -> [UInt8] {
    name == "gzip" ? gzip(bytes) : zstd(bytes)
  }

  @Test(arguments: ["gzip", "zstd"])
  func `a stream that is cut anywhere is named with the byte, and what came before is read`(
    _ name: String
  ) throws {
    let whole = compressed(name)
    let records = try read(bytes).records
    var most = 0
    for count in stride(from: 5, to: whole.count, by: 9973) {
      let outcome = read(Array(whole[..<count]))
      #expect(outcome.failure?.contains("the \(name) data is cut off at byte \(count)") == true)
      let found = try outcome.records
      #expect(records.starts(with: found))
      #expect(outcome.faults.isEmpty, "the record that the cut tore is not broken")
      most = max(most, found.count)
    }
    #expect(most > 0)
  }

  @Test(arguments: ["gzip", "zstd"])
  func `damage is named with the byte, and cuts of reading change nothing`(_ name: String) throws {
    var damaged = compressed(name)
    damaged.replaceSubrange(
      damaged.count / 2..<damaged.count / 2 + 9000, with: repeatElement(0xA5, count: 9000))
    let outcome = read(damaged)
    #expect(outcome.failure?.contains("the \(name) data is damaged at byte") == true)
    for cut in stride(from: 1, to: damaged.count, by: 4999) {
      let other = read(damaged, chunks: [cut, .max])
      #expect(other.pieces == outcome.pieces)
    }
  }

  @Test func `a wrong checksum is damage, and what it is about is read`() throws {
    var damaged = gzip(bytes)
    damaged[damaged.count - 7] ^= 1
    let outcome = read(damaged)
    #expect(outcome.failure?.contains("incorrect data check") == true)
    #expect(try outcome.records == read(bytes).records)
  }

  @Test func `what follows the compressed data is named with its place`() throws {
    let stream = gzip(bytes)
    let outcome = read(stream + zstd(bytes) + Array("more".utf8))
    let place = stream.count + zstd(bytes).count
    #expect(outcome.failure?.contains("at byte \(place)") == true)
    #expect(try outcome.records == read(bytes + bytes).records)
  }

  @Test func `an empty stream holds nothing`() throws {
    #expect(read(gzip([])).failure == nil)
    #expect(read(zstd([])).pieces.isEmpty)
  }

  @Test func `a frame that wants too much memory is refused with advice`() throws {
    // A frame header that asks for a window of 2^31 bytes (RFC 8878, 3.1.1.1.2).
    let head: [UInt8] = ZstdStream.magic + [0x00, (31 - 10) << 3, 0, 0, 0]
    #expect(read(head + [0, 0, 0, 0]).failure?.contains("--long=31") == true)
  }

  @Test func `a stream that grows without end is read in bounded pieces`() throws {
    // 64 MiB of blanks in a few kilobytes.
    let blanks = gzip([UInt8](repeating: 0x20, count: 16 << 20))
    let many = [[UInt8]](repeating: blanks, count: 4).flatMap { $0 }
    let outcome = read(many + gzip(Array(record(1).utf8)))
    #expect(outcome.failure == nil)
    #expect(try outcome.records == [record(1)])
  }
}
