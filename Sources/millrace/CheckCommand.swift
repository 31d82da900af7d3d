import Glibc
import MillraceConfiguration
import MillracePipeline

/// `check --offline`: what can be checked without asking anyone: the configuration, the secrets'
/// file modes, the folders.
enum CheckCommand {
  static let declaration = CommandDeclaration(
    name: "check",
    summary: "check the configuration, the secrets and the folders",
    details: [
      "Each finding says what it means and what to do. Ends with 78 when something keeps the "
        + "collector from running."
    ],
    options: [.flag("offline", "check only what is on this machine (the only way so far)")],
    printsReport: true)

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    guard invoked.arguments.flag("offline") else {
      throw CommandFailure(
        "check asks no service yet; use \"millrace check --offline\", "
          + "and \"millrace subscriptions list\" to try the credentials", .badUsage)
    }
    let findings = CheckFindings(
      configuration: try configuration(invoked), path: invoked.configurationPath)
    if invoked.arguments.flag("json") {
      try Output.line(findings.json)
    } else {
      for finding in findings.all { try Output.line(finding.line) }
    }
    return findings.hasFailure ? .badConfiguration : .done
  }

  /// The configuration without its warnings in the log: they are findings here.
  private static func configuration(_ invoked: Invoked) throws(CommandFailure) -> Configuration {
    do throws(ConfigurationError) {
      return try Configuration.load(
        path: invoked.configurationPath, environment: invoked.environment)
    } catch {
      throw CommandFailure(error.description, .badConfiguration)
    }
  }
}
