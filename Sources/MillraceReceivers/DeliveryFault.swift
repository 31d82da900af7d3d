package import MillraceHTTP
import Synchronization

/// One way to treat a delivery badly.
package enum DeliveryFault: Sendable {
  /// Nothing is taken, and this is answered.
  case answer(ServerResponse)
  /// Nothing is taken; the protocol's own way to say "later", with so many seconds.
  case busy(retryAfter: Int)
  /// Nothing is taken; the body is too large.
  case tooLarge
  /// Nothing is taken, and the connection is reset.
  case resetBefore
  /// All is taken, and the connection is reset in place of an answer.
  case resetAfter
  /// All is taken, and the connection ends in the middle of the answer.
  case cutAnswer
  /// All is taken, and the answer is held back for so long.
  case slow(Duration)
  /// Nothing is taken, and success is answered in words that mean nothing.
  case nonsense
}

/// The faults that are to come, and the events that are never taken.
package final class ReceiverFaults: Sendable {
  private struct State {
    var queue: [DeliveryFault] = []
    var lasting: DeliveryFault?
    var refusedIDs: Set<String> = []
    var busyIDs: [String: Int] = [:]
  }

  private let state = Mutex(State())

  /// None yet.
  package init() {}

  /// The next deliveries meet these, one each.
  package func queue(_ faults: DeliveryFault...) {
    state.withLock { $0.queue += faults }
  }

  /// All deliveries meet this, behind those that are queued; nil ends it.
  package func lasting(_ fault: DeliveryFault?) {
    state.withLock { $0.lasting = fault }
  }

  /// Every event is welcome again.
  package func refuseNothing() {
    state.withLock { $0.refusedIDs = [] }
  }

  /// Events with these ids are refused for good.
  package func refuse(_ ids: String...) {
    state.withLock { $0.refusedIDs.formUnion(ids) }
  }

  /// An event with this id is put off so many times, where a protocol answers for each event.
  package func putOff(_ id: String, times: Int = 1) {
    state.withLock { $0.busyIDs[id] = times }
  }

  /// The fault of the next delivery; nil for none.
  func next() -> DeliveryFault? {
    state.withLock { $0.queue.isEmpty ? $0.lasting : $0.queue.removeFirst() }
  }

  /// Whether an event is refused for good.
  func refuses(_ id: String) -> Bool { state.withLock { $0.refusedIDs.contains(id) } }

  /// Whether an event is put off this time.
  func putsOff(_ id: String) -> Bool {
    state.withLock { state in
      guard let left = state.busyIDs[id], left > 0 else { return false }
      state.busyIDs[id] = left - 1
      return true
    }
  }

  /// An answer that came about as it should, spoiled on its way.
  static func spoiled(_ answer: ServerResponse, by fault: DeliveryFault?) -> ServerResponse {
    var answer = answer
    switch fault {
    case .resetAfter:
      return ServerResponse(body: .reset)
    case .cutAnswer:
      guard case .bytes(let bytes) = answer.body else { return answer }
      answer.body = .cut(Array(bytes.prefix(bytes.count / 2)), announced: max(bytes.count, 64))
      // An answer without a body has nothing to be cut.
      if answer.status == 204 { answer.body = .reset }
      return answer
    case .slow(let delay):
      answer.delay = delay
      return answer
    default:
      return answer
    }
  }

  /// What is answered before anything is taken; nil when the delivery is to be looked at.
  static func answerBefore(
    _ fault: DeliveryFault?, busy: (Int) -> ServerResponse, tooLarge: () -> ServerResponse,
    success: Int
  ) -> ServerResponse? {
    switch fault {
    case .answer(let answer): answer
    case .busy(let seconds): busy(seconds)
    case .tooLarge: tooLarge()
    case .resetBefore: ServerResponse(body: .reset)
    case .nonsense:
      ServerResponse(
        status: success == 204 ? 200 : success, text: "<html>Welcome to the guest network</html>",
        type: "text/html")
    case nil, .resetAfter, .cutAnswer, .slow: nil
    }
  }
}
