import MillraceCore
import Testing

struct PaddedBytesTests {
  @Test(arguments: [0, 1, 63, 64, 65, 4096])
  func `the slack can be read, ends any string, and is not counted`(count: Int) {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let padded = PaddedBytes(content)
    #expect(padded.count == count)
    #expect(padded.bytes == content)
    padded.withUnsafeBytes { bytes in
      #expect(bytes.count == count)
      #expect(Array(bytes) == content)
      guard let start = bytes.baseAddress else {
        Issue.record("even empty bytes have an address, for the slack behind them")
        return
      }
      let slack = UnsafeRawBufferPointer(start: start + count, count: PaddedBytes.slackBytes)
      #expect(slack.first == UInt8(ascii: "\""))
      #expect(slack.dropFirst().allSatisfy { $0 == 0 })
    }
  }

  @Test func `ranges are copied without slack`() {
    let padded = PaddedBytes([1, 2, 3, 4])
    #expect(padded.bytes(in: 1..<3) == [2, 3])
    #expect(padded.bytes(in: 4..<4) == [])
  }

  @Test func `a range into the slack is a programmer's error`() async {
    await #expect(processExitsWith: .failure) {
      _ = PaddedBytes([1, 2, 3, 4]).bytes(in: 3..<5)
    }
  }

  @Test func `errors keep their type on the way out`() {
    struct Refusal: Error, Equatable {}
    #expect(throws: Refusal()) {
      try PaddedBytes([]).withUnsafeBytes { (_) throws(Refusal) in throw Refusal() }
    }
  }
}

struct EventBatchTests {
  private func origin(_ name: String) throws -> EventOrigin {
    let tenant = try #require(TenantID("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"))
    return EventOrigin(feed: Feed(tenant: tenant, contentType: .exchange), tenantName: name)
  }

  private func batch(_ lines: [(String, String)], sequence: Int64) throws -> EventBatch {
    var batch = EventBatch()
    for (record, line) in lines.enumerated() {
      let index = batch.index(of: try origin(line.0))
      let start = batch.bytes.count
      batch.bytes += Array(line.1.utf8) + [0x0A]
      batch.lines.append(
        EventBatch.Line(
          range: start..<batch.bytes.count, origin: index, time: Timestamp(milliseconds: sequence),
          position: LogPosition(sequence: sequence, record: record)))
    }
    return batch
  }

  /// A batch as text: tenant, bytes and place of each line.
  private func spelled(_ batch: EventBatch) -> [String] {
    batch.lines.map { line in
      let text = String(decoding: batch.bytes[line.range], as: UTF8.self).dropLast()
      return "\(batch.origins[line.origin].tenantName) \(text) \(line.position) "
        + "\(line.time.milliseconds)"
    }
  }

  @Test func `lines keep their bytes, their origin and their place when batches are joined`() throws
  {
    var joined = try batch([("contoso", "a"), ("fabrikam", "bb")], sequence: 1)
    joined.append(try batch([("fabrikam", "ccc"), ("litware", "d"), ("contoso", "")], sequence: 2))
    joined.append(EventBatch())
    #expect(
      spelled(joined) == [
        "contoso a 1:0 1", "fabrikam bb 1:1 1", "fabrikam ccc 2:0 2", "litware d 2:1 2",
        "contoso  2:2 2",
      ])
    #expect(joined.origins.map(\.tenantName) == ["contoso", "fabrikam", "litware"])
    #expect(String(decoding: joined.bytes, as: UTF8.self) == "a\nbb\nccc\nd\n\n")
  }

  @Test func `joining to an empty batch gives the other`() throws {
    var empty = EventBatch()
    let other = try batch([("contoso", "a"), ("contoso", "b")], sequence: 4)
    empty.append(other)
    #expect(spelled(empty) == spelled(other))
    #expect(empty.origins.count == 1)
  }
}

struct LimitsTests {
  @Test func `the limits stand in the relations the code relies on`() {
    Limits.assertRelations()
  }

  @Test func `the limits the service documents are kept`() {
    #expect(Limits.windowWidth < .seconds(86_400))
    #expect(Limits.windowReach < .seconds(7 * 86_400))
    #expect(Limits.windowGuard > .zero)
    #expect(Limits.listingOverlap < Limits.windowWidth)
    #expect(Limits.fetchedBytesInFlightMax > 0)
  }
}
