extension ProgramDeclaration {
  /// What `--help` prints: the commands, the common options, the exit codes.
  var overview: String {
    var text = HelpText()
    text.paragraph("\(name): \(summary)")
    text.heading("Usage")
    text.line("\(name) COMMAND [OPTIONS]")
    text.heading("Commands")
    text.table(commands.map { ($0.name, $0.summary) })
    text.heading("Options of every command")
    text.table(CommandDeclaration.commonOptions.map { ($0.spelling, $0.explanation) })
    addExamples(examples, to: &text)
    text.heading("Exit codes")
    text.table(ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
    text.paragraph("\"\(name) help COMMAND\" tells more about a command.")
    return text.finished
  }

  /// What `help COMMAND` prints.
  ///
  /// - Parameter path: the names that lead to the command.
  func help(_ command: CommandDeclaration, path: [String]) -> String {
    let whole = ([name] + path).joined(separator: " ")
    var text = HelpText()
    text.paragraph("\(whole): \(command.summary)")
    text.heading("Usage")
    text.line(usage(command, whole))
    for detail in command.details { text.paragraph(detail) }
    if !command.subcommands.isEmpty {
      text.heading("Commands")
      text.table(command.subcommands.map { ($0.name, $0.summary) })
    }
    if !command.positionals.isEmpty {
      text.heading("Arguments")
      text.table(command.positionals.map { ($0.name + ($0.isRepeating ? "…" : ""), $0.help) })
    }
    let own = command.allOptions.dropLast(CommandDeclaration.commonOptions.count)
    if !own.isEmpty {
      text.heading("Options")
      text.table(own.map { ($0.spelling, $0.explanation) })
    }
    if let glossary = command.glossary {
      text.heading(glossary.heading)
      text.table(glossary.rows)
    }
    text.heading("Options of every command")
    text.table(CommandDeclaration.commonOptions.map { ($0.spelling, $0.explanation) })
    addExamples(command.examples, to: &text)
    if !command.subcommands.isEmpty {
      text.paragraph("\"\(name) help \(path.joined(separator: " ")) COMMAND\" tells more.")
    }
    return text.finished
  }

  private func usage(_ command: CommandDeclaration, _ whole: String) -> String {
    var words = [whole]
    if !command.subcommands.isEmpty { words.append(command.runsAlone ? "[COMMAND]" : "COMMAND") }
    for option in command.options where option.isRequired { words.append(option.spellingAlone) }
    words.append("[OPTIONS]")
    for positional in command.positionals {
      let name = positional.name + (positional.isRepeating ? "…" : "")
      words.append(positional.isRequired ? name : "[\(name)]")
    }
    return words.joined(separator: " ")
  }

  private func addExamples(
    _ examples: [(line: String, meaning: String)], to text: inout HelpText
  ) {
    guard !examples.isEmpty else { return }
    text.heading("Examples")
    for example in examples {
      text.line("\(name) \(example.line)")
      text.line("    \(example.meaning)")
    }
  }
}

extension OptionDeclaration {
  /// `--name VALUE`.
  var spellingAlone: String { "--\(name)" + (valueName.isEmpty ? "" : " \(valueName)") }

  /// `-c, --config FILE`; options without a short form are indented alike. Long lists of words go
  /// into the explanation.
  var spelling: String {
    let front = short.map { "-\($0), " } ?? "    "
    return front + (isListLong ? "--\(name) WORD" : spellingAlone)
  }

  /// What it does, with bounds, words and default.
  var explanation: String {
    var text = help
    if isListLong { text += ": " + valueName.split(separator: "|").joined(separator: ", ") }
    if case .integer(let bounds) = value, bounds.upperBound < Int.max {
      text += ", \(bounds.lowerBound) to \(bounds.upperBound)"
    }
    var notes: [String] = []
    if isRequired { notes.append("required") }
    if let standard { notes.append("default: \(standard)") }
    if isRepeatable, case .words = value {
    } else if isRepeatable {
      notes.append("may be repeated")
    }
    return notes.isEmpty ? text : text + " (" + notes.joined(separator: "; ") + ")"
  }

  private var isListLong: Bool {
    guard case .choice = value else { return false }
    return valueName.count > 18
  }
}

/// Lays out help in 80 columns.
struct HelpText {
  private static let width = 80
  /// The widest left column; a longer entry gets a line of its own.
  private static let leftMax = 26
  private var lines: [String] = []

  /// A line that begins a section.
  mutating func heading(_ title: String) {
    lines.append("")
    lines.append(title + ":")
  }

  /// One indented line, as it is.
  mutating func line(_ text: String) { lines.append("  " + text) }

  /// Wrapped text with an empty line before it.
  mutating func paragraph(_ text: String) {
    if !lines.isEmpty { lines.append("") }
    lines += Self.wrapped(text, width: Self.width)
  }

  /// Two columns, the right one wrapped.
  mutating func table(_ rows: [(left: String, right: String)]) {
    let left = min(rows.map(\.left.count).max() ?? 0, Self.leftMax)
    let indentation = String(repeating: " ", count: left + 4)
    for row in rows {
      let body = Self.wrapped(row.right, width: Self.width - left - 4)
      if row.left.count > left {
        lines.append("  " + row.left)
        lines += body.map { indentation + $0 }
      } else {
        let padding = String(repeating: " ", count: left - row.left.count + 2)
        lines.append("  " + row.left + padding + (body.first ?? ""))
        lines += body.dropFirst().map { indentation + $0 }
      }
    }
  }

  /// The whole text with a line break at its end.
  var finished: String { lines.joined(separator: "\n") + "\n" }

  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if line.count + 1 + word.count <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = String(word)
      }
    }
    return lines + [line]
  }
}
