import MillraceConfiguration

extension ProgramDeclaration {
  /// Reads a command line.
  ///
  /// The common options may stand before the command. `--help` anywhere before `--` asks for help,
  /// whatever else is wrong. `help COMMAND` and `--version` are the commands one expects.
  ///
  /// - Parameter words: the command line without the program's name.
  /// - Throws: when the words do not fit the declaration.
  func parse(_ words: [String]) throws(UsageError) -> Invocation {
    var leading = ArgumentReader(
      words: words, options: CommandDeclaration.commonOptions, program: self, command: [])
    guard let first = try leading.leadingOptions() else {
      if leading.isGiven("help") { return .help(overview) }
      throw UsageError(message: overview)
    }
    if leading.isGiven("help") { return .help(try helpText(for: [first])) }
    let rest = Array(words[leading.position...])
    if first == "help" { return .help(try helpText(for: rest.filter { !$0.hasPrefix("-") })) }
    if first == "--version" { return try parse(["version"] + rest) }
    guard let command = commands.first(where: { $0.name == first }) else {
      throw unknown("command", first, among: commands.map(\.name), in: [])
    }
    return try parse(rest, command: command, path: [first], given: leading.given)
  }

  private func parse(
    _ words: [String], command: CommandDeclaration, path: [String], given: [String: [String]]
  ) throws(UsageError) -> Invocation {
    let beforeEnd = words.prefix { $0 != "--" }
    if beforeEnd.contains("--help") || beforeEnd.contains("-h") {
      let below = beforeEnd.lazy.compactMap { word in
        command.subcommands.first { $0.name == word }
      }.first
      return .help(help(below ?? command, path: path + (below.map { [$0.name] } ?? [])))
    }
    var reader = ArgumentReader(
      words: words, options: command.allOptions, program: self, command: path, given: given)
    if !command.subcommands.isEmpty {
      if let name = try reader.leadingOptions() {
        guard let below = command.subcommands.first(where: { $0.name == name }) else {
          throw unknown("command", name, among: command.subcommands.map(\.name), in: path)
        }
        return try parse(
          Array(words[reader.position...]), command: below, path: path + [name],
          given: reader.given)
      }
      guard command.runsAlone else {
        let names = command.subcommands.map(\.name).joined(separator: ", ")
        throw UsageError(
          message: "\(name) \(command.name): a command is missing: \(names)", hint: helpHint(path))
      }
    } else {
      try reader.allWords()
    }
    return .run(try reader.arguments(command))
  }

  private func helpText(for path: [String]) throws(UsageError) -> String {
    guard let first = path.first, first != "help" else { return overview }
    guard let command = commands.first(where: { $0.name == first }) else {
      throw unknown("command", first, among: commands.map(\.name), in: [])
    }
    guard path.count > 1 else { return help(command, path: [first]) }
    guard let below = command.subcommands.first(where: { $0.name == path[1] }) else {
      throw unknown("command", path[1], among: command.subcommands.map(\.name), in: [first])
    }
    return help(below, path: [first, below.name])
  }

  /// The error of a word that nobody knows.
  func unknown(
    _ kind: String, _ word: String, among known: [String], in path: [String]
  ) -> UsageError {
    let match = suggestion(for: word, among: known)
    let question = match.map { "; did you mean \"\($0)\"?" } ?? ""
    return UsageError(
      message: "\(([name] + path).joined(separator: " ")): unknown \(kind) \"\(word)\"" + question,
      hint: helpHint(path))
  }

  /// Where to read about a command.
  func helpHint(_ path: [String]) -> String {
    "See \"\(([name, "help"] + path).joined(separator: " "))\"."
  }
}

/// Walks over the words of a command line and sorts them.
struct ArgumentReader {
  private let all: [String]
  private let options: [OptionDeclaration]
  private let program: ProgramDeclaration
  private let command: [String]
  /// The index of the next word.
  private(set) var position = 0
  private(set) var given: [String: [String]]
  private var plainWords: [String] = []

  init(
    words: [String], options: [OptionDeclaration], program: ProgramDeclaration, command: [String],
    given: [String: [String]] = [:]
  ) {
    all = words
    self.options = options
    self.program = program
    self.command = command
    self.given = given
  }

