import MillraceCore
import MillraceSinks

/// One delivery of a batch on its way: which parcels are to be sent, and what became of events.
struct DeliveryRun {
  private let sink: String
  private let batch: EventBatch
  /// To be sent, the next one last.
  private var pending: [Parcel] = []
  /// Not taken as they were, and put off until it is known whether the receiver takes anything.
  private var doubtful: [Parcel] = []
  /// What became of events, by line.
  private(set) var settled: [Int: SettledLines.Fate]
  private var acceptedCount = 0
  private var refusedCount = 0
  /// What keeps the batch from being done.
  private var failure: SinkError?
  /// The receiver's words when it last refused something.
  private var latestRefusal = ""

  /// A run for the lines of a batch that are not settled yet.
  init(
    sink: String, batch: EventBatch, settled: [Int: SettledLines.Fate], bodyBytesMax: Int?,
    cut: ([Int]) -> [Parcel]
  ) {
    self.sink = sink
    self.batch = batch
    self.settled = settled
    for fate in settled.values { count(fate) }
    var open: [Int] = []
    for line in batch.lines.indices where settled[line] == nil {
      let size = batch.lines[line].range.count
      if let bodyBytesMax, size + 2 > bodyBytesMax {
        settle(
          line,
          .refused("the event has \(size) bytes, and the receiver takes \(bodyBytesMax) at most"))
      } else {
        open.append(line)
      }
    }
    pending = cut(open).reversed()
  }

  /// What is to be sent next; nil when nothing is, for now.
  mutating func next() -> Parcel? {
    guard failure == nil else { return nil }
    if acceptedCount > 0, !doubtful.isEmpty {
      pending += doubtful.reversed()
      doubtful = []
    }
    return pending.popLast()
  }

  /// Takes what became of a parcel.
  mutating func take(_ verdict: Verdict, of parcel: Parcel) {
    switch verdict {
    case .accepted:
      for line in parcel.lines { settle(line, .accepted) }
    case .items(let items):
      for (line, item) in zip(parcel.lines, items) {
        switch item {
        case .accepted: settle(line, .accepted)
        case .refused(let reason): settle(line, .refused(reason))
        case .again(let error): fail(error)
        }
      }
    case .tooLarge(let reason):
      guard parcel.lines.count > 1 else { return settle(parcel.lines[0], .refused(reason)) }
      pending += parcel.halves.reversed()
    case .malformed(let reason, let suspect):
      takeMalformed(parcel, reason, suspect)
    case .identityRefused(let error), .failed(let error):
      fail(error)
    }
  }

  /// Which event it is that the receiver does not like is found by sending fewer at a time. When
  /// nothing at all is liked, that is not followed to the end.
  private mutating func takeMalformed(_ parcel: Parcel, _ reason: String, _ suspect: Int?) {
    latestRefusal = reason
    if parcel.lines.count == 1 {
      settle(parcel.lines[0], .refused(reason))
    } else if isUnproven {
      doubtful.append(parcel)
    } else if let suspect, parcel.lines.indices.contains(suspect) {
      pending += parcel.isolating(suspect).reversed()
    } else {
      pending += parcel.halves.reversed()
    }
  }

  private var isUnproven: Bool {
    acceptedCount == 0 && refusedCount >= Limits.refusalsUnprovenMax
  }

  private mutating func settle(_ line: Int, _ fate: SettledLines.Fate) {
    settled[line] = fate
    count(fate)
  }

  private mutating func count(_ fate: SettledLines.Fate) {
    if case .refused(let reason) = fate {
      refusedCount += 1
      latestRefusal = reason
    } else {
      acceptedCount += 1
    }
  }

  /// The first trouble counts, unless a later one asks for a longer wait or for a person.
  private mutating func fail(_ error: SinkError) {
    guard let known = failure else {
      failure = error
      return
    }
    if known.isRetryable, !error.isRetryable {
      failure = error
    } else if let asked = error.retryAfter, known.isRetryable, asked > known.retryAfter ?? .zero {
      failure = error
    }
  }

  /// How it ended, once nothing is under way any more.
  ///
  /// Throws what keeps the batch from being done.
  func receipt(subject: String) throws(SinkError) -> SinkReceipt {
    if let failure { throw failure }
    if isUnproven {
      throw SinkError(
        sink: sink, operation: "send", subject: subject,
        message: "the receiver refuses every event: " + latestRefusal,
        hint: "see that the receiver is set up for what is sent; nothing is given up meanwhile",
        kind: .rejected)
    }
    guard settled.count == batch.lines.count else {
      throw SinkError(
        sink: sink, operation: "send", subject: subject, message: "the delivery was cut short",
        kind: .other)
    }
    var receipt = SinkReceipt()
    for (index, line) in batch.lines.enumerated() {
      if case .refused(let reason)? = settled[index] {
        receipt.refused.append(RefusedEvent(position: line.position, reason: reason))
      }
    }
    return receipt
  }

  /// Whether what was refused is to be asked for once more.
  var forgetsRefusals: Bool { isUnproven }
}
