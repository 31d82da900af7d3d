import MillraceConfiguration
import MillraceCore

/// A command line that cannot be understood; the program says why and exits with 64.
struct UsageError: Error, Equatable, CustomStringConvertible {
  /// What is wrong, with the program's and the command's name in front.
  let message: String
  /// Where to read on; empty when the message is the whole help.
  var hint = ""

  /// Message and hint, a line each.
  var description: String { hint.isEmpty ? message : message + "\n" + hint }
}

/// What a command line asks for.
enum Invocation {
  /// Run a command.
  case run(Arguments)
  /// Print this text to standard output and exit with 0.
  case help(String)
}

/// The words of a command line, checked against the declaration of their command.
///
/// Asking for an option under the wrong type, or for one that is not declared, is a programmer's
/// error and stops the program.
struct Arguments {
  /// The names of the command and of the one below it, if any: `["subscriptions", "list"]`.
  let command: [String]
  private let declaration: CommandDeclaration
  private var given: [String: [String]]
  /// The words that are no options, in order.
  let words: [String]

  init(
    command: [String], declaration: CommandDeclaration, given: [String: [String]], words: [String]
  ) {
    self.command = command
    self.declaration = declaration
    self.given = given
    self.words = words
  }

  /// Whether the option stands on the command line.
  func isGiven(_ name: String) -> Bool {
    _ = option(name)
    return given[name] != nil
  }

  /// Whether a flag is given.
  func flag(_ name: String) -> Bool {
    guard case .flag = option(name).value else { preconditionFailure("--\(name) is a flag") }
    return given[name] != nil
  }

  /// The text or word of an option, given or by default; nil when there is none.
  func string(_ name: String) -> String? {
    switch option(name).value {
    case .text, .choice: return value(name)
    default: preconditionFailure("--\(name) is text or a choice")
    }
  }

  /// All texts of an option that may be repeated; empty when it is not given.
  func strings(_ name: String) -> [String] {
    let option = option(name)
    precondition(option.isRepeatable, "--\(name) may be repeated")
    return given[name] ?? option.standard.map { [$0] } ?? []
  }

  /// The number of an option, given or by default; nil when there is none.
  func integer(_ name: String) -> Int? {
    guard case .integer = option(name).value else { preconditionFailure("--\(name) is a number") }
    return value(name).flatMap { ArgumentValue.wholeNumber($0) }
  }

  /// The duration of an option, given or by default; nil when there is none.
  func duration(_ name: String) -> Duration? {
    guard case .duration = option(name).value else {
      preconditionFailure("--\(name) is a duration")
    }
    return value(name).flatMap { Quantity.duration($0) }
  }

  /// The size in bytes of an option, given or by default; nil when there is none.
  func size(_ name: String) -> Int64? {
    guard case .size = option(name).value else { preconditionFailure("--\(name) is a size") }
    return value(name).flatMap { Quantity.size($0) }
  }

  /// The time of an option; nil when it is not given. A day means its beginning in UTC.
  func time(_ name: String) -> Timestamp? {
    guard case .time = option(name).value else { preconditionFailure("--\(name) is a time") }
    return value(name).flatMap { Timestamp($0) }
  }

  /// The member of an enumeration that a choice names; nil when there is none.
  func choice<Choice: RawRepresentable>(
    _ name: String, as type: Choice.Type = Choice.self
  ) -> Choice? where Choice.RawValue == String {
    guard let word = string(name) else { return nil }
    guard let choice = Choice(rawValue: word) else {
      preconditionFailure("every word of --\(name) is one of \(Choice.self)")
    }
    return choice
  }

  /// The words given for a positional of this name; empty when it is optional and not given.
  func words(_ name: String) -> [String] {
    guard let index = declaration.positionals.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(name) is a word of \(declaration.name)")
    }
    guard index < words.count else { return [] }
    return declaration.positionals[index].isRepeating ? Array(words[index...]) : [words[index]]
  }

  /// The word given for a positional of this name; nil when it is optional and not given.
  func word(_ name: String) -> String? { words(name).first }

  private func value(_ name: String) -> String? { given[name]?.last ?? option(name).standard }

  private func option(_ name: String) -> OptionDeclaration {
    guard let option = declaration.allOptions.first(where: { $0.name == name }) else {
      preconditionFailure("--\(name) is an option of \(declaration.name)")
    }
    return option
  }
}
