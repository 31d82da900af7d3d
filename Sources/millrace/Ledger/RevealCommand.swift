import Glibc
import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillracePseudonyms

/// `reveal`: turns pseudonyms back into what they stand for, for who holds the key.
struct RevealCommand {
  static let declaration = CommandDeclaration(
    name: "reveal",
    summary: "turn pseudonyms back into what they stand for",
    details: [
      "Takes pseudonyms, or reads them from standard input, one a line, and prints what each "
        + "stands for in the same order. The keys are those called reveal_key in the configuration; "
        + "the sinks' own, unless others are given: after a change of keys, give the old ones too.",
      "Exit code 77: made with a key that is not at hand; 65: one-way, damaged, or no pseudonym.",
    ],
    options: [
      .text(
        "key", "file:PATH", "a key, as configurations name it: file:PATH or credential:NAME",
        isRepeatable: true),
      .text("key-file", "PATH", "the same as --key file:PATH", isRepeatable: true),
      .flag("in-text", "read lines of any text, and replace the pseudonyms in them"),
    ],
    positionals: [
      PositionalDeclaration(
        name: "PSEUDONYM", help: "a pseudonym; without any they are read from standard input",
        isRequired: false, isRepeating: true)
    ],
    printsReport: true,
    examples: [
      ("reveal --key file:reveal.key mp1r…", "prints the name"),
      ("reveal --key-file reveal.key --in-text < alert.json", "prints the alert with its names"),
    ])

  private let revealer: Revealer
  private let isJSON: Bool
  private var worst = ExitCode.done
  private var failureCount = 0
  private var oneWayCount = 0
  /// Of more than these a text is full for one reason.
  private static let failuresSaidMax = 20

  private init(revealer: Revealer, isJSON: Bool) {
    self.revealer = revealer
    self.isJSON = isJSON
  }

  static func run(_ invoked: Invoked) throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    var command = RevealCommand(
      revealer: Revealer(keys: try keys(invoked)), isJSON: arguments.flag("json"))
    let words = arguments.words("PSEUDONYM")
    let isText = arguments.flag("in-text")
    if isText, !words.isEmpty || command.isJSON {
      throw CommandFailure(
        "--in-text reads standard input and writes it again; it takes no PSEUDONYM, and no --json",
        .badUsage)
    }
    for word in words { try command.reveal(word) }
    if words.isEmpty {
      try StandardInputLines.read { (line) throws(CommandFailure) in
        if isText { return try command.rewrite(line) }
        let word = String(decoding: line.filter { $0 > 0x20 }, as: UTF8.self)
        if !word.isEmpty { try command.reveal(word) }
      }
    }
    command.sum()
    return command.worst
  }

  // MARK: Keys

  /// The keys given by options, else those of the configuration.
  private static func keys(_ invoked: Invoked) throws(CommandFailure) -> [PseudonymKey] {
    let files = invoked.arguments.strings("key-file").map { "file:" + $0 }
    let given = invoked.arguments.strings("key") + files
    var secrets: [Secret] = []
    for reference in given {
      guard
        let secret = Secret(
          reference: reference, source: "--key", environment: invoked.environment)
      else {
        throw CommandFailure(
          "--key needs file:PATH or credential:NAME: a key itself would show in the list of "
            + "processes", .badUsage)
      }
      secrets.append(secret)
    }
    if given.isEmpty {
      secrets = try invoked.configuration().sinks.compactMap { $0.pseudonyms?.revealKey }
    }
    guard !secrets.isEmpty else {
      throw CommandFailure(
        "no sink of the configuration has a reveal_key; give one: --key file:PATH", .badUsage)
    }
    var keys: [PseudonymKey] = []
    for secret in secrets { keys.append(try key(secret)) }
    return keys
  }

  private static func key(_ secret: Secret) throws(CommandFailure) -> PseudonymKey {
    if let issue = secret.fileModeIssue { Output.say("millrace: warning: \(issue.description)") }
    let text: String
    do throws(ConfigurationError) { text = try secret.read() } catch {
      throw CommandFailure(error.description, .badConfiguration)
    }
    do throws(PseudonymKey.Problem) { return try PseudonymKey(text) } catch {
      let place = secret.filePath.map { "\($0): " } ?? ""
      throw CommandFailure(place + "\(error.description); \(error.hint)", .badConfiguration)
    }
  }

  // MARK: Revealing

  private mutating func reveal(_ word: String) throws(CommandFailure) {
    let outcome = revealer.reveal(word)
    note(outcome)
    if isJSON { return try Output.line(RevealReport(word, outcome, revealer).json) }
    if case .revealed(let text) = outcome { return try Output.line(text) }
    Output.say("millrace: \(word): \(RevealReport.explanation(outcome, revealer))")
  }

  /// Writes a line with its pseudonyms turned back. Those that nothing turns back stay, and are
  /// counted.
  private mutating func rewrite(_ line: [UInt8]) throws(CommandFailure) {
    let (text, failures) = revealer.revealAll(in: line)
    try Output.data(text + [UInt8(ascii: "\n")])
    for (word, outcome) in failures {
      if outcome == .oneWay {
        oneWayCount += 1
        continue
      }
      note(outcome)
      failureCount += 1
      guard failureCount <= RevealCommand.failuresSaidMax else { continue }
      Output.say("millrace: \(word): \(RevealReport.explanation(outcome, revealer))")
    }
  }

  /// Says how many pseudonyms stayed.
  private func sum() {
    if failureCount > RevealCommand.failuresSaidMax {
      Output.say("millrace: \(failureCount) pseudonyms could not be turned back")
    }
    if oneWayCount > 0 {
      Output.say("millrace: one-way pseudonyms, which stayed: \(oneWayCount)")
    }
  }

  private mutating func note(_ outcome: Revealer.Outcome) {
    switch outcome {
    case .revealed: return
    case .otherKey: worst = .refused
    case .oneWay, .damaged, .unknown: if worst != .refused { worst = .badData }
    }
  }
}
