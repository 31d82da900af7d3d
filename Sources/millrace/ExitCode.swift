/// What the process tells its caller when it ends; the numbers of sysexits.h where one fits.
enum ExitCode: Int32, Sendable {
  /// Everything was done.
  case done = 0
  /// Something failed while running, or is still owed.
  case failed = 1
  /// The command line makes no sense.
  case usage = 64
  /// The input data is bad.
  case badInput = 65
  /// A service cannot be reached.
  case unavailable = 69
  /// Credentials were refused.
  case refused = 77
  /// The configuration is bad.
  case configuration = 78
}

/// A command that ends early: what to say, and how to exit.
struct CommandFailure: Error {
  let message: String
  let code: ExitCode

  init(_ message: String, _ code: ExitCode) {
    self.message = message
    self.code = code
  }
}
