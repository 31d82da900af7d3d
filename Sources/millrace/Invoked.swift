import Glibc
import MillraceConfiguration
import MillraceRuntime

/// A command as it was called: its words and the environment, and what all commands make of them.
struct Invoked {
  let arguments: Arguments
  let environment: [String: String]

  /// The log, as the options ask for it.
  var log: Log { log(from: .info) }

  /// The log, of what is at least as grave as `level` unless the options ask for more or less.
  func log(from level: LogLevel) -> Log {
    Log(
      level: arguments.string("log-level").flatMap { LogLevel(name: $0) } ?? level,
      format: arguments.choice("log-format") ?? .text, output: ErrorLines.ofThisProcess.logged)
  }

  /// Says something on standard error: to a person, or as a line of the log where programs read it.
  func say(_ text: String, isTrouble: Bool = false) {
    guard arguments.choice("log-format") == Log.Format.json else {
      return Output.say("millrace: " + text)
    }
    if isTrouble { log.error(text) } else { log.info(text) }
  }

  /// Where the configuration is: the option, the environment, the working folder, /etc.
  var configurationPath: String {
    if let path = arguments.string("config") { return path }
    if let path = environment["MILLRACE_CONFIG"], !path.isEmpty { return path }
    let local = "millrace.yaml"
    return access(local, F_OK) == 0 ? local : "/etc/millrace/millrace.yaml"
  }

  /// Reads the configuration; its warnings go to the log.
  func configuration() throws(CommandFailure) -> Configuration {
    do throws(ConfigurationError) {
      let configuration = try Configuration.load(path: configurationPath, environment: environment)
      for warning in configuration.warnings { log.warning(warning.description) }
      return configuration
    } catch {
      throw CommandFailure(error.description, .badConfiguration)
    }
  }
}
