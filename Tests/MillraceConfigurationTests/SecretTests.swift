import Foundation
import MillraceConfiguration
import Testing

struct SecretTests {
  private func configuration(
    _ written: String, _ environment: [String: String] = [:]
  ) throws -> Configuration {
    try parsed(
      oneTenant.replacing("\"file:/run/secret\"", with: "\"\(written)\"") + oneSink,
      environment: environment)
  }

  private func secret(
    _ written: String, _ environment: [String: String] = [:]
  ) throws -> Secret {
    guard
      case .clientSecret(let secret, _) = try configuration(written, environment)
        .tenants[0].credential
    else { throw Missing() }
    return secret
  }

  private struct Missing: Error {}

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "millrace-secret-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func write(_ text: String, to path: String, mode: Int = 0o600) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  @Test func `a secret shows itself in no description, dump or reflection`() throws {
    let configuration = try configuration("hunter2")
    var dumped = ""
    dump(configuration, to: &dumped)
    #expect(!dumped.contains("hunter2"))
    #expect(!"\(configuration)".contains("hunter2"))
    #expect(!String(reflecting: configuration).contains("hunter2"))
    let secret = try secret("hunter2")
    #expect("\(secret)" == "<secret>" && String(reflecting: secret) == "<secret>")
    #expect(Mirror(reflecting: secret).children.isEmpty)
    #expect(try secret.read() == "hunter2")
  }

  @Test func `a secret in plain text is warned about, one from elsewhere is not`() throws {
    let warnings = try configuration("hunter2").warnings
    #expect(
      warnings.map(\.description) == [
        "millrace.yaml:4:33: tenants[0].credential.client_secret: "
          + "the secret stands in the configuration in plain text; "
          + "use file:PATH, credential:NAME or ${NAME}"
      ])
    #expect(try configuration("${S}", ["S": "hunter2"]).warnings.isEmpty)
    #expect(try configuration("${S:-hunter2}").warnings.count == 1)
    #expect(try configuration("file:/x").warnings.isEmpty)
    #expect(try configuration("credential:x").warnings.isEmpty)
    #expect(try secret("${S}", ["S": "hunter2"]).origin == .environment)
    #expect(try secret("${S}", ["S": "hunter2"]).read() == "hunter2")
  }

  @Test func `a secret that is a GUID is taken for the secret's ID`() throws {
    let guid = "9b2c1d7e-0000-4000-8000-00000000000f"
    let warnings = try configuration("${S}", ["S": guid]).warnings
    #expect(warnings.count == 1)
    #expect(warnings[0].message == "the client secret is a GUID, as the secret's ID is")
    #expect(!warnings[0].description.contains(guid))
    try withFolder { folder in
      try write(guid + "\n", to: folder + "/s")
      let issues = try configuration("file:\(folder)/s").secretIssues()
      #expect(issues.map(\.message) == ["the client secret is a GUID, as the secret's ID is"])
    }
  }

  @Test func `a file is read at each use, without its last line break`() throws {
    try withFolder { folder in
      let secret = try secret("file:\(folder)/s")
      #expect(secret.filePath == folder + "/s")
      #expect(throws: ConfigurationError.self) { try secret.read() }
      try write("first\r\n", to: folder + "/s")
      #expect(try secret.read() == "first")
      try write(" second \n\n", to: folder + "/s")
      #expect(try secret.read() == " second ")
      try write("\n", to: folder + "/s")
      #expect(throws: ConfigurationError.self) { try secret.read() }
      try write(String(repeating: "x", count: 70_000), to: folder + "/s")
      #expect(throws: ConfigurationError.self) { try secret.read() }
    }
  }

  @Test func `a credential is looked for in the folder systemd gives`() throws {
    try withFolder { folder in
      try write("hunter2", to: folder + "/contoso", mode: 0o440)
      let secret = try secret("credential:contoso", ["CREDENTIALS_DIRECTORY": folder])
      #expect(try secret.read() == "hunter2")
      #expect(secret.fileModeIssue == nil)
    }
    do {
      _ = try secret("credential:contoso").read()
      Issue.record("there is no folder")
    } catch let error as ConfigurationError {
      #expect(
        error.description
          == "millrace.yaml:4:33: tenants[0].credential.client_secret: the credential contoso is "
          + "not there: CREDENTIALS_DIRECTORY is not set; "
          + "run it as a systemd service with LoadCredential=contoso:PATH")
    }
  }

  @Test(arguments: ["file:", "credential:", "credential:../x", "credential:a/b", ""])
  func `places that cannot be are refused`(written: String) {
    #expect(
      complaints(
        oneTenant.replacing("\"file:/run/secret\"", with: "\"\(written)\"") + oneSink
      ).count == 1)
  }

  @Test func `a secret file that others may read is told`() throws {
    try withFolder { folder in
      try write("hunter2", to: folder + "/s", mode: 0o600)
      #expect(try configuration("file:\(folder)/s").secretIssues().isEmpty)
      try write("hunter2", to: folder + "/s", mode: 0o640)
      let issues = try configuration("file:\(folder)/s").secretIssues()
      #expect(
        issues.map(\.description) == [
          "millrace.yaml:4:33: tenants[0].credential.client_secret: \(folder)/s is open to others "
            + "than its owner (mode 0640); chmod 600 \(folder)/s"
        ])
    }
  }

  @Test func `a private key that others may read is told`() throws {
    try withFolder { folder in
      try write("key", to: folder + "/a.key", mode: 0o644)
      let configuration = try parsed(
        oneTenant.replacing(
          "{client_secret: \"file:/run/secret\"}",
          with: "{certificate: {path: a.pem, key: \(folder)/a.key}}") + oneSink)
      #expect(configuration.secretIssues().map(\.hint) == ["chmod 600 \(folder)/a.key"])
    }
  }

  @Test func `a configuration file is loaded, and missing ones are told`() throws {
    try withFolder { folder in
      try write(SampleConfiguration.text, to: folder + "/millrace.yaml")
      let configuration = try Configuration.load(
        path: folder + "/millrace.yaml", environment: [:])
      #expect(configuration.tenants.count == 1)
      do {
        _ = try Configuration.load(path: folder + "/absent.yaml", environment: [:])
        Issue.record("there is no such file")
      } catch {
        #expect("\(error)".hasPrefix("\(folder)/absent.yaml: the configuration cannot be read"))
        #expect("\(error)".contains("millrace init"))
      }
      #expect(throws: ConfigurationError.self) {
        try Configuration.load(path: folder, environment: [:])
      }
    }
  }

  @Test func `a console open to the network and a tiny store are warned about`() throws {
    let configuration = try parsed(
      "store: {max_size: 1MiB}\n" + oneTenant + oneSink + "console: {listen: \"0.0.0.0:8365\"}\n")
    #expect(configuration.warnings.map(\.path) == ["store.max_size", "console.listen"])
  }
}
