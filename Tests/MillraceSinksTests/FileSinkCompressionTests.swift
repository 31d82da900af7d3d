import Foundation
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillraceSinks

/// Files of members: what others can read of them, and what may follow them.
@Suite(.timeLimit(.minutes(10)))
struct FileSinkCompressionTests {
  let folder: TemporaryFolder
  let ledger = LedgerDouble()

  init() throws {
    folder = try TemporaryFolder()
  }

  private var path: String { folder.path + "/out" }

  private func openSink(
    _ compression: FileCompression, change: (inout FileSink.Options) -> Void = { _ in }
  ) async throws -> FileSink {
    let sink = try fileSink(in: folder, "out") {
      $0.compression = compression
      change(&$0)
    }
    try await sink.open(ledger: ledger)
    return sink
  }

  private func size() throws -> Int64 { try FileOperations.system.look(path).size }

  @Test(arguments: [FileCompression.gzip, .zstd])
  func `each delivery is a member that any reader takes`(kind: FileCompression) async throws {
    let sink = try await openSink(kind)
    var expected = ""
    for number in 0..<4 {
      let lines = (0..<200).map { "event \(number)/\($0) of a tenant that repeats itself" }
      expected += lines.map { $0 + "\n" }.joined()
      try await deliver(batch(lines.map { TestEvent(line: $0) }), to: sink, ledger)
      #expect(try await CompressedFiles.text(of: path, kind) == expected)
      #expect(ledger.entries.map(\.length) == [try size()])
    }
    #expect(try size() < expected.utf8.count / 4)
    await sink.close()
  }

