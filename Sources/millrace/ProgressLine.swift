import Glibc
import MillraceCore
import MillracePipeline

/// How far a long command has come: a line that rewrites itself on a terminal, a line now
/// and then elsewhere.
struct ProgressLine {
  private let started = ContinuousClock.now
  private let isTerminal = Output.hasTerminal
  private var lastShown = ContinuousClock.now
  private var hasShown = false
  private let words: (_ done: Int, _ total: Int, _ elapsed: Duration) -> String

  /// A line that says `words`.
  init(
    _ words: @escaping (_ done: Int, _ total: Int, _ elapsed: Duration) -> String =
      ProgressLine.text
  ) {
    self.words = words
  }

  /// Shows `done` of `total`, if enough time has passed since the last line.
  mutating func show(done: Int, of total: Int) {
    let now = ContinuousClock.now
    let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(10)
    guard now - lastShown >= pause else { return }
    lastShown = now
    let text = words(done, total, now - started)
    if isTerminal {
      Output.raw("\r\u{1B}[K" + String(text.prefix(ProgressLine.columns() - 1)))
      hasShown = true
    } else {
      Output.say(text)
    }
  }

  /// Clears the line, so that what follows stands alone.
  mutating func finish() {
    if hasShown { Output.raw("\r\u{1B}[K") }
    hasShown = false
  }

  /// What is said of events that are delivered.
  static func text(done: Int, total: Int, elapsed: Duration) -> String {
    let seconds = max(
      Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18, 0.001)
    let rate = Double(done) / seconds
    var text = "\(grouped(done)) of \(grouped(total)) events delivered, \(grouped(Int(rate)))/s"
    if rate > 0 && total > done {
      text += ", \(Int((Double(total - done) / rate).rounded(.up))) s left of what is known"
    }
    return text
  }

  /// What is said of bytes that are read or written.
  static func bytes(done: Int, total: Int, elapsed: Duration) -> String {
    let seconds = max(Double(elapsed.milliseconds) / 1000, 0.001)
    let rate = Double(done) / seconds
    var text =
      "\(ByteSize.text(done)) of \(ByteSize.text(total)), \(ByteSize.text(Int(rate)))/s"
    if rate > 0 && total > done {
      text += ", \(Int((Double(total - done) / rate).rounded(.up))) s left"
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
