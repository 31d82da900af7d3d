/// A place where tests can see that something happened, so that they need not sleep; free when
/// nobody listens.
package struct Probe<Event: Sendable>: Sendable {
  private let listener: (@Sendable (Event) -> Void)?

  /// A probe that nobody listens to, unless a listener is given.
  package init(_ listener: (@Sendable (Event) -> Void)? = nil) {
    self.listener = listener
  }

  /// Tells the listener, if there is one; the event is not even made otherwise.
  package func signal(_ event: @autoclosure () -> Event) {
    listener?(event())
  }
}
