/// What came of a campaign. The JSON form is part of the interface: fields are only added.
package struct CrashReport: Codable, Sendable {
  /// What one sink's files hold, beside what they should hold.
  package struct Sink: Codable, Sendable {
    /// The name in the configuration.
    package var name: String
    /// Lines in its files.
    package var lines: Int
    /// Records that no line holds.
    package var lost: Int
    /// Lines too many.
    package var doubled: Int
    /// Lines that hold nothing the tenant ever sent.
    package var foreign: Int
  }

  /// How often a kill left something half done.
  package struct Interrupted: Codable, Sendable {
    /// Blobs listed and not fetched.
    package var fetching = 0
    /// Blobs in the store and not decided about.
    package var indexing = 0
    /// A sink behind the log.
    package var delivering = 0
    /// Bytes in a sink's file that no cursor covers: cut off at the next start.
    package var uncommitted = 0

    init() {}
  }

  /// The seed that gives the same tenant and the same moments.
  package var seed: UInt64
  /// Kills that struck a running collector.
  package var kills: Int
  /// Collectors that were done before their moment came; they were not counted as kills.
  package var escaped: Int
  /// What was half done at the kills.
  package var interrupted: Interrupted
  /// Answers of the tenant that a fault spoiled.
  package var faults: Int
  /// Events every sink must hold.
  package var events: Int
  /// Events that the tenant sent more than once.
  package var repeats: Int
  /// The sinks, by name.
  package var sinks: [Sink]
  /// What else does not agree, in words.
  package var problems: [String]
  /// How long it took.
  package var seconds: Double

  /// Over all sinks.
  package var lost: Int { sinks.reduce(0) { $0 + $1.lost } }
  /// Over all sinks.
  package var doubled: Int { sinks.reduce(0) { $0 + $1.doubled } }
  /// Whether all ledgers agree.
  package var isClean: Bool {
    lost == 0 && doubled == 0 && problems.isEmpty && sinks.allSatisfy { $0.foreign == 0 }
  }
}
