internal import MillraceCore

/// One reading of one configuration: what it was given, and what has been found so far.
///
/// Findings are collected, not thrown, so that an operator sees all of them at once.
final class Reading {
  let file: String
  let environment: [String: String]
  private(set) var issues: [ConfigurationIssue] = []
  private(set) var unlistedCount = 0
  private(set) var warnings: [ConfigurationIssue] = []
  private var insertedBytes = 0

  init(file: String, environment: [String: String]) {
    self.file = file
    self.environment = environment
  }

  /// Whether anything stands in the way of running.
  var hasFailed: Bool { !issues.isEmpty }

  /// Notes an error; `place` is nil when it is about the whole file.
  func fail(
    at place: YAMLNode.Place?, path: String = "", _ message: String, hint: String = ""
  ) {
    guard issues.count < Limits.configurationIssuesMax else {
      unlistedCount += 1
      return
    }
    issues.append(issue(place, path, message, hint))
  }

  /// Notes something that works and should be changed.
  func warn(at place: YAMLNode.Place, path: String, _ message: String, hint: String = "") {
    guard warnings.count < Limits.configurationIssuesMax else { return }
    warnings.append(issue(place, path, message, hint))
  }

  /// The error of everything noted, in the order of the file.
  func error() -> ConfigurationError {
    let ordered = issues.enumerated().sorted {
      ($0.element.line ?? 0, $0.element.column ?? 0, $0.offset)
        < ($1.element.line ?? 0, $1.element.column ?? 0, $1.offset)
    }
    return ConfigurationError(ordered.map(\.element), unlistedCount: unlistedCount)
  }

  /// The text of a scalar with its environment variables filled in; nil when that failed or when
  /// it is no scalar, which is noted.
  func scalar(_ node: YAMLNode, path: String) -> ScalarValue? {
    guard case .scalar(let written, _) = node.content else {
      fail(at: node.place, path: path, "one value is expected, this is \(node.kindName)")
      return nil
    }
    guard !node.isNull else {
      fail(
        at: node.place, path: path, "it has no value", hint: "give one, or remove the key")
      return nil
    }
    do {
      let outcome = try Substitution.fill(written, environment: environment)
      insertedBytes += outcome.insertedBytes
      guard insertedBytes <= Limits.configurationInsertedBytesMax else {
        fail(at: node.place, path: path, "environment variables insert too much text")
        return nil
      }
      return ScalarValue(
        text: outcome.text, written: written, usesEnvironment: outcome.usesEnvironment,
        place: node.place, path: path)
    } catch {
      fail(at: node.place, path: path, error.message, hint: error.hint)
      return nil
    }
  }

  /// A key as messages show it. What follows a colon is cut off: `client_secret:hunter2`, a blank
  /// forgotten, is one key to YAML.
  static func shownKey(_ key: String) -> String {
    let name = key.prefix { $0 != ":" && $0 != "=" }
    let rest = key.dropFirst(name.count).first.map { "\($0)…" } ?? ""
    return (name.count > 60 ? String(name.prefix(60)) + "…" : String(name)) + rest
  }

  private func issue(
    _ place: YAMLNode.Place?, _ path: String, _ message: String, _ hint: String
  ) -> ConfigurationIssue {
    ConfigurationIssue(
      file: file, line: place?.line, column: place?.column, path: Self.printable(path),
      message: Self.printable(message), hint: Self.printable(hint))
  }

  /// Keys and values may hold escapes; on a terminal they would be more than text.
  static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var printable = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      printable.append(isControl(scalar) ? "\u{FFFD}" : scalar)
    }
    return String(printable)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
  }
}

/// A scalar of the configuration with its variables filled in.
struct ScalarValue {
  let text: String
  /// As it stands in the file.
  let written: String
  let usesEnvironment: Bool
  let place: YAMLNode.Place
  let path: String

  /// How messages quote it: as written, so that nothing from the environment is shown, and not at
  /// length.
  var shown: String {
    written.count > 60 ? "\"\(written.prefix(60))…\"" : "\"\(written)\""
  }
}