  @Test(arguments: [FileCompression.gzip, .zstd])
  func `what was not committed is cut off at a member`(kind: FileCompression) async throws {
    var sink = try await openSink(kind)
    try await deliver(batch("1"), to: sink, ledger)
    let committed = try size()
    _ = try await sink.deliver(batch("torn"))
    await sink.close()
    #expect(try size() > committed)
    // As if the machine had written half of the second member.
    #expect(truncate(path, Int(committed) + 9) == 0)
    sink = try await openSink(kind)
    #expect(try size() == committed)
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try await CompressedFiles.text(of: path, kind) == "1\n2\n")
    await sink.close()
  }

  @Test(arguments: [FileCompression.gzip, .zstd])
  func `a file cut inside a member goes on behind the last whole one`(
    kind: FileCompression
  ) async throws {
    var sink = try await openSink(kind)
    try await deliver(batch("1"), to: sink, ledger)
    let first = try size()
    for isRunning in [true, false] {
      try await deliver(batch("lost"), to: sink, ledger)
      if !isRunning { await sink.close() }
      #expect(truncate(path, Int(try size()) - 3) == 0)
      if !isRunning { sink = try await openSink(kind) }
      try await deliver(batch("2"), to: sink, ledger)
      #expect(try await CompressedFiles.text(of: path, kind).hasSuffix("2\n"))
      #expect(await sink.problems.map(\.kind).last == .shrunk)
    }
    #expect(try await CompressedFiles.text(of: path, kind) == "1\n2\n2\n")
    #expect(try size() > first)
    await sink.close()
  }

  @Test(arguments: [FileCompression.gzip, .zstd])
  func `a file of members that was there before is continued`(kind: FileCompression) async throws {
    var sink = try await openSink(kind)
    try await deliver(batch("1"), to: sink, ledger)
    await sink.close()
    // A new store knows nothing of it.
    let fresh = LedgerDouble()
    sink = try fileSink(in: folder, "out") { $0.compression = kind }
    try await sink.open(ledger: fresh)
    try await deliver(batch("2"), to: sink, fresh)
    #expect(try await CompressedFiles.text(of: path, kind) == "1\n2\n")
    await sink.close()
  }

  @Test(arguments: [
    (FileCompression.gzip, "plain text\n"), (.zstd, "plain text\n"), (.gzip, "\u{1F}"),
  ])
  func `what nothing can follow is refused, and left as it is`(
    kind: FileCompression, text: String
  ) async throws {
    try folder.write(text, to: "out")
    let sink = try await openSink(kind)
    do {
      _ = try await sink.deliver(batch("1"))
      Issue.record("it was continued")
    } catch {
      #expect(error.kind == .notRegular && error.hint.contains("move it"), "\(error)")
    }
    #expect(try folder.text("out") == text)
    try folder.rename("out", to: "aside")
    try await deliver(batch("1"), to: sink, ledger)
    #expect(try await CompressedFiles.text(of: path, kind) == "1\n")
    await sink.close()
  }

  @Test(arguments: [FileCompression.gzip, .zstd])
  func `half a member of others is refused`(kind: FileCompression) async throws {
    let member = kind.stored(Array("somebody else's\n".utf8)[...])
    try Data(member.dropLast(2)).write(to: URL(fileURLWithPath: path))
    let sink = try await openSink(kind)
    await #expect(throws: SinkError.self) { _ = try await sink.deliver(batch("1")) }
    try Data(member).write(to: URL(fileURLWithPath: path))
    try await deliver(batch("1"), to: sink, ledger)
    #expect(try await CompressedFiles.text(of: path, kind) == "somebody else's\n1\n")
    await sink.close()
  }

  @Test(arguments: [(FileCompression.none, FileCompression.gzip), (.gzip, .none), (.gzip, .zstd)])
  func `another compression begins a new file beside the old one`(
    before: FileCompression, after: FileCompression
  ) async throws {
    let clock = try SetClock("2026-03-04T08:15:30Z")
    var sink = try await openSink(before) { $0.clock = clock }
    try await deliver(batch("1"), to: sink, ledger)
    await sink.close()
    sink = try await openSink(after) { $0.clock = clock }
    try await deliver(batch("2"), to: sink, ledger)
    try await deliver(batch("3"), to: sink, ledger)
    #expect(try await CompressedFiles.text(of: path, after) == "2\n3\n")
    #expect(try await CompressedFiles.text(of: path + ".20260304T081530Z", before) == "1\n")
    await sink.close()
  }

  @Test(arguments: [FileCompression.gzip, .zstd])
  func `a file left idle is taken up again without being read through`(
    kind: FileCompression
  ) async throws {
    let reads = ConditionLock(0)
    var operations = FileOperations.system
    operations.read = { (descriptor, bytes, offset) throws(SystemFailure) in
      reads.withLock { $0 += bytes.count }
      return try FileOperations.system.read(descriptor, bytes, offset)
    }
    let sink = try fileSink(in: folder, "{tenant}", operations: operations) {
      $0.compression = kind
      $0.idleDeliveriesMax = 1
    }
    try await sink.open(ledger: ledger)
    var noise = SeededGenerator(seed: 1)
    let line = (0..<20_000).map { _ in "\(noise.next())" }.joined()
    try await deliver(batch([TestEvent(line: line)]), to: sink, ledger)
    for number in 0..<3 {
      try await deliver(
        batch([TestEvent(line: "\(number)", tenant: "other")]), to: sink, ledger)
    }
    #expect(ledger.entries.count == 1, "the idle file left the ledger")
    reads.withLock { $0 = 0 }
    try await deliver(batch([TestEvent(line: "late")]), to: sink, ledger)
    #expect(reads.withLock { $0 } < 1000)
    #expect(
      try await CompressedFiles.text(of: folder.path + "/contoso", kind) == line + "\nlate\n")
    await sink.close()
  }

  // MARK: A cut in the midst of a delivery

  @Test(arguments: FileCompression.allCases)
  func `a file emptied while it is written to has no hole, and loses nothing that comes after`(
    kind: FileCompression
  ) async throws {
    let isCutting = ConditionLock(false)
    var operations = FileOperations.system
    operations.write = { (descriptor, bytes, offset) throws(SystemFailure) in
      // As logrotate's copytruncate does, between our look and our write.
      if isCutting.withLock({ exchange(&$0, with: false) }) { ftruncate(descriptor, 0) }
      return try FileOperations.system.write(descriptor, bytes, offset)
    }
    let sink = try fileSink(in: folder, "out", operations: operations) { $0.compression = kind }
    try await sink.open(ledger: ledger)
    try await deliver(batch("1"), to: sink, ledger)
    isCutting.withLock { $0 = true }
    await #expect(throws: SinkError.self) { _ = try await sink.deliver(batch("2")) }
    try await deliver(batch("2"), to: sink, ledger)
    try await deliver(batch("3"), to: sink, ledger)
    #expect(try await CompressedFiles.text(of: path, kind) == "2\n3\n")
    #expect(await sink.problems.map(\.kind) == [.emptied])
    await sink.close()
  }
}

/// Puts a value in the place of another, and gives that one.
func exchange<Value>(_ value: inout Value, with new: Value) -> Value {
  defer { value = new }
  return value
}
