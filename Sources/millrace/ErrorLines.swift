import MillraceRuntime
import Synchronization

/// Standard error, shared by whole lines and by one that rewrites itself on a terminal: whatever
/// comes while the latter stands clears it first.
final class ErrorLines: Sendable {
  /// Those of this process.
  static let ofThisProcess = ErrorLines(
    write: Output.raw, log: Log.standardError, isTerminal: Output.hasTerminal)

  /// Goes to the beginning of the terminal's line and clears it.
  private static let clear = "\r\u{1B}[K"

  private let write: @Sendable (String) -> Void
  private let log: Log.Output
  /// Whether lines may rewrite themselves.
  let isTerminal: Bool
  private let isStanding = Mutex(false)

  init(write: @escaping @Sendable (String) -> Void, log: @escaping Log.Output, isTerminal: Bool) {
    self.write = write
    self.log = log
    self.isTerminal = isTerminal
  }

  /// Shows a line that stands until something else is written.
  func show(_ text: String) {
    isStanding.withLock { isStanding in
      write(ErrorLines.clear + text)
      isStanding = true
    }
  }

  /// Writes whole lines.
  func say(_ text: String) {
    isStanding.withLock { isStanding in
      write((isStanding ? ErrorLines.clear : "") + text + "\n")
      isStanding = false
    }
  }

  /// Writes a line of the log.
  func logged(_ line: String) {
    isStanding.withLock { isStanding in
      if isStanding { write(ErrorLines.clear) }
      isStanding = false
      log(line)
    }
  }

  /// Clears the line that stands.
  func clear() {
    isStanding.withLock { isStanding in
      if isStanding { write(ErrorLines.clear) }
      isStanding = false
    }
  }
}
