import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSinks
import Testing

struct FileSinkTests {
  @Test func `lines go to the file of their tenant, type, day and hour, in log order`() async throws
  {
    let folder = try TemporaryFolder()
    let sink = try fileSink(in: folder, "{tenant}/{content_type}/{date}-{hour}.ndjson")
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    let receipt = try await deliver(
      batch([
        TestEvent(line: "a"), TestEvent(line: "b", tenant: "fabrikam"),
        TestEvent(line: "c"), TestEvent(line: "d", contentType: .dlp),
        TestEvent(line: "e", time: "2026-03-04T09:00:00Z"), TestEvent(line: "f"),
      ]), to: sink, ledger)
    #expect(
      try folder.allTexts() == [
        "contoso/Audit.Exchange/2026-03-04-08.ndjson": "a\nc\nf\n",
        "fabrikam/Audit.Exchange/2026-03-04-08.ndjson": "b\n",
        "contoso/DLP.All/2026-03-04-08.ndjson": "d\n",
        "contoso/Audit.Exchange/2026-03-04-09.ndjson": "e\n",
      ])
    #expect(receipt.files == ledger.entries)
    #expect(receipt.files.map(\.length) == [6, 2, 2, 2])
    await sink.close()
  }

  @Test func `new files and folders get the permissions asked for`() async throws {
    let folder = try TemporaryFolder()
    let sink = try fileSink(in: folder, "a/b/{tenant}.ndjson") {
      $0.fileMode = 0o600
      $0.folderMode = 0o700
    }
    try await sink.open(ledger: LedgerDouble())
    _ = try await sink.deliver(batch("1"))
    for (name, mode) in [("a", 0o700), ("a/b", 0o700), ("a/b/contoso.ndjson", 0o600)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
      #expect(attributes[.posixPermissions] as? Int == mode)
    }
    await sink.close()
  }

  @Test func `bytes that were in a file before are kept, and end with a line feed`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("whole\n", to: "contoso.ndjson")
    try folder.write("torn", to: "fabrikam.ndjson")
    let sink = try fileSink(in: folder, "{tenant}.ndjson")
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    for line in ["1", "2"] {
      try await deliver(
        batch([TestEvent(line: line), TestEvent(line: line, tenant: "fabrikam")]), to: sink, ledger)
    }
    #expect(
      try folder.allTexts() == [
        "contoso.ndjson": "whole\n1\n2\n", "fabrikam.ndjson": "torn\n1\n2\n",
      ])
    await sink.close()
  }

  @Test(arguments: ["folder", "link", "dangling link", "pipe"])
  func `what is not a regular file is refused and left alone`(kind: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/out.ndjson"
    try folder.write("elsewhere\n", to: "target")
    switch kind {
    case "folder": try #require(mkdir(path, 0o750) == 0)
    case "link": try #require(symlink("target", path) == 0)
    case "dangling link": try #require(symlink("nowhere", path) == 0)
    default: try #require(mkfifo(path, 0o640) == 0)
    }
    let sink = try fileSink(in: folder, "out.ndjson")
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch("1")) }
    #expect(error?.kind == .notRegular)
    #expect(error?.isRetryable == false)
    #expect(error?.subject == path)
    #expect(try folder.text("target") == "elsewhere\n")
    #expect(ledger.entries.isEmpty)
    // Once it is out of the way, delivery goes on.
    try folder.remove("out.ndjson")
    try await deliver(batch("1"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "1\n")
    await sink.close()
  }

  @Test func `a file in place of a folder is an error that says so`() async throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "contoso")
    let sink = try fileSink(in: folder, "{tenant}/out.ndjson")
    try await sink.open(ledger: LedgerDouble())
    let error = await #expect(throws: SinkError.self) { try await sink.deliver(batch("1")) }
    #expect(error?.kind == .missingFolder)
    #expect(error?.code == "ENOTDIR")
    #expect(error?.hint.isEmpty == false)
    await sink.close()
  }

  @Test(arguments: [
    (ENOSPC, SinkError.Kind.noSpace, true), (EDQUOT, .noSpace, true), (EACCES, .permission, false),
    (EROFS, .readOnly, false), (EIO, .other, true),
  ])
  func `an error names what failed and what helps`(
    code: Int32, kind: SinkError.Kind, isRetryable: Bool
  ) async throws {
    let folder = try TemporaryFolder()
    var operations = FileOperations.system
    operations.write = { (_, _, _) throws(SystemFailure) in throw SystemFailure(code: code) }
    let sink = try fileSink(in: folder, "out.ndjson", operations: operations)
    try await sink.open(ledger: LedgerDouble())
    let thrown = await #expect(throws: SinkError.self) { try await sink.deliver(batch("1")) }
    let error = try #require(thrown)
    #expect(error.kind == kind)
    #expect(error.isRetryable == isRetryable)
    #expect(error.sink == "archive")
    #expect(error.operation == "write")
    #expect(error.subject == folder.path + "/out.ndjson")
    #expect(!error.hint.isEmpty)
    #expect(error.description.contains(error.code))
    await sink.close()
  }

  @Test(arguments: ["write", "synchronize data"])
  func `a failed delivery leaves every file as committed`(step: String) async throws {
    let folder = try TemporaryFolder()
    var operations = FileOperations.system
    let system = operations
    let fails = ConditionLock(false)
    operations.write = { (descriptor, bytes, offset) throws(SystemFailure) in
      let isDoomed = step == "write" && bytes.contains(UInt8(ascii: "F"))
      if isDoomed && fails.withLock({ $0 }) { throw SystemFailure(code: ENOSPC) }
      return try system.write(descriptor, bytes, offset)
    }
    operations.synchronizeData = { (descriptor) throws(SystemFailure) in
      let isDoomed = step == "synchronize data"
      if isDoomed
        && fails.withLock({ fails in
          defer { fails = false }
          return fails
        })
      {
        throw SystemFailure(code: EIO)
      }
      try system.synchronizeData(descriptor)
    }
    let sink = try fileSink(in: folder, "{tenant}.ndjson", operations: operations)
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    func events(_ number: Int) -> EventBatch {
      batch([
        TestEvent(line: "C\(number)"), TestEvent(line: "F\(number)", tenant: "fabrikam"),
      ])
    }
    try await deliver(events(1), to: sink, ledger)
    fails.withLock { $0 = true }
    await #expect(throws: SinkError.self) { try await sink.deliver(events(2)) }
    #expect(try folder.allTexts() == ["contoso.ndjson": "C1\n", "fabrikam.ndjson": "F1\n"])
    fails.withLock { $0 = false }
    try await deliver(events(2), to: sink, ledger)
    #expect(
      try folder.allTexts() == ["contoso.ndjson": "C1\nC2\n", "fabrikam.ndjson": "F1\nF2\n"])
    await sink.close()
  }

  @Test func `no more descriptors are open than allowed, and the batch is durable all the same`()
    async throws
  {
    let folder = try TemporaryFolder(inMemory: true)
    let disk = FragileDisk()
    let sink = try fileSink(in: folder, "{date}.ndjson", operations: disk.operations()) {
      $0.openFilesMax = 3
    }
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    let events = (1...20).map {
      TestEvent(line: "\($0)", time: "2026-03-\($0 < 10 ? "0" : "")\($0)")
    }
    for _ in 1...2 {
      try await deliver(batch(events), to: sink, ledger)
      #expect(disk.openCount <= 3)
    }
    try disk.losePower(.short)
    let texts = try folder.allTexts()
    #expect(texts.count == 20)
    #expect(texts["2026-03-07.ndjson"] == "7\n7\n")
    #expect(texts.values.allSatisfy { $0.split(separator: "\n").count == 2 })
    await sink.close()
    #expect(disk.openCount == 0)
  }

  @Test func `the ledger holds no more files than allowed`() async throws {
    let folder = try TemporaryFolder(inMemory: true)
    let sink = try fileSink(in: folder, "{date}.ndjson") { $0.ledgerFilesMax = 4 }
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    let days = (10...29).map { "2026-03-\($0)" }
    for days in [days, days, Array(days[..<2]), Array(days[5..<8])] {
      let receipt = try await deliver(
        batch(days.map { TestEvent(line: "x", time: $0) }), to: sink, ledger)
      #expect(ledger.entries.count <= 4)
      #expect(Set(receipt.files).isDisjoint(with: receipt.retired))
    }
    #expect(
      Set(days[5..<8].map { folder.path + "/\($0).ndjson" }).isSubset(
        of: ledger.entries.map(\.path)))
    let counts = try folder.allTexts().mapValues { $0.split(separator: "\n").count }
    #expect(counts.values.reduce(0, +) == 45)
    #expect(counts["2026-03-10.ndjson"] == 3)
    await sink.close()
  }

  @Test func `a file that no delivery touches for long is closed and retired`() async throws {
    let folder = try TemporaryFolder(inMemory: true)
    let disk = FragileDisk()
    let sink = try fileSink(in: folder, "{tenant}.ndjson", operations: disk.operations()) {
      $0.idleDeliveriesMax = 3
    }
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    try await deliver(batch([TestEvent(line: "1", tenant: "quiet")]), to: sink, ledger)
    for _ in 1...3 { try await deliver(batch("x"), to: sink, ledger) }
    #expect(ledger.entries.count == 2)
    #expect(disk.openCount == 2)
    let receipt = try await deliver(batch("x"), to: sink, ledger)
    #expect(receipt.retired.map(\.path) == [folder.path + "/quiet.ndjson"])
    #expect(ledger.entries.count == 1)
    #expect(disk.openCount == 1)
    try await deliver(batch([TestEvent(line: "2", tenant: "quiet")]), to: sink, ledger)
    #expect(try folder.text("quiet.ndjson") == "1\n2\n")
    #expect(ledger.entries.count == 2)
    await sink.close()
  }

  @Test func `a commit that was not confirmed is found in the ledger`() async throws {
    let folder = try TemporaryFolder()
    let sink = try fileSink(in: folder, "out.ndjson")
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    let receipt = try await sink.deliver(batch("1"))
    try ledger.commit(receipt, cursor: 1)
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "1\n2\n")
    await sink.close()
  }

  @Test func `the same events in other batches leave the same file after a failed commit`()
    async throws
  {
    let folder = try TemporaryFolder()
    let sink = try fileSink(in: folder, "{tenant}.ndjson")
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    let events = (1...6).map { TestEvent(line: "\($0)", tenant: $0 % 2 == 0 ? "even" : "odd") }
    _ = try await sink.deliver(batch(events))
    for event in events { try await deliver(batch([event]), to: sink, ledger) }
    #expect(try folder.allTexts() == ["even.ndjson": "2\n4\n6\n", "odd.ndjson": "1\n3\n5\n"])
    await sink.close()
  }
}
