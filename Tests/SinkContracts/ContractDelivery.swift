import MillraceCore
import MillraceRuntime
import MillraceSinks
import Synchronization

/// Stands in for who delivers: a cursor, a ledger, and one sink after the other.
final class ContractDelivery: Sendable {
  /// A batch and the ids of its events.
  struct Numbered: Sendable {
    var batch = EventBatch()
    var ids: [String] = []
  }

  private struct State {
    var sink: (any Sink)?
    var next = 1
    var expected: [String] = []
  }

  let stand: any ContractStand
  private let ledger = MemoryLedger()
  private let state = Mutex(State())

  init(_ stand: any ContractStand) {
    self.stand = stand
  }

  /// Makes the next sink and opens it, as a new process does.
  func open() async throws {
    let sink = try await stand.makeSink()
    state.withLock { $0.sink = sink }
    try await sink.open(ledger: ledger)
  }

  func close() async {
    await state.withLock { $0.sink }?.close()
  }

  /// Events that were not delivered yet.
  func nextBatch(events count: Int) -> Numbered {
    let first = state.withLock { state in
      state.next += count
      return state.next - count
    }
    var numbered = Numbered()
    guard let tenant = TenantID("41463f53-8812-40f4-890f-865bf6e35190") else {
      preconditionFailure("a GUID is a tenant")
    }
    let origin = numbered.batch.index(
      of: EventOrigin(feed: Feed(tenant: tenant, contentType: .exchange), tenantName: "contoso"))
    for number in first..<first + count {
      let id = "contract-\(number)"
      let start = numbered.batch.bytes.count
      numbered.batch.bytes += Array((stand.line(id) + "\n").utf8)
      let facts = numbered.batch.keep([.id, .workload, .user, .operation]) { fact, keep in
        let text =
          switch fact {
          case .id: id
          case .workload: "Exchange"
          case .user: "megan@contoso.example"
          default: "Send"
          }
        Array(text.utf8).withUnsafeBufferPointer { keep($0) }
      }
      numbered.batch.lines.append(
        EventBatch.Line(
          range: start..<numbered.batch.bytes.count, origin: origin,
          time: Timestamp(milliseconds: 1_772_612_130_000 + Int64(number)),
          position: LogPosition(sequence: 1, record: number), facts: facts))
      numbered.ids.append(id)
    }
    return numbered
  }

  /// One delivery, not committed.
  func attempt(_ batch: Numbered) async throws(SinkError) -> SinkReceipt {
    guard let sink = state.withLock({ $0.sink }) else { preconditionFailure("a sink is open") }
    return try await sink.deliver(batch.batch)
  }

  func commit(_ batch: Numbered, _ receipt: SinkReceipt) async throws {
    ledger.commit(receipt)
    let refused = Set(receipt.refused.map(\.position))
    state.withLock { state in
      for (line, id) in zip(batch.batch.lines, batch.ids) where !refused.contains(line.position) {
        state.expected.append(id)
      }
    }
    await state.withLock { $0.sink }?.committed(receipt)
  }

  func deliver(events: Int, batches: Int) async throws {
    for _ in 0..<batches {
      try await retry(nextBatch(events: events))
    }
  }

  /// Delivers until it works, as long as a receiver may take to come back.
  func retry(_ batch: Numbered) async throws {
    let begun = ContinuousClock.now
    while true {
      let receipt: SinkReceipt
      do throws(SinkError) { receipt = try await attempt(batch) } catch {
        guard begun.duration(to: .now) < .seconds(120) else { throw error }
        await Pulse().wait(beyond: 0, atMost: .milliseconds(20))
        continue
      }
      return try await commit(batch, receipt)
    }
  }

  /// Checks what the receiver holds; it may take its time to hold it.
  func expectAll(_ moment: String) async throws {
    let expected = state.withLock { $0.expected }
    let begun = ContinuousClock.now
    var received: [String] = []
    repeat {
      received = try await stand.received()
      if Set(expected).isSubset(of: Set(received)) { break }
      await Pulse().wait(beyond: 0, atMost: .milliseconds(20))
    } while begun.duration(to: .now) < .seconds(120)
    let missing = expected.filter { !Set(received).contains($0) }
    guard missing.isEmpty else {
      throw BrokenContract(description: "\(moment): lost \(missing)")
    }
    guard Set(received).isSubset(of: Set(expected)) else {
      throw BrokenContract(
        description: "\(moment): never committed \(Set(received).subtracting(expected).sorted())")
    }
    if stand.promise == .exactlyOnce, received != expected {
      throw BrokenContract(description: "\(moment): \(received) in the place of \(expected)")
    }
    // What is sent again may stand behind what came later; the first of each are in order.
    var seen: Set<String> = []
    let firsts = received.filter { seen.insert($0).inserted }
    guard firsts == expected || !stand.keepsOrder else {
      throw BrokenContract(description: "\(moment): out of order: \(firsts)")
    }
  }
}

/// What sinks have remembered, in memory.
private final class MemoryLedger: SinkLedger {
  private struct Key: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  private let entries = Mutex<[Key: SinkFile]>([:])

  func files() async throws(SinkError) -> [SinkFile] {
    entries.withLock { $0.values.sorted { $0.path < $1.path } }
  }

  func enter(_ file: SinkFile) async throws(SinkError) {
    entries.withLock { $0[Key(device: file.device, inode: file.inode)] = file }
  }

  func commit(_ receipt: SinkReceipt) {
    entries.withLock { entries in
      for file in receipt.files { entries[Key(device: file.device, inode: file.inode)] = file }
      for file in receipt.retired { entries[Key(device: file.device, inode: file.inode)] = nil }
    }
  }
}
