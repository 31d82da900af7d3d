import Foundation

/// Checks that all contenders do the same work: as many records, the same values.
enum ContenderCheck {
  static func run(
    _ contenders: [Contender], _ corpus: ContenderCorpus, _ folder: String
  ) async throws {
    // Foundation's, which is always there, is what the others are held against.
    guard let reference = contenders.first(where: { $0.output == .reshaped }) else { return }
    let expected = try fields(of: try await output(of: reference, corpus, folder))
    for contender in contenders where contender.output != .none {
      let lines = try await output(of: contender, corpus, folder)
      guard lines.count == corpus.records else {
        throw ChildFailure(
          description: "\(contender.name) wrote \(lines.count) lines for \(corpus.records) records")
      }
      switch contender.output {
      case .reshaped:
        let found = try fields(of: lines)
        for (index, pair) in zip(found, expected).enumerated() where pair.0 != pair.1 {
          throw ChildFailure(
            description: "\(contender.name), record \(index): \(pair.0) is not \(pair.1)")
        }
      case .native:
        let found = try fields(of: lines)
        for (index, pair) in zip(found, expected).enumerated()
        where pair.0["id"] != pair.1["id"]?.lowercased()
          || pair.0["operation"] != pair.1["operation"]
        {
          throw ChildFailure(
            description: "\(contender.name), record \(index) is not \(pair.1["id"] ?? "")")
        }
      case .lines, .none: continue
      }
    }
  }

  private static func output(
    of contender: Contender, _ corpus: ContenderCorpus, _ folder: String
  ) async throws -> [Data] {
    let path = folder + "/output"
    switch contender.way {
    case .filter(let command):
      _ = try await Programs.run(
        "/bin/sh", ["-c", "exec \"$0\" \"$@\" > '\(path)'"] + command + [corpus.path])
    case .conversation(let command):
      let conversation = try Conversation(contender.name, command(corpus.path))
      let answer = try conversation.ask("write \(path)")
      try conversation.end()
      guard answer.records == corpus.records else {
        throw ChildFailure(
          description: "\(contender.name) found \(answer.records) of \(corpus.records) records")
      }
    }
    return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: UInt8(ascii: "\n"))
  }

  /// The values of each line that are neither objects nor arrays, as text.
  private static func fields(of lines: [Data]) throws -> [[String: String]] {
    try lines.map { line in
      let object = try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
      return object.compactMapValues { value in
        switch value {
        case let text as String: text
        case let number as NSNumber: number.stringValue
        default: nil
        }
      }
    }
  }
}
