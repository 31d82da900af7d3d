import MillraceRuntime
import Synchronization
import Testing

/// Turns are shared among parties, not among those who ask most.
@Suite(.timeLimit(.minutes(10)))
struct FairShareTests {
  /// What tasks report.
  private final class Notes: Sendable {
    let order = Mutex<[String]>([])
    let running = Mutex(Running())
  }

  private struct Running {
    var now = 0
    var most = 0
  }

  /// Waits until as many wait for a turn as there should be.
  private func settle(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
  }

  @Test func `a newcomer gets the next turn, however many another party waits for`() async {
    let share = FairShare(2)
    let (greedy, modest) = (share.join(), share.join())
    let notes = Notes()
    #expect(await share.take(greedy))
    #expect(await share.take(greedy))
    let ask = { @Sendable (party: FairShare.Party, name: String) -> Task<Void, Never> in
      Task {
        guard await share.take(party) else { return }
        notes.order.withLock { $0.append(name) }
      }
    }
    let more = (0..<10).map { _ in ask(greedy, "greedy") }
    await settle { share.waitingCount == 10 }
    let one = ask(modest, "modest")
    await settle { share.waitingCount == 11 }
    share.give(greedy)
    await one.value
    #expect(notes.order.withLock { $0 } == ["modest"])
    share.give(greedy)
    for _ in 0..<10 {
      let seen = notes.order.withLock { $0.count }
      share.give(seen == 1 ? modest : greedy)
      await settle { notes.order.withLock { $0.count } > seen || seen == 11 }
    }
    for task in more { await task.value }
    #expect(notes.order.withLock { $0.count } == 11)
  }

  @Test func `who is cancelled while waiting takes nothing`() async {
    let share = FairShare(1)
    let (first, second) = (share.join(), share.join())
    #expect(await share.take(first))
    let waiting = Task { await share.take(second) }
    await settle { share.waitingCount == 1 }
    waiting.cancel()
    #expect(await waiting.value == false)
    #expect(share.waitingCount == 0)
    share.give(first)
    #expect(await share.take(second))
    #expect(share.taken == 1)
  }

  @Test func `never more turns are taken than there are, and all are given back`() async {
    let share = FairShare(3)
    let notes = Notes()
    await withDiscardingTaskGroup { group in
      for _ in 0..<8 {
        let party = share.join()
        for _ in 0..<50 {
          group.addTask {
            guard await share.take(party) else { return }
            notes.running.withLock { state in
              state.now += 1
              state.most = max(state.most, state.now)
            }
            await Task.yield()
            notes.running.withLock { $0.now -= 1 }
            share.give(party)
          }
        }
      }
    }
    #expect(notes.running.withLock { $0.most } <= 3)
    #expect(share.taken == 0)
  }
}
