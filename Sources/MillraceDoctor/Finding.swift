/// One thing that was looked at, and what is to be said of it.
package struct Finding: Codable, Hashable, Sendable {
  /// How good or bad it is.
  package enum Level: String, Codable, Sendable {
    case ok
    /// It works, and should be looked at.
    case warning
    /// It keeps the collector from its work.
    case failure
  }

  /// What was looked at.
  package enum Area: String, Codable, CaseIterable, Sendable {
    case configuration
    case secret
    case location
    case store
    case disk
    case sink
    case dns
    case connection
    case tls
    case clock
    case token
    case auditing
    case subscription
    case throttling
    case collector
  }

  /// Whose trouble a failure is, which decides the exit code.
  package enum Cause: String, Codable, Sendable {
    /// What was configured cannot be right.
    case configuration
    /// Credentials or permissions were refused.
    case refused
    /// A service cannot be reached.
    case unreachable
    /// Anything else.
    case other
  }

  /// How good or bad it is.
  package var level: Level
  /// What was looked at.
  package var area: Area
  /// Which one: a tenant, a host, a sink.
  package var subject: String
  /// What was found.
  package var message: String
  /// What that means; empty when all is well.
  package var meaning: String
  /// What to do; empty when nothing is.
  package var fix: String
  /// A command that does it or helps with it; empty when there is none.
  package var command: String
  /// Whose trouble it is; absent unless it is a failure.
  package var cause: Cause?

  /// What is as it should be.
  static func ok(_ area: Area, _ subject: String, _ message: String) -> Finding {
    Finding(
      level: .ok, area: area, subject: subject, message: message, meaning: "", fix: "", command: "")
  }

  /// What should be looked at.
  static func warning(
    _ area: Area, _ subject: String, _ message: String, meaning: String = "", fix: String = "",
    command: String = ""
  ) -> Finding {
    Finding(
      level: .warning, area: area, subject: subject, message: message, meaning: meaning, fix: fix,
      command: command)
  }

  /// What keeps the collector from its work.
  static func failure(
    _ area: Area, _ subject: String, _ message: String, meaning: String = "", fix: String = "",
    command: String = "", cause: Cause = .configuration
  ) -> Finding {
    Finding(
      level: .failure, area: area, subject: subject, message: message, meaning: meaning, fix: fix,
      command: command, cause: cause)
  }
}
