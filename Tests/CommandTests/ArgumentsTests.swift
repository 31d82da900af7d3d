import MillraceCore
import Testing

@testable import millrace

/// A program of the shape Millrace has.
private let program = ProgramDeclaration(
  name: "millrace", summary: "collects the audit logs of Microsoft 365",
  commands: [
    CommandDeclaration(
      name: "run", summary: "collect and deliver until told to stop",
      details: ["It lists, fetches and delivers. SIGTERM and SIGINT make it drain and stop."],
      options: [
        .flag("once", "deliver all there is now, then exit"),
        .duration(
          "patience", in: .seconds(1)...(.seconds(3600)), "how long to wait without progress",
          standard: "30s"),
      ],
      printsReport: true,
      examples: [("run --once", "collects what there is and exits")]),
    CommandDeclaration(
      name: "subscriptions", summary: "list, start and stop feeds",
      subcommands: [
        CommandDeclaration(
          name: "list", summary: "list the feeds of each tenant",
          options: [.text("tenant", "TENANT", "only this tenant", isRepeatable: true)]),
        CommandDeclaration(name: "start", summary: "start feeds"),
      ]),
    CommandDeclaration(
      name: "import", summary: "put stored blobs or records into the store",
      positionals: [
        PositionalDeclaration(
          name: "FILE", help: "a file; \"-\" is standard input", isRepeating: true)
      ]),
    CommandDeclaration(
      name: "replay", summary: "send stored content again",
      options: [
        .text("sink", "NAME", "the sink", isRequired: true), .time("from", "the first moment"),
        .integer("rate", in: 1...1000, "events a second", standard: 100),
        .size("chunk", "the size of a read", standard: "64KiB"),
      ],
      positionals: [PositionalDeclaration(name: "ID", help: "a blob", isRequired: false)]),
    CommandDeclaration(
      name: "simulate", summary: "serve a simulated tenant",
      options: [
        .words("records", "FILE", "records to serve"),
        .integer("events", in: 0...Int.max, "how many events to make up"),
        .choice("format", ["native", "raw", "ecs", "ocsf", "cef"], "how events are spelled"),
      ]),
    CommandDeclaration(name: "version", summary: "print versions"),
  ],
  examples: [("demo", "shows it on made-up records")])

