import MillraceCore
import MillraceRuntime
import MillraceSinks

/// What every sink keeps, whatever its receiver does: nothing is lost; where it is promised nothing
/// is doubled; what is refused costs itself alone; nothing that is no acknowledgement is taken for
/// one.
package enum SinkContract {
  /// Checks all of it.
  ///
  /// - Throws: `BrokenContract`, or what the stand throws.
  package static func check(_ stand: any ContractStand) async throws {
    let delivery = ContractDelivery(stand)
    try await delivery.open()
    try await delivery.deliver(events: 3, batches: 4)
    try await delivery.expectAll("after plain deliveries")

    try await restarts(delivery)
    for fault in [ReceiverFault.stopped, .killed, .closesMidAnswer, .nonsense, .slow] {
      try await survives(fault, delivery)
    }
    try await refusal(delivery)
    await delivery.close()
  }

  /// A process that is killed between delivery and commit delivers the batch again.
  private static func restarts(_ delivery: ContractDelivery) async throws {
    for closes in [false, true] {
      let batch = delivery.nextBatch(events: 5)
      _ = try await delivery.attempt(batch)
      if closes { await delivery.close() }
      try await delivery.open()
      try await delivery.commit(batch, try await delivery.attempt(batch))
      try await delivery.expectAll("after a restart between delivery and commit")
    }
  }

  /// What the receiver does costs time, not events.
  private static func survives(
    _ fault: ReceiverFault, _ delivery: ContractDelivery
  ) async throws {
    guard try await delivery.stand.inject(fault) else { return }
    let batch = delivery.nextBatch(events: 20)
    if fault.isPassable {
      try await delivery.commit(batch, try await delivery.attempt(batch))
    } else {
      do throws(SinkError) {
        _ = try await delivery.attempt(batch)
      } catch {
        guard error.message.isEmpty == false else {
          throw BrokenContract(description: "\(fault): the failure has no words")
        }
        try await delivery.stand.heal()
        try await delivery.retry(batch)
        try await delivery.expectAll("after \(fault)")
        return
      }
      throw BrokenContract(description: "\(fault): the batch was called delivered")
    }
    try await delivery.stand.heal()
    try await delivery.deliver(events: 7, batches: 2)
    try await delivery.expectAll("after \(fault)")
  }

  /// An event that is refused is named, and its neighbours are there.
  private static func refusal(_ delivery: ContractDelivery) async throws {
    let batch = delivery.nextBatch(events: 9)
    let refused = batch.ids[4]
    guard try await delivery.stand.inject(.refuses(refused)) else { return }
    let receipt = try await delivery.attempt(batch)
    guard receipt.refused.map(\.position) == [batch.batch.lines[4].position] else {
      throw BrokenContract(
        description: "one event was refused, and the receipt says \(receipt.refused)")
    }
    try await delivery.commit(batch, receipt)
    try await delivery.stand.heal()
    try await delivery.expectAll("after a refusal")
  }
}
