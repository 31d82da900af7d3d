import MillraceEvents
import Synchronization

/// One event as a receiver took it.
package struct ReceivedEvent: Sendable {
  /// Its id, however its format spells it; empty when it has none.
  package let id: String
  /// Its bytes as they came.
  package let bytes: [UInt8]
  /// What came beside it, by name: an index, a source, a batch.
  package let notes: [String: String]

  /// An event.
  package init(id: String, bytes: [UInt8], notes: [String: String] = [:]) {
    self.id = id
    self.bytes = bytes
    self.notes = notes
  }

  /// The id of an event in native, ECS or OCSF spelling, or of a raw record.
  static func id(of event: JSONNode) -> String {
    event["id"]?.string ?? event["event"]?["id"]?.string ?? event["metadata"]?["uid"]?.string
      ?? event["Id"]?.string ?? ""
  }
}

/// What a receiver took for good, and what it had to complain about.
package final class ReceivedEvents: Sendable {
  private struct State {
    var events: [ReceivedEvent] = []
    var requests = 0
    var violations: [String] = []
    var headers: [[(name: String, value: String)]] = []
  }

  private let state = Mutex(State())

  /// Nothing yet.
  package init() {}

  /// All events in the order they were taken, repeats included.
  package var events: [ReceivedEvent] { state.withLock { $0.events } }
  /// How many events there are, repeats included.
  package var count: Int { state.withLock { $0.events.count } }
  /// The ids of all events, repeats included.
  package var ids: [String] { events.map(\.id) }
  /// How many deliveries came, refused ones included.
  package var requests: Int { state.withLock { $0.requests } }
  /// Where a delivery broke the protocol, in words.
  package var violations: [String] { state.withLock { $0.violations } }
  /// The header fields of each delivery.
  package var headers: [[(name: String, value: String)]] { state.withLock { $0.headers } }

  /// Takes events for good.
  package func take(_ events: [ReceivedEvent]) {
    state.withLock { $0.events += events }
  }

  /// Counts a delivery.
  func note(_ headers: [(name: String, value: String)]) {
    state.withLock {
      $0.requests += 1
      $0.headers.append(headers)
    }
  }

  /// Enters a complaint.
  func complain(_ words: String) {
    state.withLock { $0.violations.append(words) }
  }
}
