import MillraceCore
import MillraceSinks
import Testing

struct PathTemplateTests {
  private func path(
    _ template: String, tenant: String = "contoso", time: String = "2026-03-04T08:15:30+02:00"
  ) throws -> String {
    let feed = Feed(
      tenant: try #require(TenantID("41463f53-8812-40f4-890f-865bf6e35190")),
      contentType: .azureActiveDirectory)
    return try PathTemplate(NameTemplate(template), sink: "archive").path(
      origin: EventOrigin(feed: feed, tenantName: tenant), time: try #require(Timestamp(time)))
  }

  @Test(arguments: [
    ("/var/log/all.ndjson", "/var/log/all.ndjson"),
    (
      "/log/{tenant}/{content_type}/{date}T{hour}.ndjson",
      "/log/contoso/Audit.AzureActiveDirectory/2026-03-04T06.ndjson"
    ),
    ("{tenant}{tenant}", "contosocontoso"),
    ("/naïve/{date}", "/naïve/2026-03-04"),
  ])
  func `placeholders are filled in, times in UTC`(template: String, expected: String) throws {
    #expect(try path(template) == expected)
  }

  @Test(arguments: [
    ("a/b", "/l/a_b/x"), ("..", "/l/_./x"), ("../../etc", "/l/_._.._etc/x"), (".", "/l/_/x"),
    ("", "/l/_/x"), (".hidden", "/l/_hidden/x"), ("a\nb\0c\u{7F}", "/l/a_b_c_/x"),
    ("a..b", "/l/a..b/x"), ("Contoso Ltd", "/l/Contoso Ltd/x"), ("{date}", "/l/{date}/x"),
  ])
  func `a value stays one harmless part of the path`(tenant: String, expected: String) throws {
    #expect(try path("/l/{tenant}/x", tenant: tenant) == expected)
  }

  @Test func `no value makes a dot of the template into a step upwards`() throws {
    #expect(try path("/l/.{tenant}/x", tenant: ".") == "/l/._/x")
    #expect(try path("/l/.{tenant}/x", tenant: "") == "/l/._/x")
  }

  @Test(arguments: ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
  func `times at the end of the calendar give a date of ten bytes`(time: String) throws {
    #expect(try path("{date}", time: time).utf8.count == 10)
  }

  @Test(arguments: ["", "/var/log/", "/var/log/..", "/var/log/.", "a\nb", "a\0"])
  func `a template that names no file is refused`(template: String) throws {
    let error = #expect(throws: SinkError.self) {
      try PathTemplate(NameTemplate(template), sink: "archive")
    }
    #expect(error?.kind == .badTemplate)
    #expect(error?.sink == "archive")
    #expect(error?.subject == template)
    #expect(error?.hint.contains("{tenant}-{date}.ndjson") == true)
  }
}

/// Files by workload: a fact of each event, not of its feed.
struct WorkloadPathTests {
  private func batch(_ workloads: [String]) throws -> EventBatch {
    let feed = Feed(
      tenant: try #require(TenantID("41463f53-8812-40f4-890f-865bf6e35190")),
      contentType: .general)
    var batch = EventBatch()
    let origin = batch.index(of: EventOrigin(feed: feed, tenantName: "contoso"))
    for (index, workload) in workloads.enumerated() {
      let start = batch.bytes.count
      batch.bytes += Array("\(index)\n".utf8)
      let facts = batch.keep(.workload) { _, give in
        var text = workload
        text.withUTF8 { give($0) }
      }
      batch.lines.append(
        EventBatch.Line(
          range: start..<batch.bytes.count, origin: origin,
          time: try #require(Timestamp("2026-03-04T08:15:30Z")),
          position: LogPosition(sequence: 1, record: index), facts: facts))
    }
    return batch
  }

  @Test func `each event goes to the file of its workload`() async throws {
    let folder = try TemporaryFolder()
    let ledger = LedgerDouble()
    let sink = try fileSink(in: folder, "{tenant}/{workload}.ndjson")
    try await sink.open(ledger: ledger)
    try await deliver(
      batch(["Exchange", "MicrosoftTeams", "Exchange", "", "../../etc"]), to: sink, ledger)
    try await deliver(batch(["Exchange"]), to: sink, ledger)
    #expect(
      try folder.allTexts() == [
        "contoso/Exchange.ndjson": "0\n2\n0\n", "contoso/MicrosoftTeams.ndjson": "1\n",
        "contoso/_.ndjson": "3\n", "contoso/_._.._etc.ndjson": "4\n",
      ])
    await sink.close()
  }

  @Test func `a workload too long for a name is cut`() async throws {
    let folder = try TemporaryFolder()
    let sink = try fileSink(in: folder, "{workload}")
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    try await deliver(batch([String(repeating: "ü", count: 400)]), to: sink, ledger)
    #expect(try folder.allTexts() == [String(repeating: "ü", count: 50): "0\n"])
    await sink.close()
  }
}