  func isGiven(_ name: String) -> Bool { given[name] != nil }

  /// Takes options up to the first other word, which it takes too and returns; nil when there is
  /// none. `--version` passes for a word, as it stands for a command.
  mutating func leadingOptions() throws(UsageError) -> String? {
    while position < all.count {
      let word = all[position]
      position += 1
      let isVersion = word == "--version" && command.isEmpty
      if !isOption(word) || isVersion { return word }
      try takeOption(word)
    }
    return nil
  }

  /// Takes everything. After `--` every word is plain.
  mutating func allWords() throws(UsageError) {
    while position < all.count {
      let word = all[position]
      position += 1
      if word == "--" {
        plainWords += all[position...]
        position = all.count
      } else if isOption(word) {
        try takeOption(word)
      } else {
        plainWords.append(word)
      }
    }
  }

  /// What has been taken, once it is known to be complete.
  func arguments(_ declaration: CommandDeclaration) throws(UsageError) -> Arguments {
    for option in options where option.isRequired && given[option.name] == nil {
      throw failure("--\(option.name) \(option.valueName) is missing")
    }
    let positionals = declaration.positionals
    if plainWords.count < positionals.count, positionals[plainWords.count].isRequired {
      throw failure("\(positionals[plainWords.count].name) is missing")
    }
    if plainWords.count > positionals.count, positionals.last?.isRepeating != true {
      throw failure("one word too many: \"\(plainWords[positionals.count])\"")
    }
    return Arguments(
      command: command, declaration: declaration, given: given, words: plainWords)
  }

  /// A lone hyphen is a word: it stands for standard input.
  private func isOption(_ word: String) -> Bool { word.hasPrefix("-") && word != "-" }

  private mutating func takeOption(_ word: String) throws(UsageError) {
    if word.hasPrefix("--") {
      let body = word.dropFirst(2)
      let name = String(body.prefix { $0 != "=" })
      let attached = body.count > name.count ? String(body.dropFirst(name.count + 1)) : nil
      guard let option = options.first(where: { $0.name == name }) else {
        throw unknownOption("--" + name)
      }
      try take(option, attached)
    } else {
      let body = word.dropFirst()
      guard let option = options.first(where: { $0.short == body.first }) else {
        throw unknownOption(word)
      }
      let attached = body.count > 1 ? String(body.dropFirst()) : nil
      if case .flag = option.value, attached != nil { throw unknownOption(word) }
      try take(option, attached)
    }
  }

  private mutating func take(
    _ option: OptionDeclaration, _ attached: String?
  ) throws(UsageError) {
    if case .flag = option.value {
      guard attached == nil else { throw failure("--\(option.name) takes no value") }
      given[option.name] = []
      return
    }
    var values: [String] = []
    if let attached {
      values = [attached]
    } else if case .words = option.value {
      while position < all.count, !isOption(all[position]) {
        values.append(all[position])
        position += 1
      }
    } else if position < all.count, !isDeclared(all[position]) {
      values = [all[position]]
      position += 1
    }
    guard !values.isEmpty else {
      throw failure("--\(option.name) needs a value: --\(option.name) \(option.valueName)")
    }
    for value in values {
      if let problem = ArgumentValue.problem(value, of: option) { throw failure(problem) }
    }
    guard option.isRepeatable || given[option.name] == nil else {
      throw failure("--\(option.name) is given twice")
    }
    given[option.name, default: []] += values
  }

  /// Whether a word is an option rather than a value that happens to begin with a hyphen.
  private func isDeclared(_ word: String) -> Bool {
    if word.hasPrefix("--") { return true }
    guard isOption(word) else { return false }
    return options.contains { option in
      option.short.map { word == "-\($0)" } ?? false
    }
  }

  private func unknownOption(_ word: String) -> UsageError {
    program.unknown("option", word, among: options.map { "--" + $0.name }, in: command)
  }

  private func failure(_ message: String) -> UsageError {
    UsageError(
      message: "\(([program.name] + command).joined(separator: " ")): " + message,
      hint: program.helpHint(command))
  }
}