/// Parses a line split at blanks that is expected to name a command.
private func run(
  _ line: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Arguments {
  switch try program.parse(line.split(separator: " ").map(String.init)) {
  case .run(let arguments): return arguments
  case .help(let text):
    Issue.record("help was printed", sourceLocation: sourceLocation)
    throw UsageError(message: text)
  }
}

/// What is said about a line that is expected to be wrong; the first line of it.
private func complaint(
  _ line: String, sourceLocation: SourceLocation = #_sourceLocation
) -> String {
  do throws(UsageError) {
    _ = try program.parse(line.split(separator: " ").map(String.init))
  } catch {
    return String(error.message.prefix { $0 != "\n" })
  }
  Issue.record("it was accepted", sourceLocation: sourceLocation)
  return ""
}

private func help(_ line: String) throws -> String {
  guard case .help(let text) = try program.parse(line.split(separator: " ").map(String.init))
  else { throw UsageError(message: "no help was printed") }
  return text
}

struct ArgumentsTests {
  @Test func `the declarations used here are sound`() {
    program.assertSound()
  }

  @Test func `options are read in both spellings, before and after the command`() throws {
    for line in [
      "run --config a.yaml --once", "run --once --config=a.yaml", "--config a.yaml run --once",
      "-c a.yaml run --once", "run -ca.yaml --once",
    ] {
      let arguments = try run(line)
      #expect(arguments.command == ["run"])
      #expect(arguments.string("config") == "a.yaml")
      #expect(arguments.flag("once"))
    }
    let arguments = try run("run --config=a=b")
    #expect(arguments.string("config") == "a=b")
    #expect(!arguments.flag("once") && !arguments.flag("json"))
  }

  @Test func `defaults stand in for what is not given`() throws {
    let arguments = try run("run")
    #expect(arguments.duration("patience") == .seconds(30))
    #expect(!arguments.isGiven("patience"))
    #expect(arguments.string("log-level") == "info")
    #expect(arguments.string("config") == nil)
    let replay = try run("replay --sink a")
    #expect(replay.integer("rate") == 100)
    #expect(replay.size("chunk") == 65_536)
    #expect(replay.time("from") == nil)
    #expect(replay.word("ID") == nil)
  }

  @Test func `values have the types they are declared with`() throws {
    let replay = try run("replay --from 2026-03-04 --rate=7 --chunk 2MiB --sink siem blob-1")
    #expect(replay.string("sink") == "siem")
    #expect(replay.integer("rate") == 7)
    #expect(replay.size("chunk") == 2 << 20)
    #expect(replay.time("from") == Timestamp("2026-03-04T00:00:00Z"))
    #expect(replay.word("ID") == "blob-1")
    #expect(try run("run --patience 2m").duration("patience") == .seconds(120))
    enum Format: String { case native, raw, ecs, ocsf, cef }
    #expect(try run("simulate --format ecs").choice("format", as: Format.self) == .ecs)
  }

  @Test func `lists of words end at the next option`() throws {
    let arguments = try run("simulate --records a b - --events 5 --records=c")
    #expect(arguments.strings("records") == ["a", "b", "-", "c"])
    #expect(arguments.integer("events") == 5)
    let list = try run("subscriptions list --tenant a --tenant=b")
    #expect(list.command == ["subscriptions", "list"])
    #expect(list.strings("tenant") == ["a", "b"])
    #expect(try run("simulate").strings("records") == [])
  }

  @Test func `words are collected, and two hyphens end the options`() throws {
    #expect(try run("import a - b").words("FILE") == ["a", "-", "b"])
    #expect(try run("import -- --help -x").words("FILE") == ["--help", "-x"])
    #expect(try run("--log-level debug subscriptions start").string("log-level") == "debug")
    #expect(
      try run("--log-level debug subscriptions -c x start").string("config") == "x")
  }

  @Test(arguments: [
    ("runn", "millrace: unknown command \"runn\"; did you mean \"run\"?"),
    ("xyzzy", "millrace: unknown command \"xyzzy\""),
    ("run --onse", "millrace run: unknown option \"--onse\"; did you mean \"--once\"?"),
    ("run -x", "millrace run: unknown option \"-x\""),
    ("--once run", "millrace: unknown option \"--once\""),
    (
      "subscriptions lsit",
      "millrace subscriptions: unknown command \"lsit\"; did you mean \"list\"?"
    ),
    ("subscriptions", "millrace subscriptions: a command is missing: list, start"),
    ("help runn", "millrace: unknown command \"runn\"; did you mean \"run\"?"),
    ("import", "millrace import: FILE is missing"),
    ("replay", "millrace replay: --sink NAME is missing"),
    ("run extra", "millrace run: one word too many: \"extra\""),
    ("replay --sink a b c", "millrace replay: one word too many: \"c\""),
    ("run --config", "millrace run: --config needs a value: --config FILE"),
    ("run --config --once", "millrace run: --config needs a value: --config FILE"),
    ("run --config=", "millrace run: --config needs a FILE that is not empty"),
    ("run --once=yes", "millrace run: --once takes no value"),
    ("run --config a --config b", "millrace run: --config is given twice"),
    ("--config a run --config b", "millrace run: --config is given twice"),
    ("replay --sink a --rate 0", "millrace replay: --rate may be 1 to 1000, not 0"),
    ("replay --sink a --rate 1k", "millrace replay: --rate needs a whole number, not \"1k\""),
    ("simulate --events -1", "millrace simulate: --events may be 0 or more, not -1"),
    (
      "simulate --events 99999999999999999999",
      "millrace simulate: --events needs a whole number, not \"99999999999999999999\""
    ),
    (
      "simulate --format escs",
      "millrace simulate: --format may be native, raw, ecs, ocsf, cef, not \"escs\"; "
        + "did you mean \"ecs\"?"
    ),
    ("run --patience 2h", "millrace run: --patience may be 1s to 1h, not 2h"),
    (
      "run --patience 30",
      "millrace run: --patience needs a duration such as 500ms, 30s, 15m, 24h, 30d or 1h30m, "
        + "not \"30\""
    ),
    (
      "replay --sink a --from yesterday",
      "millrace replay: --from needs a day such as 2026-03-04, "
        + "or a time such as 2026-03-04T08:15:00Z, not \"yesterday\""
    ),
    (
      "simulate --records --events 1", "millrace simulate: --records needs a value: --records FILE…"
    ),
  ])
  func `what does not fit is told`(line: String, message: String) {
    #expect(complaint(line) == message)
  }

  @Test func `an error says where to read on`() {
    let error = #expect(throws: UsageError.self) { try program.parse(["subscriptions", "stat"]) }
    #expect(error?.description.hasSuffix("\nSee \"millrace help subscriptions\".") == true)
    let nothing = #expect(throws: UsageError.self) { try program.parse([]) }
    #expect(nothing?.description == program.overview)
  }

  @Test func `help is found wherever it is asked for`() throws {
    let overview = try help("--help")
    #expect(try help("help") == overview && help("-h") == overview && help("help help") == overview)
    let run = try help("help run")
    #expect(try help("run --help") == run && help("run --onse -h") == run)
    #expect(try help("--help run") == run)
    let list = try help("help subscriptions list")
    #expect(try help("subscriptions list --help") == list)
    #expect(try help("subscriptions --help list") == list)
    #expect(try help("subscriptions --help") == help("help subscriptions"))
  }

  @Test func `version is a command and an option`() throws {
    #expect(try run("--version").command == ["version"])
    #expect(try run("version").command == ["version"])
  }

  @Test func `help stays within 80 columns`() throws {
    for line in ["help"] + program.commands.map({ "help " + $0.name }) {
      for row in try help(line).split(separator: "\n") {
        #expect(row.count <= 80, "\(line): \(row)")
      }
    }
  }

  @Test func `the overview names commands, common options and exit codes`() throws {
    let text = try help("help")
    for command in program.commands { #expect(text.contains("\n  \(command.name) ")) }
    for code in ExitCode.allCases {
      #expect(text.contains("\n  \(code.rawValue) ") && text.contains(code.meaning))
    }
    for option in ["--config", "--log-level", "--log-format", "--help"] {
      #expect(text.contains(option))
    }
  }

  @Test func `the help of a command says it all`() throws {
    #expect(
      try help("help run") == """
        millrace run: collect and deliver until told to stop

        Usage:
          millrace run [OPTIONS]

        It lists, fetches and delivers. SIGTERM and SIGINT make it drain and stop.

        Options:
              --once           deliver all there is now, then exit
              --patience TIME  how long to wait without progress (default: 30s)
              --json           print the report as JSON

        Options of every command:
          -c, --config FILE           the configuration (default: $MILLRACE_CONFIG, else
                                      ./millrace.yaml, else /etc/millrace/millrace.yaml)
              --log-level WORD        what is logged to standard error: debug, info,
                                      warning, error (default: info)
              --log-format text|json  how it is spelled (default: text)
          -h, --help                  show this help

        Examples:
          millrace run --once
              collects what there is and exits

        """)
    #expect(try help("help replay").contains("millrace replay --sink NAME [OPTIONS] [ID]\n"))
    #expect(try help("help import").contains("millrace import [OPTIONS] FILE…\n"))
  }
}
