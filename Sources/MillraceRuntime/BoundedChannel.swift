import Synchronization

/// A first-in, first-out channel between tasks that holds a limited number of elements: whoever
/// sends into a full channel waits. The only channel Millrace uses, as an unbounded one turns a
/// slow consumer into a full memory.
package final class BoundedChannel<Element: Sendable>: Sendable {
  private struct Sender {
    let id: UInt64
    let element: Element
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct Receiver {
    let id: UInt64
    let continuation: CheckedContinuation<Element?, Never>
  }

  private struct State {
    var elements: [Element] = []
    var senders: [Sender] = []
    var receivers: [Receiver] = []
    var isClosed = false
    var nextID: UInt64 = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  /// A channel for at most `limit` waiting elements.
  package init(limit: Int) {
    precondition(limit > 0, "a channel holds something")
    self.limit = limit
  }

  /// How many wait now, to send or to receive.
  package var waitingCount: Int { state.withLock { $0.senders.count + $0.receivers.count } }

  /// Sends an element, waiting for room. Returns false, and drops the element, when the channel is
  /// closed or the task is cancelled.
  package func send(_ element: Element) async -> Bool {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if state.isClosed || Task.isCancelled { return false }
          if let receiver = state.receivers.first {
            state.receivers.removeFirst()
            receiver.continuation.resume(returning: element)
            return true
          }
          if state.elements.count < limit {
            state.elements.append(element)
            return true
          }
          state.senders.append(Sender(id: id, element: element, continuation: continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let sender = state.withLock { state in
        state.senders.firstIndex { $0.id == id }.map { state.senders.remove(at: $0) }
      }
      sender?.continuation.resume(returning: false)
    }
  }

  /// Receives the oldest element, waiting for one. Returns nil when the channel is closed and
  /// empty, or the task is cancelled.
  package func receive() async -> Element? {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Element?? = state.withLock { state in
          if Task.isCancelled { return .some(nil) }
          if let element = BoundedChannel.take(from: &state) { return .some(element) }
          if state.isClosed { return .some(nil) }
          state.receivers.append(Receiver(id: id, continuation: continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let receiver = state.withLock { state in
        state.receivers.firstIndex { $0.id == id }.map { state.receivers.remove(at: $0) }
      }
      receiver?.continuation.resume(returning: nil)
    }
  }

  /// The oldest element if one is there now.
  package func receiveIfReady() -> Element? {
    state.withLock { BoundedChannel.take(from: &$0) }
  }

  /// Lets receivers have what is left, then nil; senders get false.
  package func close() {
    let (senders, receivers) = state.withLock { state in
      state.isClosed = true
      defer {
        state.senders = []
        state.receivers = []
      }
      return (state.senders, state.receivers)
    }
    for sender in senders { sender.continuation.resume(returning: false) }
    for receiver in receivers { receiver.continuation.resume(returning: nil) }
  }

  private static func take(from state: inout State) -> Element? {
    guard !state.elements.isEmpty else { return nil }
    let element = state.elements.removeFirst()
    if let sender = state.senders.first {
      state.senders.removeFirst()
      state.elements.append(sender.element)
      sender.continuation.resume(returning: true)
    }
    return element
  }
}
