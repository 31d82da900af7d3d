import Glibc
import MillraceConfiguration
import MillraceRuntime

/// A command as it was called: its words and the environment, and what all commands make of them.
struct Invoked {
  let arguments: Arguments
  let environment: [String: String]

  /// The log, as the options ask for it.
  var log: Log {
    Log(
      level: arguments.string("log-level").flatMap { LogLevel(name: $0) } ?? .info,
      format: arguments.choice("log-format") ?? .text)
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
