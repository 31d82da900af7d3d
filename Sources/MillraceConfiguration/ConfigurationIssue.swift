/// One finding about a configuration: where, what, and what to do about it.
///
/// Values of secrets and of environment variables never appear in it.
package struct ConfigurationIssue: Hashable, Sendable, CustomStringConvertible {
  /// The file as it was named by the caller.
  package let file: String
  /// The line, counted from 1; nil when the finding is about the file as a whole.
  package let line: Int?
  /// The character within the line, counted from 1; nil together with `line`.
  package let column: Int?
  /// The place in the tree, such as `tenants[0].credential`; empty at the top.
  package let path: String
  /// What is wrong.
  package let message: String
  /// What the operator can do about it; empty when the message says it all.
  package let hint: String

  /// A finding.
  package init(
    file: String, line: Int? = nil, column: Int? = nil, path: String = "", message: String,
    hint: String = ""
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.path = path
    self.message = message
    self.hint = hint
  }

  /// One line in the form compilers use, which editors can jump from:
  /// `millrace.yaml:12:5: unknown key "tenats"; did you mean "tenants"?`
  package var description: String {
    var text = file
    if let line, let column { text += ":\(line):\(column)" }
    text += ": "
    if !path.isEmpty { text += path + ": " }
    text += message
    if !hint.isEmpty { text += "; " + hint }
    return text
  }
}

/// A configuration, or a secret it names, that cannot be used. Carries every finding.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// All findings in the order of the file; at least one.
  package let issues: [ConfigurationIssue]
  /// How many more there were than are listed.
  package let unlistedCount: Int

  /// An error of these findings.
  package init(_ issues: [ConfigurationIssue], unlistedCount: Int = 0) {
    precondition(!issues.isEmpty, "an error says what is wrong")
    self.issues = issues
    self.unlistedCount = unlistedCount
  }

  /// One finding a line.
  package var description: String {
    var lines = issues.map(\.description)
    if unlistedCount > 0 { lines.append("and \(unlistedCount) more") }
    return lines.joined(separator: "\n")
  }
}
