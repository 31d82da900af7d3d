internal import Glibc
internal import MillraceCore

/// A secret of the configuration, or the place it is read from.
///
/// It never shows itself: not in a description, not in a dump, not in an error. What a file holds
/// is read at each use, so a secret can be exchanged while the collector runs.
package struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// Where a secret comes from.
  package enum Origin: String, Sendable {
    /// It stands in the configuration file.
    case plain
    /// An environment variable held it when the configuration was read.
    case environment
    /// `file:PATH`
    case file
    /// `credential:NAME`, in systemd's `$CREDENTIALS_DIRECTORY`.
    case credential
  }

  private enum Source {
    case value(String)
    case file(path: String)
    case credential(name: String, folder: String?)
  }

  /// Where it comes from.
  package let origin: Origin
  private let source: Source
  private let place: ConfigurationIssue

  /// The file it is read from: nil when it is in none, or systemd gave no folder for it.
  package var filePath: String? {
    switch source {
    case .value: nil
    case .file(let path): path
    case .credential(let name, let folder): folder.map { "\($0)/\(name)" }
    }
  }

  /// Always `<secret>`.
  package var description: String { "<secret>" }
  /// Always `<secret>`.
  package var debugDescription: String { "<secret>" }
  /// Shows nothing to `dump` and to debuggers that ask.
  package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }

  /// A secret from the value of a key; nil when it names its place wrongly, which is noted.
  init?(_ value: ScalarValue, reading: Reading) {
    place = ConfigurationIssue(
      file: reading.file, line: value.place.line, column: value.place.column, path: value.path,
      message: "")
    func refuse(_ message: String, hint: String = "") {
      reading.fail(at: value.place, path: value.path, message, hint: hint)
    }
    if value.text.hasPrefix("file:") {
      let path = String(value.text.dropFirst("file:".count))
      guard !path.isEmpty else {
        refuse("\"file:\" is not followed by a path")
        return nil
      }
      origin = .file
      source = .file(path: path)
    } else if value.text.hasPrefix("credential:") {
      let name = String(value.text.dropFirst("credential:".count))
      guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
        refuse(
          "\"credential:\" is followed by the name of a systemd credential, not by a path",
          hint: "use file:PATH for a file elsewhere")
        return nil
      }
      origin = .credential
      source = .credential(name: name, folder: reading.environment["CREDENTIALS_DIRECTORY"])
    } else {
      guard !value.text.isEmpty else {
        refuse("the secret is empty")
        return nil
      }
      origin = value.usesEnvironment ? .environment : .plain
      source = .value(value.text)
    }
  }

  /// A secret that the command line names: `file:PATH` or `credential:NAME`; nil for anything else,
  /// as a secret itself would show in the list of processes.
  ///
  /// - Parameter source: how the command line calls it, for messages.
  package init?(reference: String, source: String, environment: [String: String]) {
    place = ConfigurationIssue(file: source, line: nil, column: nil, path: "", message: "")
    if reference.hasPrefix("file:"), reference.utf8.count > 5 {
      origin = .file
      self.source = .file(path: String(reference.dropFirst(5)))
    } else if reference.hasPrefix("credential:"), !reference.contains("/"),
      reference.utf8.count > 11
    {
      origin = .credential
      self.source = .credential(
        name: String(reference.dropFirst(11)), folder: environment["CREDENTIALS_DIRECTORY"])
    } else {
      return nil
    }
  }

  /// The secret itself. Line breaks at the end of a file are no part of it. Blocks while reading.
  ///
  /// - Throws: when the file cannot be read, is empty, not UTF-8 or larger than
  ///   `Limits.secretBytesMax`.
  package func read() throws(ConfigurationError) -> String {
    switch source {
    case .value(let text):
      return text
    case .file(let path):
      return try contents(path: path, subject: "the secret's file \(path)")
    case .credential(let name, _):
      guard let path = filePath else {
        throw failure(
          "the credential \(name) is not there: CREDENTIALS_DIRECTORY is not set",
          hint: "run it as a systemd service with LoadCredential=\(name):PATH")
      }
      return try contents(path: path, subject: "the credential \(name) (\(path))")
    }
  }

  /// Tells when the secret's file may be read or written by others than its owner; nil when it may
  /// not, when it does not exist, and for systemd credentials, whose modes systemd sees to.
  package var fileModeIssue: ConfigurationIssue? {
    guard case .file(let path) = source else { return nil }
    return Self.modeIssue(path: path, like: place)
  }

  /// What is wrong with it as it stands now: its file is open to others, cannot be read, or holds
  /// a GUID where that is suspicious. Blocks while reading.
  func issues(isGUIDSuspicious: Bool = false) -> [ConfigurationIssue] {
    var issues = fileModeIssue.map { [$0] } ?? []
    do {
      let text = try read()
      if isGUIDSuspicious, isGUID(text) {
        issues.append(
          issue(CredentialConfiguration.secretIDMessage, CredentialConfiguration.secretIDHint))
      }
    } catch {
      issues.append(contentsOf: error.issues)
    }
    return issues
  }

  /// Tells when a file that holds a secret is open to others.
  static func modeIssue(path: String, like place: ConfigurationIssue) -> ConfigurationIssue? {
    guard let permissions = FileContents.permissions(of: path), permissions & 0o077 != 0 else {
      return nil
    }
    return ConfigurationIssue(
      file: place.file, line: place.line, column: place.column, path: place.path,
      message: "\(path) is open to others than its owner (mode 0\(String(permissions, radix: 8)))",
      hint: "chmod 600 \(path)")
  }

  private func contents(path: String, subject: String) throws(ConfigurationError) -> String {
    let file: FileContents
    do {
      file = try FileContents(path: path, limit: Limits.secretBytesMax)
    } catch {
      throw failure("\(subject) cannot be read: \(error.message)")
    }
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw failure("\(subject) is not UTF-8 text")
    }
    let trimmed = text.unicodeScalars.reversed().drop { $0 == "\n" || $0 == "\r" }
    guard !trimmed.isEmpty else { throw failure("\(subject) is empty") }
    var secret = String.UnicodeScalarView()
    secret.append(contentsOf: trimmed.reversed())
    return String(secret)
  }

  private func failure(_ message: String, hint: String = "") -> ConfigurationError {
    ConfigurationError([issue(message, hint)])
  }

  private func issue(_ message: String, _ hint: String) -> ConfigurationIssue {
    ConfigurationIssue(
      file: place.file, line: place.line, column: place.column, path: place.path,
      message: message, hint: hint)
  }
}

extension MappingReader {
  /// A secret. One that stands in the file itself works, and is warned about.
  func secret(_ key: String) -> Secret? {
    guard let value = scalar(key) else { return nil }
    return secret(value)
  }

  /// The secret a value spells or names.
  func secret(_ value: ScalarValue) -> Secret? {
    guard let secret = Secret(value, reading: reading) else { return nil }
    if secret.origin == .plain {
      reading.warn(
        at: value.place, path: value.path, "the secret stands in the configuration in plain text",
        hint: "use file:PATH, credential:NAME or ${NAME}")
    }
    return secret
  }
}
