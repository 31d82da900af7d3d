import MillraceCore
import Testing

@testable import MillraceEvents

/// Which events a sink gets.
struct EventFilterTests {
  private let feed = Feed(
    tenant: TenantID("41463f53-8812-40f4-890f-865bf6e35190")!, contentType: .azureActiveDirectory)

  /// A batch of the events of some records that a filter lets through.
  private func batch(
    _ records: [String], _ filter: EventFilter?, format: EventFormat = .native,
    facts: EventFacts = [], type: ContentType = .azureActiveDirectory
  ) -> EventBatch {
    let body = blob("[" + records.joined(separator: ",") + "]")
    var encoder = EventEncoder(format: format, filter: filter, facts: facts)
    var batch = EventBatch()
    let origin = batch.index(of: EventOrigin(feed: feed, tenantName: "contoso"))
    let context = EventContext(
      tenant: feed.tenant, tenantName: "contoso", contentType: type, contentID: nil,
      available: nil, collected: nil)
    let scan = BlobScanner.scan(body)
    encoder.append(
      Array(scan.records.indices), of: scan, in: body, context: context, to: &batch,
      origin: origin, sequence: 7)
    var end = 0
    for line in batch.lines {
      #expect(line.range.lowerBound == end, "lines follow one another")
      end = line.range.upperBound
    }
    #expect(end == batch.bytes.count)
    return batch
  }

  private func passes(_ record: String, _ pattern: EventPattern) -> Bool {
    let included = !batch([record], EventFilter(include: [pattern], exclude: [])).lines.isEmpty
    let excluded = batch([record], EventFilter(include: [], exclude: [pattern])).lines.isEmpty
    #expect(included == excluded, "what include takes, exclude leaves out")
    return included
  }

  @Test func `a pattern fits by each of its keys, and by all that are given`() {
    let login = record(
      """
      "UserId":"Megan@Contoso.example","Workload":"AzureActiveDirectory",\
      "ResultStatus":"Success"
      """)
    var pattern = EventPattern()
    #expect(passes(login, pattern))
    pattern.contentTypes = [.exchange, .azureActiveDirectory]
    #expect(passes(login, pattern))
    pattern.workloads = [TextPattern("azure*directory")]
    #expect(passes(login, pattern))
    pattern.operations = [TextPattern("*LoggedIn")]
    #expect(passes(login, pattern))
    pattern.recordTypes = [15]
    #expect(passes(login, pattern))
    pattern.users = [TextPattern("*@contoso.example")]
    #expect(passes(login, pattern))
    pattern.outcomes = [TextPattern("success")]
    #expect(passes(login, pattern))

    for change: (inout EventPattern) -> Void in [
      { $0.contentTypes = [.exchange] }, { $0.workloads = [TextPattern("Exchange")] },
      { $0.operations = [TextPattern("UserLoginFailed")] }, { $0.recordTypes = [8, 9] },
      { $0.users = [TextPattern("*@fabrikam.example")] },
      { $0.outcomes = [TextPattern("failure")] },
    ] {
      var other = pattern
      change(&other)
      #expect(!passes(login, other), "\(other)")
    }
  }

  @Test func `exclude is stronger than include`() {
    var all = EventPattern()
    all.operations = [TextPattern("*")]
    var files = EventPattern()
    files.operations = [TextPattern("File*")]
    let written = batch(
      [record(operation: "FileAccessed"), record(operation: "UserLoggedIn")],
      EventFilter(include: [all], exclude: [files]))
    #expect(written.lines.count == 1)
    #expect(String(decoding: written.bytes, as: UTF8.self).contains("UserLoggedIn"))
  }

  @Test func `every format and the raw record can be filtered`() {
    var files = EventPattern()
    files.operations = [TextPattern("File*")]
    for format in EventFormat.allCases {
      let written = batch(
        [record(operation: "FileAccessed"), record(operation: "UserLoggedIn")],
        EventFilter(include: [], exclude: [files]), format: format)
      #expect(written.lines.count == 1, "\(format)")
      #expect(written.bytes.last == UInt8(ascii: "\n"))
    }
  }

  @Test(arguments: [
    ("*", "", true), ("a*", "ABC", true), ("*c", "abC", true), ("a*c", "ac", true),
    ("a*b*c", "a-b-b-c", true), ("a*b*c", "acb", false), ("ab*ba", "aba", false),
    ("", "", true), ("", "a", false), ("*ab*ab*", "abab", true), ("*ab*ab*", "aba", false),
    ("Grüße*", "grüße an alle", true),
  ])
  func `stars stand for any run of characters`(pattern: String, text: String, fits: Bool) {
    var bytes = Array(text.utf8)
    // Views may be read a little past their end.
    bytes += [UInt8](repeating: 0, count: 64)
    bytes.withUnsafeBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      let view = ByteView(start: start, count: text.utf8.count)
      #expect(TextPattern(pattern).fits(view) == fits)
    }
  }

  @Test func `a sample is about its share, and the same events every time`() {
    let records = (0..<2000).map { number in
      """
      {"CreationTime":"2026-03-04T08:15:30","Id":"id-\(number)","Operation":"MailItemsAccessed",\
      "RecordType":50}
      """
    }
    func chosen(_ share: Double) -> Set<Range<Int>> {
      let all = batch(records, nil, format: .raw)
      let some = batch(
        records, EventFilter(include: [], exclude: [], sample: share), format: .raw)
      #expect(all.lines.count == 2000)
      return Set(some.lines.map(\.range))
    }
    #expect(chosen(1).count == 2000)
    // 2,000 events and a tenth: 200, and nine times of ten thousand within 50 of it.
    #expect((150...250).contains(chosen(0.1).count))
    #expect(chosen(0.1) == chosen(0.1))

    // Of a pattern, the share is what it fits: what is excluded by a tenth is a tenth.
    var tenth = EventPattern()
    tenth.operations = [TextPattern("MailItemsAccessed")]
    tenth.sample = SampledShare(0.1)
    let kept = batch(records, EventFilter(include: [], exclude: [tenth]))
    #expect((1750...1850).contains(kept.lines.count))
  }

  @Test func `a batch keeps the facts that are asked for, through merging`() {
    let records = [
      record(#""UserId":"megan@contoso.example","Workload":"Exchange""#, operation: "Send"),
      record(operation: "UserLoggedIn"),
    ]
    var first = batch(records, nil, facts: [.id, .user, .workload])
    let second = batch(records, nil, facts: [.operation])
    first.append(second)
    func fact(_ fact: EventFacts, _ line: Int) -> String {
      String(decoding: first.fact(fact, of: first.lines[line]), as: UTF8.self)
    }
    #expect(fact(.user, 0) == "megan@contoso.example" && fact(.workload, 0) == "Exchange")
    #expect(fact(.id, 0).lowercased() == "a1b2c3d4-0001-4000-8000-000000000001")
    #expect(fact(.operation, 0).isEmpty, "nobody asked for it")
    #expect(fact(.user, 1).isEmpty)
    #expect(fact(.operation, 2) == "Send" && fact(.operation, 3) == "UserLoggedIn")
    #expect(fact(.user, 2).isEmpty)
  }

  @Test func `record types are found by their names`() {
    #expect(RecordTypes.number(named: "azureactivedirectorystslogon") == 15)
    #expect(RecordTypes.number(named: "RecordType_4711") == 4711)
    #expect(RecordTypes.number(named: "NoSuchType") == nil)
  }
}
