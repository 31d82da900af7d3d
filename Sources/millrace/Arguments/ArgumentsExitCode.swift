/// What the program's exit code says; the numbers from 64 on are those of sysexits(3).
enum ExitCode: Int32, CaseIterable, Sendable {
  case done = 0
  case failed = 1
  case badUsage = 64
  case badData = 65
  case unavailable = 69
  case refused = 77
  case badConfiguration = 78

  /// What it means, for help.
  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "something failed while running"
    case .badUsage: "bad usage"
    case .badData: "bad input data"
    case .unavailable: "a service cannot be reached"
    case .refused: "credentials refused"
    case .badConfiguration: "bad configuration"
    }
  }
}
