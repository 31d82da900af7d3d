/// The bounds of the program's own HTTP server.
extension Limits {
  /// Connections served at the same time; one more waits in the kernel's queue.
  package static let serverConnectionsMax = 256
  /// How long a connection may stand still before it is closed.
  package static let serverIdle: Duration = .seconds(60)
  /// The largest body of a request, in bytes; a larger one is answered with status 413.
  package static let serverRequestBytesMax = 1 << 20
  /// The same on the control socket, where commands hand over pieces of what they import.
  package static let controlRequestBytesMax = 32 << 20
  /// How long a command waits for the running collector to say what it sees anyway.
  package static let controlLookTimeout: Duration = .seconds(5)
  /// How long a command waits for the running collector to do what it asked.
  package static let controlAnswerTimeout: Duration = .seconds(600)
  /// How long a poll waits after a webhook's hint: a little more than listings end before now.
  package static let hintDelay: Duration = windowGuard + .seconds(5)
  /// The most entries of a notification that are looked at; a feed is polled once however many.
  package static let hintEntriesMax = 10_000
}
