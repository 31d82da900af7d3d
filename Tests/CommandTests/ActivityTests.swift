import MillraceCore
import MillraceRuntime
import Synchronization
import Testing

@testable import MillracePipeline

/// What a collector says of its troubles, and how often.
struct ActivityTests {
  /// The lines of a log, without their times.
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
    var activity: Activity {
      let log = Log { [self] line in all.withLock { $0.append(String(line.dropFirst(25))) } }
      return Activity(log: log, clock: SystemWallClock())
    }
  }

  @Test func `a trouble is logged once, and so is its end`() {
    let lines = Lines()
    let activity = lines.activity
    for _ in 0..<5 { activity.report("store", "full") }
    #expect(activity.problems["store"]?.count == 5)
    activity.resolve("store")
    activity.resolve("store")
    #expect(activity.problems.isEmpty)
    #expect(
      lines.all.withLock(\.self) == [
        "warning full subject=store", "info recovered subject=store failures=5",
      ])
  }

  @Test func `a trouble that comes and goes does not fill the log`() {
    let lines = Lines()
    let activity = lines.activity
    for _ in 0..<100 {
      activity.report("store", "full")
      activity.resolve("store")
    }
    #expect(lines.all.withLock(\.count) == 2)
    activity.report("store", "full")
    #expect(activity.problems["store"] != nil, "it shows nevertheless")
    activity.report("store", "read-only")
    #expect(lines.all.withLock(\.last) == "warning read-only subject=store")
  }

  @Test func `troubles that take turns are logged once each`() {
    let lines = Lines()
    let activity = lines.activity
    for _ in 0..<50 {
      activity.report("store", "full")
      activity.report("store", "read-only")
    }
    activity.resolve("store")
    #expect(
      lines.all.withLock(\.self) == [
        "warning full subject=store", "warning read-only subject=store",
        "info recovered subject=store failures=100",
      ])
    for number in 0..<100 { activity.report("store", "other \(number)") }
    #expect(lines.all.withLock(\.count) == 103, "what is new is said")
  }
}
