import FoundationEssentials
import MillraceSimulator

/// What `simulate` knows of credentials: certificates that are registered, tokens of outside
/// issuers, and refusals by their codes.
extension SimulateCommand {
  static let credentialOptions: [OptionDeclaration] = [
    .words(
      "client-certificate", "FILE",
      "register this certificate (PEM) for the application, which may then sign assertions"),
    .text(
      "identity-token", "FILE",
      "write a token of a simulated Kubernetes cluster there, as a projected one would be"),
    .words(
      "login-error", "CODE",
      "refuse one request for a token with this code, such as AADSTS7000222, before all others"),
  ]

  /// Adds what the options say.
  static func addCredentials(
    _ arguments: Arguments, to options: inout SimulatorOptions
  ) throws(CommandFailure) {
    var certificates: [String] = []
    for path in arguments.strings("client-certificate") {
      certificates.append(try text(of: path))
    }
    for index in options.tenants.indices { options.tenants[index].certificates = certificates }
    for code in arguments.strings("login-error") {
      let digits = code.uppercased().hasPrefix("AADSTS") ? String(code.dropFirst(6)) : code
      guard let number = Int(digits), SimulatorOptions.loginCodes.contains(number) else {
        let known = SimulatorOptions.loginCodes.map { "AADSTS\($0)" }.joined(separator: ", ")
        throw CommandFailure("--login-error \(code) is not known; known are \(known)", .badUsage)
      }
      options.loginRefusals.append(number)
    }
  }

  /// Writes the token that was asked for, with mode 0600.
  static func writeIdentityToken(
    _ arguments: Arguments, of simulator: Simulator
  ) throws(CommandFailure) {
    guard let path = arguments.string("identity-token") else { return }
    let token = Data(simulator.identityToken(.kubernetes).utf8)
    guard
      FileManager.default.createFile(
        atPath: path, contents: token, attributes: [.posixPermissions: 0o600])
    else { throw CommandFailure("\(path) cannot be written", .failed) }
  }
}
