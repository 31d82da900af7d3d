import MillraceCore
import MillraceRuntime

/// An option of a command: `--name`.
struct OptionDeclaration: Sendable {
  /// What follows the name.
  enum Value: Sendable {
    /// Nothing.
    case flag
    /// Any word that is not empty.
    case text
    /// A whole number within bounds.
    case integer(ClosedRange<Int>)
    /// A duration within bounds, such as 30s.
    case duration(ClosedRange<Duration>)
    /// A size in bytes within bounds, such as 64KiB.
    case size(ClosedRange<Int64>)
    /// A day or a time in UTC, such as 2026-03-04.
    case time
    /// One of these words.
    case choice([String])
    /// One word or more: all that follow up to the next option.
    case words
  }

  /// Without its hyphens.
  let name: String
  /// One letter for `-c`; nil for most.
  var short: Character?
  let value: Value
  /// How help names the value, such as FILE.
  var valueName = ""
  /// What it does, as help says it.
  let help: String
  /// The value when the option is not given, spelled as on the command line.
  var standard: String?
  var isRequired = false
  /// Whether it may be given several times.
  var isRepeatable = false

  /// An option without a value.
  static func flag(_ name: String, short: Character? = nil, _ help: String) -> Self {
    Self(name: name, short: short, value: .flag, help: help)
  }

  /// An option with any text.
  static func text(
    _ name: String, _ valueName: String, short: Character? = nil, _ help: String,
    standard: String? = nil, isRequired: Bool = false, isRepeatable: Bool = false
  ) -> Self {
    Self(
      name: name, short: short, value: .text, valueName: valueName, help: help,
      standard: standard, isRequired: isRequired, isRepeatable: isRepeatable)
  }

  /// An option with a whole number.
  static func integer(
    _ name: String, in bounds: ClosedRange<Int>, _ help: String, valueName: String = "N",
    standard: Int? = nil, isRequired: Bool = false
  ) -> Self {
    precondition(standard.map { bounds.contains($0) } ?? true, "the default of --\(name) is legal")
    return Self(
      name: name, value: .integer(bounds), valueName: valueName, help: help,
      standard: standard.map { "\($0)" }, isRequired: isRequired)
  }

  /// An option with a duration.
  static func duration(
    _ name: String, in bounds: ClosedRange<Duration> = .zero...Limits.durationMax, _ help: String,
    valueName: String = "TIME", standard: String? = nil
  ) -> Self {
    Self(
      name: name, value: .duration(bounds), valueName: valueName, help: help, standard: standard)
  }

  /// An option with a size in bytes.
  static func size(
    _ name: String, in bounds: ClosedRange<Int64> = 0...(1 << 50), _ help: String,
    valueName: String = "SIZE", standard: String? = nil
  ) -> Self {
    Self(name: name, value: .size(bounds), valueName: valueName, help: help, standard: standard)
  }

  /// An option with a day or time.
  static func time(
    _ name: String, _ help: String, valueName: String = "DATE", isRequired: Bool = false
  ) -> Self {
    Self(name: name, value: .time, valueName: valueName, help: help, isRequired: isRequired)
  }

  /// An option with one of several words.
  static func choice(
    _ name: String, _ words: [String], _ help: String, standard: String? = nil,
    isRepeatable: Bool = false
  ) -> Self {
    precondition(standard.map { words.contains($0) } ?? true, "the default of --\(name) is legal")
    return Self(
      name: name, value: .choice(words), valueName: words.joined(separator: "|"), help: help,
      standard: standard, isRepeatable: isRepeatable)
  }

  /// An option with one word or more, as `--records FILE…`.
  static func words(_ name: String, _ valueName: String, _ help: String) -> Self {
    Self(name: name, value: .words, valueName: valueName + "…", help: help, isRepeatable: true)
  }
}

/// A word of the command line that is no option, such as the FILE of `backup FILE`.
struct PositionalDeclaration: Sendable {
  /// How help names it, such as FILE.
  let name: String
  let help: String
  var isRequired = true
  /// Whether it takes all words that are left; only the last one may.
  var isRepeating = false
}

/// A command, or one of the commands below it.
struct CommandDeclaration: Sendable {
  let name: String
  /// What it does, in one line without a full stop.
  let summary: String
  /// More about it, one paragraph a string; help wraps them.
  var details: [String] = []
  var options: [OptionDeclaration] = []
  var positionals: [PositionalDeclaration] = []
  /// The commands below it, such as `list` of `subscriptions`; one of them must be given, unless
  /// the command does something by itself.
  var subcommands: [CommandDeclaration] = []
  /// Whether it does something without a subcommand.
  var runsAlone = false
  /// Whether it prints a report, which gives it `--json`.
  var printsReport = false
  /// Command lines without the program's name, each with what it does.
  var examples: [(line: String, meaning: String)] = []
  /// Words that an option takes, each with what it means, under a heading of their own.
  var glossary: (heading: String, rows: [(String, String)])?

  /// All options: its own, `--json` where it prints a report, and those of every command.
  var allOptions: [OptionDeclaration] {
    var all = options
    if printsReport { all.append(.flag("json", "print the report as JSON")) }
    return all + Self.commonOptions
  }

  /// What every command takes.
  static let commonOptions: [OptionDeclaration] = [
    .text(
      "config", "FILE", short: "c",
      "the configuration (default: $MILLRACE_CONFIG, else ./millrace.yaml, "
        + "else /etc/millrace/millrace.yaml)"),
    .choice(
      "log-level", LogLevel.allCases.map(\.name), "what is logged to standard error",
      standard: "info"),
    .choice(
      "log-format", Log.Format.allCases.map(\.rawValue), "how it is spelled", standard: "text"),
    .flag("help", short: "h", "show this help"),
  ]

  /// Stops the program when the declaration contradicts itself; tests call it for every command.
  func assertSound() {
    let names = allOptions.map(\.name)
    precondition(Set(names).count == names.count, "option names of \(name) are unique")
    let letters = allOptions.compactMap(\.short)
    precondition(Set(letters).count == letters.count, "short options of \(name) are unique")
    for positional in positionals.dropLast() {
      precondition(!positional.isRepeating, "only the last word of \(name) repeats")
      precondition(positional.isRequired, "optional words of \(name) come last")
    }
    precondition(
      subcommands.isEmpty || positionals.isEmpty, "\(name) takes commands or words, not both")
    for option in allOptions {
      if let standard = option.standard {
        precondition(
          ArgumentValue.problem(standard, of: option) == nil,
          "the default of --\(option.name) is legal")
      }
    }
    for subcommand in subcommands { subcommand.assertSound() }
  }
}

/// The program: its commands and what stands around them in help.
struct ProgramDeclaration: Sendable {
  let name: String
  /// What the program is for, in one line.
  let summary: String
  let commands: [CommandDeclaration]
  /// Command lines for someone who begins, without the program's name.
  var examples: [(line: String, meaning: String)] = []

  /// Stops the program when a declaration contradicts itself.
  func assertSound() {
    precondition(
      Set(commands.map(\.name)).count == commands.count, "names of commands are unique")
    for command in commands { command.assertSound() }
  }
}
