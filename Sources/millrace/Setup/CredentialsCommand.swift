import FoundationEssentials
import Glibc
import MillraceConfiguration
import MillraceCrypto
import MillraceDoctor
import MillraceSource

/// `credentials new`: a key and a certificate, and what to do with them.
enum CredentialsCommand {
  static let declaration = CommandDeclaration(
    name: "credentials",
    summary: "make the credential of an application",
    subcommands: [
      CommandDeclaration(
        name: "new",
        summary: "make a key and a certificate, and say what to upload, grant and consent to",
        details: [
          "Writes NAME.key (0600) and NAME.pem, and never over a file that is there. The key stays "
            + "on this machine; the certificate is what the application is given. Beside an older "
            + "certificate it takes over without a gap: upload, configure, then remove the old one."
        ],
        options: [
          .text(
            "name", "NAME", "how the files begin, and whom the certificate is for",
            standard: "millrace"),
          .text("folder", "FOLDER", "where they go", standard: "."),
          .integer("days", in: 1...3650, "how long the certificate is good for", standard: 365),
          .integer("bits", in: 2048...8192, "the size of the RSA key", standard: 3072),
          .text("password-file", "FILE", "encrypt the key with the first line of this file"),
          .integer(
            "port", in: 1...65_535, "the port of the redirect URI for \"consent --listen\"",
            standard: SetupTarget.redirectPort),
        ] + SetupTarget.options,
        printsReport: true,
        examples: [
          ("credentials new", "millrace.key and millrace.pem"),
          ("credentials new --name contoso --folder /etc/millrace", "for one of several tenants"),
        ])
    ])

  /// What `--json` prints.
  private struct Report: Codable {
    var certificate: String
    var key: String
    var thumbprintSHA1: String
    var thumbprintSHA256: String
    var days: Int
    var permissions: [String]
    var consentURL: String?
    var steps: [SetupGuide.Step]

    enum CodingKeys: String, CodingKey {
      case certificate, key, days, permissions, steps
      case thumbprintSHA1 = "thumbprint_sha1"
      case thumbprintSHA256 = "thumbprint_sha256"
      case consentURL = "consent_url"
    }
  }

  static func run(_ invoked: Invoked) throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let target = try SetupTarget.read(invoked, isNeeded: false)
    let name = arguments.string("name") ?? "millrace"
    guard (1...64).contains(name.unicodeScalars.count), !name.contains("/"), !name.hasPrefix("."),
      name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
    else {
      throw CommandFailure(
        "--name has 1 to 64 characters, no slash, no dot at the front", .badUsage)
    }
    let folder = arguments.string("folder") ?? "."
    let base = folder == "." ? name : folder + (folder.hasSuffix("/") ? "" : "/") + name
    let days = arguments.integer("days") ?? 365
    let password = try password(arguments.string("password-file"))
    // The names are taken before the work is done, which takes a moment.
    let files = try NewFiles(key: base + ".key", certificate: base + ".pem")
    let made = NewCertificate(
      name: name, bits: arguments.integer("bits") ?? 3072, days: days, password: password)
    try files.write(key: made.keyPEM, certificate: made.certificatePEM)

    let redirect = SetupTarget.redirectURI(
      port: arguments.integer("port") ?? SetupTarget.redirectPort)
    let endpoints = try target.endpoints()
    let consent = target.clientID.map { clientID in
      ConsentRequest(
        endpoints: endpoints, tenant: target.tenant, clientID: clientID, redirectURI: redirect,
        state: SecretWord.make()
      ).url
    }
    let thumbprint = hexadecimal(made.thumbprintSHA1)
    let guide = SetupGuide(
      clientID: target.clientID, cloud: target.cloud,
      certificate: files.certificate,
      thumbprint: thumbprint, wantsDLP: target.wantsDLP, redirectURI: redirect,
      consentURL: consent, consentCommand: "millrace consent --listen" + target.words)
    let report = Report(
      certificate: files.certificate, key: files.key, thumbprintSHA1: thumbprint,
      thumbprintSHA256: hexadecimal(made.thumbprintSHA256), days: days,
      permissions: guide.permissions.map(\.rawValue), consentURL: consent, steps: guide.steps)
    try show(
      report, guide, asJSON: arguments.flag("json"), passwordFile: arguments.string("password-file")
    )
    return .done
  }

  private static func show(
    _ report: Report, _ guide: SetupGuide, asJSON: Bool, passwordFile: String?
  ) throws(CommandFailure) {
    guard !asJSON else {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      do {
        return try Output.line(String(decoding: try encoder.encode(report), as: UTF8.self))
      } catch let failure as CommandFailure {
        throw failure
      } catch {
        throw CommandFailure("\(error)", .failed)
      }
    }
    let password = passwordFile.map { ", password: \(YAMLScalar.quoted("file:" + $0))" } ?? ""
    try Output.line(
      """
      \(report.key): the private key, which stays here (mode 0600)
      \(report.certificate): the certificate, good for \(report.days) days, thumbprint \
      \(report.thumbprintSHA1)

      \(guide.text)
      \(guide.steps.count + 1). Configure it, then see whether all is well
         credential:
           certificate: {path: \(YAMLScalar.quoted(report.certificate)), \
      key: \(YAMLScalar.quoted(report.key))\(password)}
         $ millrace check
      """)
  }

  /// The first line of a file; a password on the command line would show in the list of processes.
  private static func password(_ path: String?) throws(CommandFailure) -> String? {
    guard let path else { return nil }
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path)) } catch {
      throw CommandFailure("\(path): the password's file cannot be read", .failed)
    }
    let line = data.prefix { $0 != 0x0A && $0 != 0x0D }
    guard (1...1024).contains(line.count), let text = String(validating: line, as: UTF8.self) else {
      throw CommandFailure("\(path): its first line is no password (1 to 1024 bytes)", .failed)
    }
    return text
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
