import TestChildren
import Testing

@testable import millrace

/// What the program says about itself, and to words it does not know.
struct HelpTests {
  /// Every command and subcommand, with what its help must mention.
  private static let commands: [(words: [String], options: [String])] =
    Program.declaration.commands.flatMap { command in
      [([command.name], command)] + command.subcommands.map { ([command.name, $0.name], $0) }
    }.map { ($0.0, $0.1.allOptions.map(\.name)) }

  @Test func `help names every command`() async throws {
    let place = try Workplace()
    for words in [["--help"], ["help"]] {
      let result = await (try place.start(words)).end()
      #expect(result.exitCode == 0)
      #expect(result.complaints.isEmpty)
      for command in Program.declaration.commands {
        #expect(result.outputText.contains("\n  \(command.name) "), "\(command.name)")
      }
    }
  }

  @Test(arguments: commands.map(\.words))
  func `a command's help names its options`(words: [String]) async throws {
    let place = try Workplace()
    let options = try #require(HelpTests.commands.first { $0.words == words }).options
    let asked = await (try place.start(words + ["--help"])).end()
    let told = await (try place.start(["help"] + words)).end()
    #expect(asked.exitCode == 0 && told.exitCode == 0)
    #expect(asked.output == told.output)
    #expect(asked.complaints.isEmpty)
    for option in options { #expect(asked.outputText.contains("--\(option)"), "\(option)") }
  }

  @Test(arguments: [
    (["runn"], "did you mean \"run\"?"), (["run", "--onse"], "did you mean \"--once\"?"),
    (["subscriptions", "lst"], "did you mean \"list\"?"), ([], "Usage"),
    (["run", "--patience", "soon"], "--patience"),
    (["run", "--patience", "3s"], "belongs to --once"), (["status", "now"], "now"),
  ])
  func `words that are not understood get advice and 64`(
    words: [String], advice: String
  ) async throws {
    let result = await (try Workplace().start(words)).end()
    #expect(result.exitCode == 64)
    #expect(result.output.isEmpty)
    #expect(result.complaintText.contains(advice), "\(result.complaintText)")
  }

  @Test func `version names the program and its libraries`() async throws {
    let result = try await Workplace().run("version")
    #expect(result.exitCode == 0)
    for name in [
      "millrace ", "swift ", "libsqlite3 3.", "libcurl ", "libcrypto 3.", "libmicrohttpd ",
      "libyaml ", "libzstd 1.", "zlib 1.", "libmaxminddb 1.",
    ] {
      #expect(result.outputText.contains(name), "\(name)")
    }
    let report: [String: String] = try json(
      try await Workplace().run("version", "--json").outputText)
    #expect(report["libsqlite3"]?.hasPrefix("3.") == true && report.count == 10)
  }
}
