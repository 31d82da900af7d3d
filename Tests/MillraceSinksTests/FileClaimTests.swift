import Glibc
import MillraceCore
import MillraceRuntime
import MillraceSinks
import Testing

/// Two sinks that meet in one file, by ways that no configuration shows.
struct FileClaimTests {
  private func sink(_ name: String, _ path: String) throws -> FileSink {
    FileSink(name: name, template: try PathTemplate(NameTemplate(path), sink: name), log: .silent)
  }

  @Test(arguments: ["hard link", "linked folder"])
  func `a file that another sink of the process has is refused, and both are named`(
    way: String
  ) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/out/a.ndjson"
    let other = folder.path + (way == "hard link" ? "/b.ndjson" : "/outlink/a.ndjson")
    let first = try sink("archive", path)
    let ledger = LedgerDouble()
    try await first.open(ledger: ledger)
    try await deliver(batch("1", "2"), to: first, ledger)
    if way == "hard link" {
      try #require(link(path, other) == 0)
    } else {
      try #require(symlink("out", folder.path + "/outlink") == 0)
    }

    let second = try sink("siem", other)
    let otherLedger = LedgerDouble()
    try await second.open(ledger: otherLedger)
    let error = await #expect(throws: SinkError.self) { try await second.deliver(batch("3")) }
    #expect(error?.sink == "siem" && error?.message.contains("\"archive\"") == true)
    #expect(error?.isRetryable == false)
    #expect(otherLedger.entries.isEmpty)
    try await deliver(batch("4"), to: first, ledger)
    #expect(try folder.text("out/a.ndjson") == "1\n2\n4\n")

    await first.close()
    try await deliver(batch("3"), to: second, otherLedger)
    #expect(try folder.text("out/a.ndjson") == "1\n2\n4\n3\n")
    await second.close()
  }

  @Test func `a sink that starts cuts nothing off a file that another has`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.ndjson"
    let (first, second) = (try sink("archive", path), try sink("siem", path))
    let (ledger, otherLedger) = (LedgerDouble(), LedgerDouble())
    try await second.open(ledger: otherLedger)
    try await deliver(batch("1"), to: second, otherLedger)
    await second.close()
    try await first.open(ledger: ledger)
    try await deliver(batch("2"), to: first, ledger)

    let error = await #expect(throws: SinkError.self) { try await second.open(ledger: otherLedger) }
    #expect(error?.message.contains("\"archive\"") == true)
    #expect(try folder.text("a.ndjson") == "1\n2\n")
    await first.close()
  }
}
