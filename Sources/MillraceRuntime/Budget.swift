import Synchronization

/// A counted allowance shared by tasks: bytes in flight, calls at once. Served in order of asking,
/// so that a large request is not starved by small ones.
package final class Budget: Sendable {
  private struct Waiter {
    let id: UInt64
    let amount: Int
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var available: Int
    var waiters: [Waiter] = []
    var nextID: UInt64 = 0
  }

  private let total: Int
  private let state: Mutex<State>

  /// An allowance of `total` units.
  package init(_ total: Int) {
    precondition(total > 0, "a budget has something to give")
    self.total = total
    state = Mutex(State(available: total))
  }

  /// How many wait for their share now.
  package var waitingCount: Int { state.withLock { $0.waiters.count } }

  /// Takes `amount` units, waiting for them; an amount above the total takes the total, so that
  /// something larger than the budget may still pass, alone. Returns what was taken, to be given
  /// back, or nil when the task was cancelled.
  package func take(_ amount: Int) async -> Int? {
    precondition(amount >= 0, "a negative amount would make units out of nothing")
    let amount = min(amount, total)
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let isTaken = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
        let answer: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          if state.waiters.isEmpty && state.available >= amount {
            state.available -= amount
            return true
          }
          state.waiters.append(Waiter(id: id, amount: amount, continuation: continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
      }
      waiter?.continuation.resume(returning: false)
      give(0)
    }
    return isTaken ? amount : nil
  }

  /// Gives units back.
  package func give(_ amount: Int) {
    precondition(amount >= 0, "giving back takes nothing away")
    let served = state.withLock { state in
      state.available += amount
      precondition(state.available <= total, "no more is given back than was taken")
      var served: [Waiter] = []
      while let first = state.waiters.first, state.available >= first.amount {
        state.available -= first.amount
        served.append(state.waiters.removeFirst())
      }
      return served
    }
    for waiter in served { waiter.continuation.resume(returning: true) }
  }
}
