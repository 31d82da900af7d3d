import MillraceConfiguration
import MillraceDoctor

/// `check`: the doctor.
enum CheckCommand {
  static let declaration = CommandDeclaration(
    name: "check",
    summary: "examine configuration, network, permissions, subscriptions and sinks",
    details: [
      "Each finding says what it means and what to do, with a command where there is one. Nothing "
        + "is changed: no subscription is started or stopped, no file is made.",
      "Ends with 0 when the collector can work, warnings or not; else with 78 when the "
        + "configuration cannot be right, 77 when credentials or permissions are refused, 69 when "
        + "a service cannot be reached, and 1 for anything else.",
    ],
    options: [.flag("offline", "check only what is on this machine")],
    printsReport: true,
    examples: [
      ("check", "everything, the service included"),
      ("check --offline", "the configuration, the secrets, the folders and the store"),
    ])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let asJSON = invoked.arguments.flag("json")
    let text = CheckText(isColoured: Output.takesColours(invoked.environment))
    var findings: [Finding] = []
    // A person sees each finding as it is made; a program wants them as one.
    let tell = { (finding: Finding) throws(CommandFailure) in
      findings.append(finding)
      if !asJSON { for line in text.lines(finding) { try Output.line(line) } }
    }
    switch load(invoked) {
    case .success(let configuration):
      let doctor = Doctor(
        configuration, path: invoked.configurationPath,
        isNamed: invoked.arguments.isGiven("config"))
      try await doctor.examine(offline: invoked.arguments.flag("offline"), tell)
    case .failure(let error):
      // Said to people as every command says it, in the form that editors jump from.
      guard asJSON else { throw CommandFailure(error.description, .badConfiguration) }
      for finding in Doctor.findings(error) { try tell(finding) }
    }
    if asJSON {
      try Output.line(CheckText.json(findings))
    } else {
      try Output.line(text.summary(findings))
    }
    return exitCode(findings)
  }

  /// The configuration without its warnings in the log: they are findings here.
  private static func load(_ invoked: Invoked) -> Result<Configuration, ConfigurationError> {
    do throws(ConfigurationError) {
      return .success(
        try Configuration.load(
          path: invoked.configurationPath, environment: invoked.environment))
    } catch {
      return .failure(error)
    }
  }

  /// The first of the causes decides: what is configured wrongly makes all else happen.
  private static func exitCode(_ findings: [Finding]) -> ExitCode {
    let causes = Set(findings.filter { $0.level == .failure }.map { $0.cause ?? .other })
    if causes.contains(.configuration) { return .badConfiguration }
    if causes.contains(.refused) { return .refused }
    if causes.contains(.unreachable) { return .unavailable }
    return causes.isEmpty ? .done : .failed
  }
}
