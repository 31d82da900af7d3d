import MillraceConfiguration
import MillraceCore
import MillraceCrypto
import MillraceSource

/// `consent`: the address that an administrator opens, and what came of it.
enum ConsentCommand {
  static let declaration = CommandDeclaration(
    name: "consent",
    summary: "ask an administrator to consent to the application",
    details: [
      "Prints the address to open as Cloud Application Administrator, Application Administrator or "
        + "Privileged Role Administrator. With --listen it waits on this machine for the answer, "
        + "and says what it was; the application must then be registered with the redirect URI "
        + SetupTarget.redirectURI(port: SetupTarget.redirectPort) + " (platform \"Web\").",
      "Ends with 0 when consent was given, 77 when it was refused, 1 when no answer came.",
    ],
    options: SetupTarget.options + [
      .flag("listen", "wait for the answer on this machine"),
      .integer(
        "port", in: 0...65_535, "where to wait, and what the redirect URI says",
        standard: SetupTarget.redirectPort),
      .text("redirect-uri", "URI", "another redirect URI of the application, without --listen"),
      .duration(
        "timeout", in: .seconds(1)...(.seconds(86_400)), "how long to wait", standard: "15m"),
    ],
    examples: [
      ("consent --listen", "prints the address, waits, and says what came"),
      (
        "consent --client-id 9b2c1d7e-0000-4000-8000-000000000001 --tenant contoso.com",
        "without a configuration"
      ),
    ])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let target = try SetupTarget.read(invoked, isNeeded: true)
    guard arguments.flag("listen") else {
      let uri =
        arguments.string("redirect-uri")
        ?? SetupTarget.redirectURI(port: arguments.integer("port") ?? SetupTarget.redirectPort)
      try Output.line(try request(target, redirectURI: uri, state: SecretWord.make()).url)
      return .done
    }
    if arguments.isGiven("redirect-uri") {
      throw CommandFailure("--listen waits at a redirect URI of its own; use --port", .badUsage)
    }
    let state = SecretWord.make()
    let listener = try ConsentListener(
      port: arguments.integer("port") ?? SetupTarget.redirectPort, state: state)
    defer { listener.stop() }
    let uri = SetupTarget.redirectURI(port: listener.port)
    try Output.line(try request(target, redirectURI: uri, state: state).url)
    Output.say("millrace: open that address; waiting for the answer at \(uri)")
    guard let answer = await listener.answer(within: arguments.duration("timeout") ?? .zero) else {
      throw CommandFailure(
        "no answer came; register the redirect URI \(uri) (platform \"Web\") with the "
          + "application, or give consent in the portal and try \"millrace check\"", .failed)
    }
    return try report(answer, target)
  }

  private static func request(
    _ target: SetupTarget, redirectURI: String, state: String
  ) throws(CommandFailure) -> ConsentRequest {
    guard let clientID = target.clientID else {
      throw CommandFailure("no application is named; give --client-id", .badUsage)
    }
    return ConsentRequest(
      endpoints: try target.endpoints(), tenant: target.tenant, clientID: clientID,
      redirectURI: redirectURI, state: state)
  }

  private static func report(
    _ answer: ConsentAnswer, _ target: SetupTarget
  ) throws(CommandFailure) -> ExitCode {
    switch answer {
    case .granted(let tenant):
      if let tenant, let wanted = target.tenant.flatMap({ TenantID($0) }), tenant != wanted {
        throw CommandFailure(
          "consent was given in tenant \(tenant), and not in \(wanted), which is configured: "
            + "open the address as an administrator of that one", .badConfiguration)
      }
      try Output.line(
        "consent was given" + (tenant.map { " in tenant \($0)" } ?? "")
          + "; new tokens carry the permissions, \"millrace check\" shows them")
      return .done
    case .refused(let message, let advice):
      throw CommandFailure("consent was not given: \(message) (\(advice))", .refused)
    }
  }
}
