import MillraceCore
import MillraceRuntime
import Testing

@Stage
@Suite(.timeLimit(.minutes(10)))
struct PulseTests {
  @Test func `a beat between looking and waiting is not missed`() async {
    let pulse = Pulse()
    let seen = pulse.count
    pulse.beat()
    await pulse.wait(beyond: seen)
    #expect(pulse.count == seen + 1)
  }

  @Test func `a beat wakes everyone who waits, and no one is woken without`() async {
    let pulse = Pulse()
    var woken = 0
    var waiters: [Task<Void, Never>] = []
    for _ in 0..<5 {
      waiters.append(
        Task { @Stage in
          await pulse.wait(beyond: 0)
          woken += 1
        })
    }
    await settled { pulse.waitingCount == 5 }
    #expect(woken == 0)
    pulse.beat()
    for waiter in waiters { await waiter.value }
    #expect(woken == 5)
  }

  @Test func `cancelling ends the wait`() async {
    let pulse = Pulse()
    let waiting = Task { @Stage in await pulse.wait(beyond: 0) }
    let cancelledBefore = Task { @Stage in await pulse.wait(beyond: 0, atMost: .seconds(3600)) }
    cancelledBefore.cancel()
    await cancelledBefore.value
    await settled { pulse.waitingCount == 1 }
    waiting.cancel()
    await waiting.value
    #expect(pulse.count == 0)
  }

  @Test func `a wait ends at its time, however short`() async {
    let pulse = Pulse()
    for microseconds in 0..<1000 {
      await pulse.wait(beyond: 0, atMost: .microseconds(microseconds % 50))
    }
    #expect(pulse.count == 0)
  }

  @Test func `a wait that ends early leaves no alarm behind`() async {
    let pulse = Pulse()
    let before = AlarmClock.shared.count
    for _ in 0..<1000 {
      let seen = pulse.count
      let waiting = Task { @Stage in await pulse.wait(beyond: seen, atMost: .seconds(3600)) }
      await settled { pulse.waitingCount == 1 }
      pulse.beat()
      await waiting.value
    }
    // Other tests set alarms meanwhile, but not hundreds for an hour.
    #expect(AlarmClock.shared.count < before + 500)
  }

  @Test func `a beat ends a wait that has time left`() async {
    let pulse = Pulse()
    let waiting = Task { @Stage in await pulse.wait(beyond: 0, atMost: .seconds(3600)) }
    await settled { pulse.waitingCount == 1 }
    pulse.beat()
    await waiting.value
    #expect(pulse.count == 1)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct PulseStressTests {
  @Test func `waiters that look again see every change`() async {
    let pulse = Pulse()
    let watchers = (0..<20).map { _ in
      Task { @concurrent in
        // Each looks at the count first, as the pipeline does; a lost beat would hang it here.
        var seen = pulse.count
        while seen < 500 {
          await pulse.wait(beyond: seen)
          let now = pulse.count
          #expect(now > seen)
          seen = now
        }
      }
    }
    for _ in 0..<500 {
      pulse.beat()
      await Task.yield()
    }
    for watcher in watchers { await watcher.value }
    #expect(pulse.count == 500)
  }

  @Test(arguments: 0..<3 as Range<UInt64>)
  func `beats, timeouts and cancellations at once wake each waiter once`(seed: UInt64) async {
    var generator = SeededGenerator(seed: seed)
    let pulse = Pulse()
    let tasks = (0..<300).map { _ in
      let timeout = Duration.microseconds(Int.random(in: 0...200, using: &generator))
      return Task { @concurrent in await pulse.wait(beyond: pulse.count, atMost: timeout) }
    }
    for task in tasks.shuffled(using: &generator).prefix(100) {
      task.cancel()
      pulse.beat()
    }
    for task in tasks { await task.value }
    #expect(pulse.count == 100)
  }
}
