import Foundation
import MillraceCore
import MillraceRuntime
import MillraceSinks
import Testing

/// What others do to the files, while the sink runs and while it does not.
struct FileSinkRotationTests {
  let folder: TemporaryFolder
  let ledger = LedgerDouble()

  init() throws {
    folder = try TemporaryFolder()
  }

  private func openSink() async throws -> FileSink {
    let sink = try fileSink(in: folder, "out.ndjson")
    try await sink.open(ledger: ledger)
    return sink
  }

  /// A sink that delivered `1`, and delivered `torn` without a commit, then died.
  private func dieWithATail() async throws {
    let sink = try await openSink()
    try await deliver(batch("1"), to: sink, ledger)
    _ = try await sink.deliver(batch("torn"))
    await sink.close()
    #expect(try folder.text("out.ndjson") == "1\ntorn\n")
  }

  // MARK: While it runs

  @Test(arguments: [true, false])
  func `a renamed file is left as committed and a new one is begun`(creates: Bool) async throws {
    let sink = try await openSink()
    try await deliver(batch("1"), to: sink, ledger)
    try folder.rename("out.ndjson", to: "out.ndjson.1")
    if creates { try folder.write("", to: "out.ndjson") }
    let receipt = try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.allTexts() == ["out.ndjson": "2\n", "out.ndjson.1": "1\n"])
    #expect(receipt.retired.count == 1)
    #expect(ledger.entries.map(\.length) == [2])
    #expect(await sink.problems.isEmpty)
    await sink.close()
  }

  @Test func `a file renamed with an uncommitted tail loses the tail`() async throws {
    let sink = try await openSink()
    try await deliver(batch("1"), to: sink, ledger)
    _ = try await sink.deliver(batch("2"))
    try folder.rename("out.ndjson", to: "out.ndjson.1")
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.allTexts() == ["out.ndjson": "2\n", "out.ndjson.1": "1\n"])
    await sink.close()
  }

  @Test func `the tail cut off a renamed file does not come back when the power fails`()
    async throws
  {
    let disk = FragileDisk()
    let sink = try fileSink(in: folder, "out.ndjson", operations: disk.operations())
    try await sink.open(ledger: ledger)
    try await deliver(batch("1"), to: sink, ledger)
    _ = try await sink.deliver(batch("2"))
    // A second name, as the disk of this test knows files by their names.
    try #require(link(folder.path + "/out.ndjson", folder.path + "/out.ndjson.1") == 0)
    try await deliver(EventBatch(), to: sink, ledger)
    try disk.losePower(.short)
    #expect(try folder.text("out.ndjson.1") == "1\n")
    await sink.close()
  }

  @Test func `a file cut by others with an uncommitted tail is not filled with zeros`()
    async throws
  {
    let sink = try await openSink()
    try await deliver(batch("1"), to: sink, ledger)
    _ = try await sink.deliver(batch("2"))
    try folder.write("", to: "out.ndjson")
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "2\n")
    #expect(await sink.problems.map(\.kind) == [.emptied])
    await sink.close()
  }

  @Test func `a deleted file is reported and begun again`() async throws {
    let sink = try await openSink()
    try await deliver(batch("1"), to: sink, ledger)
    try folder.remove("out.ndjson")
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "2\n")
    #expect(
      await sink.problems == [
        SinkProblem(kind: .deleted, path: folder.path + "/out.ndjson", bytes: 2)
      ])
    await sink.close()
  }

  @Test func `a deleted folder is made again`() async throws {
    let sink = try fileSink(in: folder, "a/b/out.ndjson")
    try await sink.open(ledger: ledger)
    try await deliver(batch("1"), to: sink, ledger)
    try folder.remove("a")
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.text("a/b/out.ndjson") == "2\n")
    await sink.close()
  }

  @Test func `a file cut to nothing by copytruncate is continued and reported`() async throws {
    let sink = try await openSink()
    try await deliver(batch("1", "2"), to: sink, ledger)
    try folder.write("", to: "out.ndjson")
    let receipt = try await deliver(batch("3"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "3\n")
    #expect(receipt.files.map(\.length) == [2])
    #expect(await sink.problems.map(\.kind) == [.emptied])
    #expect(await sink.problems.map(\.bytes) == [4])
    #expect(await sink.problemCount == 1)
    await sink.close()
  }

  @Test func `a crash after copytruncate doubles nothing`() async throws {
    var sink = try await openSink()
    try await deliver(batch("1", "2"), to: sink, ledger)
    try folder.write("", to: "out.ndjson")
    _ = try await sink.deliver(batch("3"))
    await sink.close()
    sink = try await openSink()
    try await deliver(batch("3"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "3\n")
    await sink.close()
  }

  @Test func `bytes that others append are cut off and reported`() async throws {
    let sink = try await openSink()
    try await deliver(batch("1"), to: sink, ledger)
    try folder.append("foreign", to: "out.ndjson")
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "1\n2\n")
    #expect(
      await sink.problems == [
        SinkProblem(kind: .foreignBytes, path: folder.path + "/out.ndjson", bytes: 7)
      ])
    await sink.close()
  }

  @Test func `two paths that name one file share it`() async throws {
    let sink = try fileSink(in: folder, "{tenant}.ndjson")
    try await sink.open(ledger: ledger)
    try folder.write("", to: "contoso.ndjson")
    try #require(
      link(folder.path + "/contoso.ndjson", folder.path + "/fabrikam.ndjson") == 0)
    for line in ["1", "2"] {
      try await deliver(
        batch([TestEvent(line: line), TestEvent(line: line + "f", tenant: "fabrikam")]),
        to: sink, ledger)
    }
    #expect(try folder.text("contoso.ndjson") == "1\n1f\n2\n2f\n")
    #expect(ledger.entries.count == 1)
    await sink.close()
  }

  // MARK: While it does not run

  @Test func `a torn tail is cut off`() async throws {
    try await dieWithATail()
    let sink = try await openSink()
    #expect(try folder.text("out.ndjson") == "1\n")
    #expect(await sink.problems.isEmpty)
    await sink.close()
  }

  @Test func `a tail once cut off stays off when the power fails`() async throws {
    try await dieWithATail()
    try folder.rename("out.ndjson", to: "out.ndjson.1")
    let disk = FragileDisk()
    let sink = try fileSink(in: folder, "out.ndjson", operations: disk.operations())
    try await sink.open(ledger: ledger)
    try await deliver(EventBatch(), to: sink, ledger)
    #expect(ledger.entries.isEmpty)
    try disk.losePower(.short)
    #expect(try folder.text("out.ndjson.1") == "1\n")
    await sink.close()
  }

  @Test(arguments: [true, false])
  func `a torn tail is cut off a file that was renamed meanwhile`(creates: Bool) async throws {
    try await dieWithATail()
    try folder.rename("out.ndjson", to: "out.ndjson.1")
    if creates { try folder.write("not ours\n", to: "out.ndjson") }
    let sink = try await openSink()
    #expect(try folder.text("out.ndjson.1") == "1\n")
    try await deliver(batch("torn"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == (creates ? "not ours\n" : "") + "torn\n")
    #expect(try folder.text("out.ndjson.1") == "1\n")
    #expect(ledger.entries.map(\.path) == [folder.path + "/out.ndjson"])
    await sink.close()
  }

  @Test func `a file that got shorter is reported and continued, never refilled`() async throws {
    try await dieWithATail()
    let entry = try #require(ledger.entries.first)
    try folder.write("1", to: "out.ndjson")
    let errors = ConditionLock<[String]>([])
    let log = Log(level: .error, output: { line in errors.withLock { $0.append(line) } })
    let sink = try fileSink(in: folder, "out.ndjson", log: log)
    try await sink.open(ledger: ledger)
    #expect(await sink.problems.map(\.kind) == [.shrunk])
    #expect(errors.withLock { $0.count } == 1)
    #expect(ledger.entries.map(\.length) == [entry.length - 1])
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "1\n2\n")
    await sink.close()
  }

  @Test func `a missing file is reported and leaves the ledger`() async throws {
    try await dieWithATail()
    try folder.remove("out.ndjson")
    let sink = try await openSink()
    #expect(await sink.problems.map(\.kind) == [.missing])
    #expect(try folder.allTexts().isEmpty)
    try await deliver(EventBatch(), to: sink, ledger)
    #expect(ledger.entries.isEmpty)
    await sink.close()
  }

  @Test func `a file that was given the inode number of ours is not touched`() async throws {
    try await dieWithATail()
    // As if ours was deleted and this one created: same number, another time of birth.
    var entry = try #require(ledger.entries.first)
    guard tellsBirth(entry) else { return }
    let old = entry
    entry.birthNanoseconds -= 1
    ledger.put(entry, insteadOf: old)
    let sink = try await openSink()
    #expect(try folder.text("out.ndjson") == "1\ntorn\n")
    #expect(await sink.problems.map(\.kind) == [.missing])
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "1\ntorn\n2\n")
    #expect(ledger.entries == [entry.with(birth: old.birthNanoseconds, length: 9)])
    await sink.close()
  }

  @Test func `a file whose file system got another number is still ours`() async throws {
    try await dieWithATail()
    let entry = try #require(ledger.entries.first)
    guard tellsBirth(entry) else { return }
    var moved = entry
    moved.device += 1
    ledger.put(moved, insteadOf: entry)
    let sink = try await openSink()
    #expect(try folder.text("out.ndjson") == "1\n")
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try folder.text("out.ndjson") == "1\n2\n")
    #expect(ledger.entries == [entry.with(birth: entry.birthNanoseconds, length: 4)])
    await sink.close()
  }

  @Test func `opening that failed can be done again`() async throws {
    try await dieWithATail()
    var step = 1
    while true {
      let trial = Trial(.failBefore, at: step..<step + 1)
      let sink = try fileSink(
        in: folder, "out.ndjson", operations: FragileDisk().operations(trial))
      do {
        try await sink.open(ledger: ledger)
      } catch {
        try await sink.open(ledger: ledger)
      }
      #expect(try folder.text("out.ndjson") == "1\n")
      await sink.close()
      if trial.spoiled.isEmpty { break }
      try folder.append("torn again\n", to: "out.ndjson")
      step += 1
    }
    #expect(step > 3)
  }
}

/// Whether the file system of the tests says when a file was created; a few do not.
private func tellsBirth(_ entry: SinkFile) -> Bool {
  if entry.birthNanoseconds == 0 {
    print("skipped: the file system of \(entry.path) does not tell when a file was created")
  }
  return entry.birthNanoseconds != 0
}

extension SinkFile {
  fileprivate func with(birth: Int64, length: Int64) -> SinkFile {
    var copy = self
    copy.birthNanoseconds = birth
    copy.length = length
    return copy
  }
}
