import MillraceRuntime

/// The program: its commands, and how one is found and run.
enum Program {
  static let declaration = ProgramDeclaration(
    name: "millrace",
    summary: "collects the audit log of Microsoft 365, every record once",
    commands: [
      InitCommand.declaration, CredentialsCommand.declaration, ConsentCommand.declaration,
      RunCommand.declaration, DemoCommand.declaration,
      StatusCommand.declaration,
      AuditCommand.declaration,
      ReplayCommand.declaration,
      DeadLettersCommand.declaration,
      SinksCommand.declaration,
      VerifyCommand.declaration,
      BackupCommand.declaration,
      CheckCommand.declaration,
      SubscriptionsCommand.declaration,
      ImportCommand.declaration,
      NormalizeCommand.declaration,
      RevealCommand.declaration,
      SimulateCommand.declaration,
      SelftestCommand.declaration,
      VersionCommand.declaration,
    ],
    examples: [
      ("demo", "collects from a simulated tenant: the thing to try first"),
      ("check --offline", "checks the configuration and the files it names"),
      ("run", "collects until it is told to stop"),
    ])

  /// Runs what the words of the command line ask for.
  static func main(_ words: [String], environment: [String: String]) async -> ExitCode {
    do {
      switch try declaration.parse(words) {
      case .help(let text):
        try Output.line(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        return .done
      case .run(let arguments):
        return await run(Invoked(arguments: arguments, environment: environment))
      }
    } catch let error as UsageError {
      Output.say(error.description)
      return .badUsage
    } catch let failure as CommandFailure {
      Output.say("millrace: " + failure.message)
      return failure.code
    } catch {
      Output.say("millrace: \(error)")
      return .failed
    }
  }

  private static func run(_ invoked: Invoked) async -> ExitCode {
    do throws(CommandFailure) { return try await carryOut(invoked) } catch {
      invoked.say(error.message, isTrouble: true)
      return error.code
    }
  }

  private static func carryOut(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    switch invoked.arguments.command[0] {
    case "init": try InitCommand.run(invoked)
    case "credentials": try CredentialsCommand.run(invoked)
    case "consent": try await ConsentCommand.run(invoked)
    case "run": try await RunCommand.run(invoked)
    case "demo": try await DemoCommand.run(invoked)
    case "status": try await StatusCommand.run(invoked)
    case "audit": try await AuditCommand.run(invoked)
    case "replay": try await ReplayCommand.run(invoked)
    case "dead-letters": try await DeadLettersCommand.run(invoked)
    case "sinks": try await SinksCommand.run(invoked)
    case "verify": try await VerifyCommand.run(invoked)
    case "backup": try await BackupCommand.run(invoked)
    case "check": try await CheckCommand.run(invoked)
    case "subscriptions": try await SubscriptionsCommand.run(invoked)
    case "import": try await ImportCommand.run(invoked)
    case "normalize": try await NormalizeCommand.run(invoked)
    case "reveal": try RevealCommand.run(invoked)
    case "simulate": try await SimulateCommand.run(invoked)
    case "selftest": try await SelftestCommand.run(invoked)
    case "version": try VersionCommand.run(invoked.arguments)
    case let name: preconditionFailure("\(name) is a declared command")
    }
  }
}
