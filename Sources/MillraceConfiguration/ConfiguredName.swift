/// A name as it was configured, with its place: which names exist is known only where they are
/// used, and whoever finds that this one does not can still say where it stands.
package struct ConfiguredName: Hashable, Sendable {
  /// The name.
  package let text: String
  /// How messages quote it: as written, so that nothing from the environment is shown.
  package let shown: String
  private let file: String
  private let place: YAMLNode.Place?
  private let path: String

  /// A name of the file.
  init(_ value: ScalarValue, file: String) {
    text = value.text
    shown = value.shown
    self.file = file
    place = value.place
    path = value.path
  }

  /// A name that holds where none is written, as the value of the key at `path`.
  init(default text: String, file: String, path: String) {
    self.text = text
    shown = "\"\(text)\""
    self.file = file
    place = nil
    self.path = path
  }

  /// The error that says what is wrong with it, and what to do.
  package func error(_ message: String, hint: String = "") -> ConfigurationError {
    ConfigurationError([
      ConfigurationIssue(
        file: file, line: place?.line, column: place?.column, path: Reading.printable(path),
        message: Reading.printable(message), hint: Reading.printable(hint))
    ])
  }
}
