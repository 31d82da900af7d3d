import MillraceCore
import Testing

@testable import MillraceEvents

/// The scan by blocks may only be faster than the one that looks at each byte: whatever the bytes,
/// both find the same records and the same faults.
@Suite("The scan by blocks", .timeLimit(.minutes(10)))
struct BlockScanTests {
  private static let seeds: [String] = [
    #"[{"Id":"a","RecordType":1,"Operation":"Set","CreationTime":"2026-03-04T05:06:07"}]"#,
    #"[{"CreationTime":"2026-03-04T05:06:07","Id":"0b0c0d0e-0000-4000-8000-00000000000a","#
      + #""Operation":"FileAccessed","OrganizationId":"00000000-0000-4000-8000-000000000001","#
      + #""RecordType":6,"UserKey":"i:0h.f|membership|1003@live.com","Version":1,"n":-1.5e+10,"#
      + #""t":[true,false,null,[],{},[{"Id":"inner","Operation":3}]],"s":"a\\\"b\/\u00e9"},"#
      + #"{"Id":"b","RecordType":"15","Operation":"UserLoggedIn","ResultStatus":"é€𐍈","#
      + #""ExtendedProperties":[{"Name":"a","Value":"{\"x\":[1]}"}],"Id":"c"}]"#,
    "[ {\"Id\" : \"a\" ,\n \"RecordType\"\t: 2, \"Operation\":\r\n\"x\" } ,\n { \"Id\":\"b\"} ] \n",
    #"[{"Id":"","Operation":"","RecordType":null},{"Id":7,"Operation":{},"CreationTime":""}]"#,
    #"{"Id":"a","RecordType":1}{"Id":"b","RecordType":2},,{"Id":"c","RecordType":3}"#,
    #"[{"Id":"a","I\u0064":"b","x":"\\","Op\u0065ration" :"c","y":{"I\u0064":"z"},"#
      + #""RecordType":1}]"#,
    "[" + String(repeating: #"{"Id":"0123456789","x":"                    "},"#, count: 8)
      + #"{"Id":"z"}]"#,
  ]

  /// What is put in at random: all that means something, and bytes that make what is no UTF-8.
  private static let pieces: [[UInt8]] =
    [
      "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "0", "-", ".", "e", "true", "nul",
      "\\u12", "\\ud800", "\"Id\":",
      "\"I\\u0064\":", "é", "€", "{\"Id\":\"q\",\"RecordType\":9}", "\u{1}",
    ]
    .map { Array($0.utf8) } + [[0x80], [0xC3], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80], [0xFF]]

  /// One scan, with its records put into words.
  private func scan(_ bytes: [UInt8], part: BlobPart, usesBlocks: Bool) -> BlobScan {
    PaddedBytes(bytes).withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { return BlobScan(records: []) }
      var run = ScanRun(
        base: base.assumingMemoryBound(to: UInt8.self), count: raw.count, part: part,
        usesBlocks: usesBlocks)
      return run.scan()
    }
  }

  private func expectSame(_ bytes: [UInt8], part: BlobPart = .whole) {
    let fast = scan(bytes, part: part, usesBlocks: true)
    let slow = scan(bytes, part: part, usesBlocks: false)
    #expect(fast.records == slow.records, "\(String(decoding: bytes, as: UTF8.self))")
    #expect(fast.problem == slow.problem, "\(String(decoding: bytes, as: UTF8.self))")
    #expect(fast.isTorn == slow.isTorn, "\(String(decoding: bytes, as: UTF8.self))")
  }

  @Test("finds what the other finds in whole blobs, at any place of a block")
  func wholeBlobs() {
    for seed in Self.seeds {
      for shift in 0..<70 {
        expectSame(Array(repeating: 0x20, count: shift) + Array(seed.utf8))
        // Behind a record of growing length, so that each byte meets the edge of a block.
        let filler = #"{"x":""# + String(repeating: "y", count: shift) + "\"},"
        expectSame(Array("[\(filler)\(seed.dropFirst())".utf8))
      }
    }
  }

  @Test("says the same about blobs that break off anywhere, and about parts of them")
  func brokenOff() {
    for seed in Self.seeds {
      let bytes = Array(seed.utf8)
      for end in 1..<bytes.count {
        expectSame(Array(bytes[..<end]))
        expectSame(Array(bytes[1..<end + 1]), part: BlobPart(number: 1, of: 3))
        expectSame(Array(bytes[(end - 1)...]), part: BlobPart(number: 2, of: 3))
      }
    }
  }

  @Test("says the same about damage of every kind")
  func damage() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<6_000 {
      var bytes = Array(Self.seeds[Int(generator.next() % UInt64(Self.seeds.count))].utf8)
      for _ in 0...(generator.next() % 3) {
        let place = Int(generator.next() % UInt64(bytes.count))
        let piece = Self.pieces[Int(generator.next() % UInt64(Self.pieces.count))]
        let removed = Int(generator.next() % 3)
        bytes.replaceSubrange(place..<min(place + removed, bytes.count), with: piece)
      }
      expectSame(bytes)
    }
  }

  @Test("knows how deep a record may be")
  func depth() {
    for levels in Limits.recordDepthMax - 2...Limits.recordDepthMax + 2 {
      let open = String(repeating: "[", count: levels - 1)
      let close = String(repeating: "]", count: levels - 1)
      expectSame(Array(#"[{"Id":"a"},{"Id":"b","x":\#(open)\#(close)},{"Id":"c"}]"#.utf8))
    }
  }

  @Test("skips an object or array to its end, whatever is in it")
  func skipping() throws {
    for seed in Self.seeds.filter({ $0.hasPrefix("[") }) {
      for tail in ["", "}", "]]", "\"", String(repeating: "]", count: 100)] {
        let bytes = PaddedBytes(Array((seed + tail).utf8))
        let length = seed.utf8.count - seed.utf8.reversed().prefix { isJSONBlank($0) }.count
        bytes.withUnsafeBytes { raw in
          guard let base = raw.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
          #expect(ValidJSON.skipValue(base, end: base + raw.count) - base == length)
        }
      }
    }
  }
}
