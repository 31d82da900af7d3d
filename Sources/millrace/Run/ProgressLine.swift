import Glibc
import MillraceCore
import MillracePipeline
import MillraceRuntime

/// How far a long command has come: a line that rewrites itself on a terminal, a line of the log
/// now and then elsewhere.
struct ProgressLine {
  /// What a line says of how far it is, and of the time since the beginning.
  typealias Words = @Sendable (_ done: Int, _ total: Int, _ elapsed: Duration) -> String

  private let words: Words
  private let log: Log
  private let output: ErrorLines
  private let pause: Duration
  private let started = ContinuousClock.now
  private var lastShown = ContinuousClock.now

  /// A line that says `words`.
  ///
  /// - Parameters:
  ///   - log: takes the lines where there is no terminal.
  ///   - pause: how long nothing is shown after a line; nil for as long as readers like.
  init(
    log: Log, output: ErrorLines = .ofThisProcess, pause: Duration? = nil,
    _ words: @escaping Words
  ) {
    self.log = log
    self.output = output
    self.pause = pause ?? (output.isTerminal ? .milliseconds(200) : .seconds(10))
    self.words = words
  }

  /// A line that counts this.
  ///
  /// - Parameters:
  ///   - isOpenEnded: whether the total may grow.
  ///   - base: what was done before the beginning, and says nothing about the rate.
  init(
    log: Log, output: ErrorLines = .ofThisProcess, pause: Duration? = nil, of what: String,
    isOpenEnded: Bool = true, base: Int = 0
  ) {
    let isTerminal = output.isTerminal
    self.init(log: log, output: output, pause: pause) { done, total, elapsed in
      (isTerminal ? ProgressLine.bar(done: done, total: total) : "")
        + ProgressLine.text(
          done: done, total: total, of: what, isOpenEnded: isOpenEnded, base: base,
          elapsed: elapsed)
    }
  }

  /// Shows `done` of `total`, if enough time has passed since the last line.
  mutating func show(done: Int, of total: Int) {
    let words = words
    show { words(done, total, $0) }
  }

  /// Shows a line that tells what was done in the time since the beginning, if enough time has
  /// passed since the last line.
  mutating func show(_ line: (_ elapsed: Duration) -> String) {
    let now = ContinuousClock.now
    guard now - lastShown >= pause else { return }
    lastShown = now
    let text = line(now - started)
    if output.isTerminal {
      output.show(String(text.prefix(ProgressLine.columns() - 1)))
    } else {
      log.info(text)
    }
  }

  /// Clears the line, so that what follows stands alone.
  func finish() { output.clear() }

  static func text(
    done: Int, total: Int, of what: String, isOpenEnded: Bool, base: Int = 0, elapsed: Duration
  ) -> String {
    let seconds = max(
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18, 0.001)
    let rate = Double(done - base) / seconds
    let speed = rate < 10 ? "\((rate * 10).rounded() / 10)" : Self.grouped(Int(rate))
    var text =
      "\(Self.grouped(done)) of \(Self.grouped(total)) \(what), \(speed)/s"
    if rate > 0 && total > done {
      text += ", \(time(Double(total - done) / rate)) left"
      if isOpenEnded { text += " of what is known" }
    }
    return text
  }

  /// Ten cells, and the share that is done.
  private static func bar(done: Int, total: Int) -> String {
    guard total > 0 else { return "" }
    let share = min(max(Double(done) / Double(total), 0), 1)
    let full = Int(share * 10)
    return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: 10 - full)
      + "] \(Int(share * 100)) %, "
  }

  /// A time in the unit that fits it.
  private static func time(_ seconds: Double) -> String {
    switch seconds.rounded(.up) {
    case ..<120: "\(Int(seconds.rounded(.up))) s"
    case ..<7200: "\(Int((seconds / 60).rounded(.up))) min"
    default: "\(Int((seconds / 3600).rounded(.up))) h"
    }
  }

  /// What is said of bytes that are read or written.
  static func bytes(done: Int, total: Int, elapsed: Duration) -> String {
    let seconds = max(Double(elapsed.milliseconds) / 1000, 0.001)
    let rate = Double(done) / seconds
    var text =
      "\(ByteSize.text(done)) of \(ByteSize.text(total)), \(ByteSize.text(Int(rate)))/s"
    if rate > 0 && total > done {
      text += ", \(time(Double(total - done) / rate)) left"
    }
    return text
  }

  /// A number with blanks between groups of three digits.
  static func grouped(_ number: Int) -> String {
    let digits = String(number)
    guard digits.count > 4 else { return digits }
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { result += " " }
      result.append(digit)
    }
    return result
  }

  /// The terminal's width, asked each time as it may be resized.
  private static func columns() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }
}
