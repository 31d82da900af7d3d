internal import MillraceCore

/// The section `store`: where content is kept, how long and how much.
package struct StoreConfiguration: Sendable {
  /// What happens when the store has reached its size.
  package enum FullPolicy: String, CaseIterable, Sendable {
    /// Fetching pauses until sinks have caught up.
    case pause
    /// The oldest content is dropped, delivered or not.
    case dropOldest = "drop_oldest"
  }

  /// A folder; it holds millrace.db.
  package var path: String
  /// How long delivered content stays, for replay.
  package var retention: Duration
  /// The size in bytes at which `whenFull` applies.
  package var maxSize: Int64
  /// What happens at `maxSize`.
  package var whenFull: FullPolicy

  init(_ mapping: MappingReader) {
    path = mapping.filePath("path") ?? "/var/lib/millrace"
    retention = mapping.duration(
      "retention", default: .seconds(30 * 86_400), in: .zero...Limits.durationMax)
    let maxSize = mapping.size("max_size", default: 50 << 30, in: (1 << 20)...(1 << 50))
    self.maxSize = maxSize
    if maxSize < Limits.inputValueBytesMax, let node = mapping.node("max_size") {
      mapping.reading.warn(
        at: node.place, path: mapping.path(of: "max_size"),
        "the store is smaller than the largest blob the service may send "
          + "(\(Quantity.text(bytes: Int64(Limits.inputValueBytesMax))))",
        hint: "give it some GiB outside of trials")
    }
    whenFull = mapping.choice("when_full", default: .pause)
    mapping.finish()
  }
}

/// The section `console`: the status page with metrics and health checks.
package struct ConsoleConfiguration: Sendable {
  /// A name or address, IPv6 without brackets.
  package var host: String
  /// The port; 0 lets the system choose.
  package var port: Int

  init(_ mapping: MappingReader) {
    var listen: (host: String, port: Int) = ("127.0.0.1", 8365)
    if let value = mapping.scalar("listen") {
      do {
        let (host, port) = try WebAddress.hostAndPort(value.text, needsPort: true)
        listen = (host, port ?? listen.port)
      } catch {
        mapping.fail(
          value, error.message, hint: error.hint.isEmpty ? "such as 127.0.0.1:8365" : error.hint)
      }
      if !WebAddress.isLoopback(listen.host) {
        mapping.reading.warn(
          at: value.place, path: value.path,
          "the console can be reached from other machines, and asks nobody for a password",
          hint: "listen on 127.0.0.1 and put a proxy that asks before it")
      }
    }
    (host, port) = listen
    mapping.finish()
  }
}
