/// Environment variables within a value: `${NAME}`, `${NAME:-default}`, and `$$` for one `$`.
///
/// What a variable holds is inserted as it is: neither read as YAML nor substituted again.
enum Substitution {
  /// Why a value cannot be filled in.
  struct Problem: Error, Equatable {
    let message: String
    let hint: String
  }

  struct Outcome {
    var text = ""
    /// Whether some of the text is what a variable holds.
    var usesEnvironment = false
    /// How many bytes came from variables.
    var insertedBytes = 0
  }

  /// Fills in `text`.
  ///
  /// As in a shell, the default counts when the variable is unset or empty. A `$` before anything
  /// but `$` and `{` is itself.
  static func fill(
    _ text: String, environment: [String: String]
  ) throws(Problem) -> Outcome {
    var outcome = Outcome()
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      outcome.text += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        outcome.text += "$"
        rest = rest.dropFirst()
      } else if rest.first == "{" {
        guard let close = rest.firstIndex(of: "}") else {
          throw Problem(
            message: "\"${\" without \"}\"", hint: "write $$ for a dollar sign that stays")
        }
        try insert(rest[rest.index(after: rest.startIndex)..<close], environment, &outcome)
        rest = rest[rest.index(after: close)...]
      } else {
        outcome.text += "$"
      }
    }
    outcome.text += rest
    return outcome
  }

  private static func insert(
    _ inner: Substring, _ environment: [String: String], _ outcome: inout Outcome
  ) throws(Problem) {
    let name = inner.prefix { isNameByte($0) }
    let tail = inner[name.endIndex...]
    guard let first = name.first, !first.isNumber, tail.isEmpty || tail.hasPrefix(":-") else {
      throw Problem(
        message: "\"${\" is not followed by the name of a variable",
        hint: "the forms are ${NAME} and ${NAME:-default}; write $$ for a dollar sign that stays")
    }
    if let value = environment[String(name)], !(value.isEmpty && !tail.isEmpty) {
      outcome.text += value
      outcome.usesEnvironment = true
      outcome.insertedBytes += value.utf8.count
      return
    }
    guard !tail.isEmpty else {
      throw Problem(
        message: "the environment variable \(name) is not set",
        hint: "set it, or give a default: ${\(name):-default}")
    }
    let fallback = tail.dropFirst(2)
    guard !fallback.contains("$") else {
      throw Problem(
        message: "the default of ${\(name)} contains a dollar sign",
        hint: "a default is plain text; variables do not nest")
    }
    outcome.text += fallback
  }

  private static func isNameByte(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || character == "_")
  }
}
