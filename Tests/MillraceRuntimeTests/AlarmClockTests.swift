import MillraceCore
import MillraceRuntime
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10)))
struct AlarmClockTests {
  @Test func `alarms ring in the order of their times, whatever the order they were set in`() {
    let rung = ConditionLock<[Int]>([])
    // Far enough from now that all are set before the first rings.
    let first = ContinuousClock.now + .seconds(2)
    for number in [3, 1, 4, 0, 2] {
      _ = AlarmClock.shared.set(at: first + .milliseconds(number)) {
        rung.withLock { $0.append(number) }
        rung.signal()
      }
    }
    let order = rung.wait({ $0.count == 5 }, then: { $0 })
    #expect(order == [0, 1, 2, 3, 4])
  }

  @Test func `one that is cancelled does not ring, and others do`() {
    let rung = ConditionLock<[Int]>([])
    let alarms = (0..<100).map { number in
      AlarmClock.shared.set(at: .now + .seconds(2)) {
        rung.withLock { $0.append(number) }
        rung.signal()
      }
    }
    for alarm in alarms.dropLast() { AlarmClock.shared.cancel(alarm) }
    let order = rung.wait({ !$0.isEmpty }, then: { $0 })
    #expect(order == [99])
    // It has rung: there is nothing to take back.
    AlarmClock.shared.cancel(alarms[99])
  }
}
