import Synchronization

/// A number of turns shared by parties: when turns are short, the party that has the fewest gets
/// the next one, and among equals the one that has waited longest. However many turns one party
/// asks for, and however long it keeps them, another never waits behind its queue.
package final class FairShare: Sendable {
  /// One who takes part.
  package struct Party: Hashable, Sendable {
    let number: Int
  }

  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var free: Int
    var parties = 0
    /// Turns that parties have; those with none are left out.
    var held: [Int: Int] = [:]
    /// Who waits, by party, the first to come first; those without are left out.
    var waiting: [Int: [Waiter]] = [:]
    var nextID: UInt64 = 0
  }

  private let state: Mutex<State>

  /// Shares `turns` turns.
  package init(_ turns: Int) {
    precondition(turns > 0, "there is something to share")
    state = Mutex(State(free: turns))
  }

  /// Lets one more take part.
  package func join() -> Party {
    state.withLock { state in
      state.parties += 1
      return Party(number: state.parties)
    }
  }

  /// How many turns are taken now.
  package var taken: Int { state.withLock { $0.held.values.reduce(0, +) } }

  /// How many wait for a turn now.
  package var waitingCount: Int { state.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

  /// Takes a turn, waiting for it; false when the task was cancelled. What is taken is given back.
  package func take(_ party: Party) async -> Bool {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
        let answer: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          // Nobody waits while a turn is free.
          if state.free > 0 {
            state.free -= 1
            state.held[party.number, default: 0] += 1
            return true
          }
          state.waiting[party.number, default: []].append(
            Waiter(id: id, continuation: continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        guard let index = state.waiting[party.number]?.firstIndex(where: { $0.id == id }) else {
          return nil
        }
        let waiter = state.waiting[party.number]?.remove(at: index)
        if state.waiting[party.number]?.isEmpty == true { state.waiting[party.number] = nil }
        return waiter
      }
      waiter?.continuation.resume(returning: false)
    }
  }

  /// Gives a turn back; the next in line gets it.
  package func give(_ party: Party) {
    let next = state.withLock { state -> Waiter? in
      let held = (state.held[party.number] ?? 0) - 1
      precondition(held >= 0, "no more is given back than was taken")
      state.held[party.number] = held == 0 ? nil : held
      let poorest = state.waiting.min { one, other in
        let (mine, theirs) = (state.held[one.key] ?? 0, state.held[other.key] ?? 0)
        return (mine, one.value[0].id) < (theirs, other.value[0].id)
      }
      guard let chosen = poorest?.key, let waiter = state.waiting[chosen]?.removeFirst() else {
        state.free += 1
        return nil
      }
      if state.waiting[chosen]?.isEmpty == true { state.waiting[chosen] = nil }
      state.held[chosen, default: 0] += 1
      return waiter
    }
    next?.continuation.resume(returning: true)
  }
}
