/// A span of availability times asked for in one listing: `start` inclusive, `end` exclusive
/// (Activity API reference, "List available content").
package struct TimeWindow: Hashable, Sendable, CustomStringConvertible {
  /// The first moment that belongs to it.
  package let start: Timestamp
  /// The first moment that no longer does; always later than `start`.
  package let end: Timestamp

  /// The window from `start` up to, not including, `end`.
  package init(start: Timestamp, end: Timestamp) {
    precondition(start < end, "a window has a width")
    self.start = start
    self.end = end
  }

  /// The window in two, each of whole seconds; nil when it is too narrow for that.
  package var halves: (first: TimeWindow, second: TimeWindow)? {
    let middle = (start + (end - start) / 2).wholeSeconds
    guard middle - start >= Limits.windowWidthMin, end - middle >= Limits.windowWidthMin else {
      return nil
    }
    return (TimeWindow(start: start, end: middle), TimeWindow(start: middle, end: end))
  }

  /// `start..end` for logs.
  package var description: String { "\(start)..\(end)" }
}

/// The arithmetic of listing: which windows to ask for, given how far a feed has been listed and
/// what the service's clock says. No I/O, no clock of its own.
package enum ListingPlan {
  /// The oldest moment that may still be listed.
  package static func horizon(serviceNow: Timestamp) -> Timestamp {
    // Rounded up: a start one millisecond too old fails the whole window.
    (serviceNow - Limits.windowReach + .milliseconds(999)).wholeSeconds
  }

  /// The moment up to which a feed may be listed now.
  package static func head(serviceNow: Timestamp) -> Timestamp {
    (serviceNow - Limits.windowGuard).wholeSeconds
  }

  /// The windows that cover `from..<to`, oldest first, each no wider than the limit.
  ///
  /// What lies beyond the horizon can no longer be asked for and is left out: compare
  /// `lostSpan`. Empty when there is nothing to ask.
  package static func windows(
    from: Timestamp, to: Timestamp, serviceNow: Timestamp
  ) -> [TimeWindow] {
    var start = max(from.wholeSeconds, horizon(serviceNow: serviceNow))
    let end = min(to.wholeSeconds, head(serviceNow: serviceNow))
    var windows: [TimeWindow] = []
    while end - start >= Limits.windowWidthMin {
      let next = min(start + Limits.windowWidth, end)
      windows.append(TimeWindow(start: start, end: next))
      start = next
    }
    return windows
  }

  /// The part of `from..` that fell out of the service's reach before it was listed, if any. It
  /// must be reported: it is a hole that nobody can fill.
  package static func lostSpan(from: Timestamp, serviceNow: Timestamp) -> TimeWindow? {
    let horizon = horizon(serviceNow: serviceNow)
    return from < horizon ? TimeWindow(start: from, end: horizon) : nil
  }
}
