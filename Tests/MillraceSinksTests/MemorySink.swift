import MillraceCore
import MillraceSinks

/// What a `MemorySink` delivers to; it outlives the sink, as a receiver does.
actor MemoryReceiver {
  private(set) var committed: [UInt8] = []
  private var pending: [UInt8] = []

  func stage(_ bytes: [UInt8]) {
    pending = bytes
  }

  func settle() {
    committed += pending
    pending = []
  }
}

/// A sink without a disk: the simplest thing that keeps the contract.
actor MemorySink: Sink {
  nonisolated let name = "memory"
  private let receiver: MemoryReceiver
  private var failure: SinkError?

  init(receiver: MemoryReceiver) {
    self.receiver = receiver
  }

  /// Makes the next delivery fail.
  func failNext(_ error: SinkError) {
    failure = error
  }

  func open(ledger: any SinkLedger) async throws(SinkError) {
    await receiver.stage([])
  }

  func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    if let failure {
      self.failure = nil
      throw failure
    }
    await receiver.stage(batch.lines.flatMap { batch.bytes[$0.range] })
    return SinkReceipt()
  }

  func committed(_ receipt: SinkReceipt) async {
    await receiver.settle()
  }

  func close() async {}
}
