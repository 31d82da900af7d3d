import MillraceCore
import MillraceSinks
import SinkContracts
import Testing

/// A kind of sink whose output can be read back.
struct SinkUnderTest {
  /// A new sink that writes to the same place each time.
  var make: () throws -> any Sink
  /// What stands at the receiver for good.
  var received: () async throws -> String
}

/// What every sink must keep that is exactly once.
func checkSinkContract(_ subject: SinkUnderTest) async throws {
  let ledger = LedgerDouble()
  var sink = try subject.make()
  try await sink.open(ledger: ledger)

  // Nothing is delivered by nothing.
  try await deliver(EventBatch(), to: sink, ledger)
  #expect(try await subject.received().isEmpty)

  // The bytes, the order, and one batch behind the other.
  try await deliver(batch("1", "2"), to: sink, ledger)
  try await deliver(batch("3"), to: sink, ledger)
  #expect(try await subject.received() == "1\n2\n3\n")

  // A delivery that was not committed does not count: the next one takes its place.
  _ = try await sink.deliver(batch("lost 4", "lost 5", "lost 6"))
  try await deliver(batch("4"), to: sink, ledger)
  #expect(try await subject.received() == "1\n2\n3\n4\n")

  // It does not count after a restart either, whether the sink was closed or not.
  for closes in [true, false] {
    _ = try await sink.deliver(batch("lost"))
    if closes { await sink.close() }
    sink = try subject.make()
    try await sink.open(ledger: ledger)
    try await deliver(batch("after restart"), to: sink, ledger)
  }
  #expect(try await subject.received() == "1\n2\n3\n4\nafter restart\nafter restart\n")

  // What was committed stays, though the sink was closed before it heard of it.
  let last = try await sink.deliver(batch("end"))
  try ledger.commit(last, cursor: ledger.cursor + 1)
  if !last.files.isEmpty {
    await sink.close()
    sink = try subject.make()
    try await sink.open(ledger: ledger)
  } else {
    await sink.committed(last)
  }
  #expect(
    try await subject.received() == "1\n2\n3\n4\nafter restart\nafter restart\nend\n")
  await sink.close()
}

/// Delivers, commits and confirms.
@discardableResult
func deliver(
  _ batch: EventBatch, to sink: any Sink, _ ledger: LedgerDouble
) async throws(SinkError) -> SinkReceipt {
  let receipt = try await sink.deliver(batch)
  try ledger.commit(receipt, cursor: ledger.cursor + 1)
  await sink.committed(receipt)
  return receipt
}

struct SinkContractTests {
  @Test func `a sink in memory keeps the contract`() async throws {
    let receiver = MemoryReceiver()
    try await checkSinkContract(
      SinkUnderTest(
        make: { MemorySink(receiver: receiver) },
        received: { String(decoding: await receiver.committed, as: UTF8.self) }))
  }

  @Test func `a sink in memory fails when it is told to`() async throws {
    let receiver = MemoryReceiver()
    let sink = MemorySink(receiver: receiver)
    let error = SinkError(
      sink: "memory", operation: "write", subject: "memory", message: "full", kind: .noSpace)
    await sink.failNext(error)
    await #expect(throws: error) { try await sink.deliver(batch("1")) }
    try await deliver(batch("1"), to: sink, LedgerDouble())
    #expect(await receiver.committed == Array("1\n".utf8))
  }

  @Test func `a file sink keeps what every sink keeps`() async throws {
    try await SinkContract.check(FileStand(folder: try TemporaryFolder()))
  }

  @Test func `a file sink keeps the contract`() async throws {
    let folder = try TemporaryFolder()
    try await checkSinkContract(
      SinkUnderTest(
        make: { try fileSink(in: folder, "all.ndjson") },
        received: { (try? folder.text("all.ndjson")) ?? "" }))
  }
}

/// A file, which can do nothing to a sink that the tests of file sinks do not do better.
private struct FileStand: ContractStand {
  let folder: TemporaryFolder
  var promise: ContractPromise { .exactlyOnce }

  func makeSink() async throws -> any Sink { try fileSink(in: folder, "contract.ndjson") }

  func received() async throws -> [String] {
    guard let text = try? folder.text("contract.ndjson") else { return [] }
    return text.split(separator: "\n").compactMap { line in
      line.split(separator: "\"").dropFirst(3).first.map(String.init)
    }
  }

  func inject(_ fault: ReceiverFault) async throws -> Bool { false }

  func heal() async throws {}
}
