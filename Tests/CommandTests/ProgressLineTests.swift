import MillraceCore
import MillraceRuntime
import Synchronization
import Testing

@testable import millrace

/// Progress beside other lines, on a terminal and without one.
struct ProgressLineTests {
  /// What was written, piece by piece.
  private final class Written: Sendable {
    private let pieces = Mutex<[String]>([])

    var all: [String] { pieces.withLock { $0 } }

    func add(_ piece: String) { pieces.withLock { $0.append(piece) } }

    func lines(isTerminal: Bool) -> ErrorLines {
      ErrorLines(
        write: { self.add($0) }, log: { self.add($0 + "\n") }, isTerminal: isTerminal)
    }
  }

  @Test func `on a terminal a line of the log stands where the progress stood`() {
    let written = Written()
    let lines = written.lines(isTerminal: true)
    let log = Log(output: lines.logged)
    var progress = ProgressLine(log: log, output: lines, pause: .zero) { done, total, _ in
      "\(done) of \(total)"
    }
    log.info("before")
    progress.show(done: 1, of: 2)
    log.info("between")
    log.info("behind")
    progress.show(done: 2, of: 2)
    lines.say("said")
    progress.finish()
    let text = written.all.joined().replacing(/[0-9-]+T[0-9:.]+Z/, with: "TIME")
    #expect(
      text == "TIME info before\n\r\u{1B}[K1 of 2\r\u{1B}[KTIME info between\nTIME info behind\n"
        + "\r\u{1B}[K2 of 2\r\u{1B}[Ksaid\n")
  }

  @Test func `without a terminal progress is a line of the log, as its options ask`() {
    let written = Written()
    let lines = written.lines(isTerminal: false)
    for level in [LogLevel.info, .warning] {
      let log = Log(level: level, format: .json, output: lines.logged)
      var progress = ProgressLine(log: log, output: lines, pause: .zero, of: "events")
      progress.show(done: 4, of: 4)
      progress.finish()
    }
    #expect(written.all.count == 1)
    #expect(
      written.all.first?.contains(#","level":"info","message":"4 of 4 events, "#) == true,
      "\(written.all)")
  }
}
