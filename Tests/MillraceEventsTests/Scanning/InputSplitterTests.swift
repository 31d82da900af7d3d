import MillraceCore
import MillraceEvents
import Testing

@Suite struct `Splitting a stream of JSON` {
  /// The values of an input that arrives in pieces of `size` bytes.
  private func split(_ text: String, size: Int = 1 << 20) throws -> [String] {
    let bytes = Array(text.utf8)
    var splitter = InputSplitter()
    var values: [String] = []
    var start = 0
    while start < bytes.count {
      let end = min(start + size, bytes.count)
      bytes[start..<end].withUnsafeBytes { splitter.append($0) }
      while let value = try splitter.next() {
        values.append(String(decoding: value.bytes, as: UTF8.self))
      }
      start = end
    }
    while let value = try splitter.finish() {
      values.append(String(decoding: value.bytes, as: UTF8.self))
    }
    return values
  }

  @Test(arguments: [1, 2, 3, 7, 1 << 20])
  func `lines, arrays and objects are told apart, in whatever pieces they come`(_ size: Int) throws
  {
    let values = [
      "{\"a\":\"}\\\"{\"}", "[1,\n {\"b\":[]}\n]", "{\n  \"c\": [\n    1\n  ]\n}", "[]", "{}",
    ]
    #expect(try split(values.joined(separator: "\n"), size: size) == values)
    #expect(try split("\u{FEFF}" + values.joined(separator: " \r\n") + "\n", size: size) == values)
    #expect(try split(values.joined(), size: size) == values)
    #expect(try split(" \n", size: size) == [])
  }

  @Test(arguments: [1, 5, 1 << 20])
  func `a bad line costs that line alone`(_ size: Int) throws {
    for bad in [
      "{\"a\":", "{\"a\":[1,", "{\"a\":\"x", "hello, world", "{\"a\":1", "[", "\"", "<html>", "}",
      "]",
      "{\"a\":\"\\", "17", "{{", "{\"a\":[1,2", "x{", "{\"a\" 1}}",
    ] {
      let values = try split("{\"n\":1}\n\(bad)\n{\"n\":2}\n{\"n\":3}\n", size: size)
      for good in ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"] {
        #expect(values.contains(good), "\(bad)")
      }
      let scans = values.map { BlobScanner.scan(PaddedBytes(Array($0.utf8))) }
      let events = scans.flatMap(\.records).filter { $0.verdict == .event }
      #expect(events.count == 3, "\(bad)")
      #expect(scans.contains { $0.problem != nil || $0.records.contains { $0.verdict != .event } })
    }
  }

  @Test func `an array with a record on each line is one value`() throws {
    let text = "[\n{\"n\":1},\n{\"n\":2},\n[3]\n,\n{\"n\":4}\n]\n"
    #expect(try split(text) == [String(text.dropLast())])
  }

  @Test func `a value beyond the limit is an error that says so`() throws {
    var splitter = InputSplitter(valueBytesMax: 100)
    let bytes = Array("[\(String(repeating: "1,", count: 100))".utf8)
    bytes.withUnsafeBytes { splitter.append($0) }
    #expect(throws: InputProblem(bytesMax: 100)) { try splitter.next() }
    #expect(InputProblem(bytesMax: 100).description.contains("100 bytes"))
  }
}
