#if Kafka
import CRDKafka
import MillraceRuntime
import Synchronization

/// What became of one message of a batch.
enum KafkaOutcome: Hashable, Sendable {
  /// It has to be given to the producer.
  case unsent
  /// The producer has it; no report yet.
  case pending
  /// All replicas have it.
  case acknowledged
  /// It was not written, for this reason.
  case failed(KafkaTrouble)
}

/// What a producer reports: delivery reports, its troubles, its log.
///
/// Callbacks come while the sink's thread polls; a few words of the log may come from librdkafka's
/// own threads while a producer is taken down.
final class KafkaReports: Sendable {
  private struct State {
    var outcomes: [KafkaOutcome] = []
    var pending = 0
    /// Grows with each message that is acknowledged.
    var acknowledged = 0
    var trouble: KafkaTrouble?
    var isFatal = false
  }

  private let state: Mutex<State>
  private let sink: String
  private let log: Log

  init(outcomes: [KafkaOutcome], sink: String, log: Log) {
    state = Mutex(State(outcomes: outcomes.map { $0 == .pending ? .unsent : $0 }))
    self.sink = sink
    self.log = log
  }

  /// One for each message of the batch.
  var outcomes: [KafkaOutcome] { state.withLock { $0.outcomes } }

  /// Messages that the producer has and did not report on.
  var pending: Int { state.withLock { $0.pending } }

  /// How many were acknowledged so far.
  var acknowledged: Int { state.withLock { $0.acknowledged } }

  /// What is wrong with the brokers; nil once a message was acknowledged after it.
  var trouble: KafkaTrouble? { state.withLock { $0.trouble } }

  /// Whether the producer is done for.
  var isFatal: Bool { state.withLock { $0.isFatal } }

  /// Begins a batch of so many messages; nothing of the one before is pending.
  func begin(count: Int) {
    state.withLock { state in
      precondition(state.pending == 0, "a batch is begun when the one before is settled")
      state.outcomes = Array(repeating: .unsent, count: count)
    }
  }

  /// Notes that the producer has a message.
  func sent(_ ticket: Int) {
    state.withLock { state in
      state.outcomes[ticket] = .pending
      state.pending += 1
    }
  }

  /// Notes that a message failed without ever being sent.
  func refused(_ ticket: Int, _ trouble: KafkaTrouble) {
    state.withLock { $0.outcomes[ticket] = .failed(trouble) }
  }

  /// Has the messages sent again that failed.
  func forgive(where isForgiven: (KafkaTrouble) -> Bool = { _ in true }) {
    state.withLock { state in
      for index in state.outcomes.indices {
        if case .failed(let trouble) = state.outcomes[index], isForgiven(trouble) {
          state.outcomes[index] = .unsent
        }
      }
    }
  }

  /// A delivery report.
  func report(_ ticket: Int, _ code: rd_kafka_resp_err_t) {
    state.withLock { state in
      // Of a batch that nobody waits for any more.
      guard state.outcomes.indices.contains(ticket), state.outcomes[ticket] == .pending else {
        return
      }
      state.pending -= 1
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
        state.outcomes[ticket] = .failed(KafkaTrouble(code))
        return
      }
      state.outcomes[ticket] = .acknowledged
      state.acknowledged += 1
      state.trouble = nil
    }
  }

  /// An error of the producer as a whole.
  func meet(_ trouble: KafkaTrouble) {
    state.withLock { state in
      if trouble.isFatal { state.isFatal = true }
      guard let known = state.trouble else {
        state.trouble = trouble
        return
      }
      // "All brokers are down", and connections that are closed, follow what says why.
      if trouble.isVague || known.needsPerson && !trouble.needsPerson { return }
      state.trouble = trouble
    }
  }

  /// A line of librdkafka's log, `level` as syslog has it.
  func say(level: Int32, facility: String, _ words: String) {
    let fields: KeyValuePairs = ["sink": sink, "facility": facility, "text": words]
    // What keeps events from brokers is reported as an error of the sink, once; librdkafka says it
    // several times a second, as long as it lasts.
    if level <= 2 { log.warning("librdkafka", fields) } else { log.debug("librdkafka", fields) }
  }
}
#endif
