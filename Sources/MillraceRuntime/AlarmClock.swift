/// Rings at set times, on a thread of its own. An alarm that is cancelled is gone at once.
///
/// `Task.sleep` keeps what it needs until its time comes, cancelled or not. A wait that mostly ends
/// early and begins again, a thousand times a second with a minute's patience, would hold tens of
/// megabytes in sleeps that nobody waits for.
package final class AlarmClock: Sendable {
  /// The one of this process.
  package static let shared = AlarmClock()

  /// A time that was set.
  package struct Alarm: Sendable, Comparable {
    fileprivate let time: ContinuousClock.Instant
    fileprivate let number: UInt64

    package static func < (one: Alarm, other: Alarm) -> Bool {
      (one.time, one.number) < (other.time, other.number)
    }
  }

  private struct State {
    /// By time, the next one first. Most are set for later than all others and are cancelled soon:
    /// both happen near the end.
    var alarms: [(alarm: Alarm, ring: @Sendable () -> Void)] = []
    var set: UInt64 = 0
    var hasThread = false

    /// Where an alarm stands, or would stand.
    func place(of alarm: Alarm) -> Int {
      var (low, high) = (0, alarms.count)
      while low < high {
        let middle = (low + high) / 2
        if alarms[middle].alarm < alarm { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private let state = ConditionLock(State())

  private init() {}

  /// How many alarms are set.
  package var count: Int { state.withLock { $0.alarms.count } }

  /// Sets an alarm. `ring` is called once on the clock's thread, which it must not hold up; never
  /// when the alarm is cancelled before.
  package func set(
    at time: ContinuousClock.Instant, _ ring: @escaping @Sendable () -> Void
  ) -> Alarm {
    let (alarm, isNext) = state.withLock { state in
      if !state.hasThread {
        state.hasThread = true
        startThread(name: "alarms") { [self] in run() }
      }
      state.set += 1
      let alarm = Alarm(time: time, number: state.set)
      let place = state.place(of: alarm)
      state.alarms.insert((alarm, ring), at: place)
      return (alarm, place == 0)
    }
    if isNext { state.signal() }
    return alarm
  }

  /// Takes an alarm back; without effect when it has rung.
  package func cancel(_ alarm: Alarm) {
    state.withLock { state in
      let place = state.place(of: alarm)
      guard place < state.alarms.count, state.alarms[place].alarm == alarm else { return }
      state.alarms.remove(at: place)
    }
  }

  private func run() {
    while true {
      let due = state.wait(
        until: { state in
          guard let next = state.alarms.first?.alarm.time else { return .longer(nil) }
          let left = next - .now
          return left <= .zero ? .over : .longer(left)
        },
        then: { state in
          state.alarms.removeFirst().ring
        })
      due()
    }
  }
}
