import MillraceCore
import MillraceRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct AlarmClockTests {
  /// What has rung so far.
  private final class Rung: Sendable {
    private let numbers = Mutex<[Int]>([])
    private let changed = Pulse()

    func note(_ number: Int) {
      numbers.withLock { $0.append(number) }
      changed.beat()
    }

    /// Waits until so many have rung; all that have.
    func first(_ count: Int) async -> [Int] {
      while true {
        let seen = changed.count
        let rung = numbers.withLock { $0 }
        if rung.count >= count { return rung }
        await changed.wait(beyond: seen)
      }
    }
  }

  /// Does something while no alarm can ring, however long it takes.
  private func withClockHeld<Result>(_ body: () -> Result) async -> Result {
    let gate = ConditionLock(false)
    await withCheckedContinuation { continuation in
      _ = AlarmClock.shared.set(at: .now) {
        continuation.resume()
        gate.wait({ $0 }, then: { _ in })
      }
    }
    defer {
      gate.withLock { $0 = true }
      gate.signal()
    }
    return body()
  }

  @Test func `alarms ring in the order of their times, whatever the order they were set in`() async
  {
    let rung = Rung()
    let first = ContinuousClock.now
    await withClockHeld {
      for number in [3, 1, 4, 0, 2] {
        _ = AlarmClock.shared.set(at: first + .milliseconds(10 * number)) { rung.note(number) }
      }
    }
    #expect(await rung.first(5) == [0, 1, 2, 3, 4])
  }

  @Test func `one that is cancelled does not ring, and others do`() async {
    let rung = Rung()
    let time = ContinuousClock.now + .milliseconds(20)
    let alarms = await withClockHeld {
      let alarms = (0..<100).map { number in
        AlarmClock.shared.set(at: time) { rung.note(number) }
      }
      for alarm in alarms.dropLast() { AlarmClock.shared.cancel(alarm) }
      return alarms
    }
    // The last one set is the last to ring of all that are set for the same time.
    #expect(await rung.first(1) == [99])
    // It has rung: there is nothing to take back.
    AlarmClock.shared.cancel(alarms[99])
  }

  @Test func `an alarm does not ring before its time`() async {
    let time = ContinuousClock.now + .milliseconds(50)
    let rang = await withCheckedContinuation { continuation in
      _ = AlarmClock.shared.set(at: time) { continuation.resume(returning: ContinuousClock.now) }
    }
    #expect(rang >= time)
  }
}
