/// A place where a house rule is broken.
struct Violation: Hashable, CustomStringConvertible {
  let path: String
  /// Counted from 1.
  let line: Int
  let words: String

  init(_ file: SourceFile, _ index: Int, _ words: String) {
    path = file.path
    line = index + 1
    self.words = words
  }

  var description: String { "\(path):\(line): \(words)" }
}

/// The house rules that a program can check; docs/architecture.md has their reasons.
enum Rules {
  typealias Rule = @Sendable (SourceFile) -> [Violation]

  /// Which modules of ours a module may import.
  static let directions: [String: Set<String>] = [
    "Schemas": [],
    "MillraceCore": [],
    "MillraceCrypto": [],
    "MillraceRuntime": ["MillraceCore"],
    "MillraceEvents": ["MillraceCore"],
    "MillraceConfiguration": ["MillraceCore"],
    "MillraceCompression": [],
    "MillraceStore": [
      "MillraceCore", "MillraceRuntime", "MillraceCrypto", "MillraceCompression", "MillraceSchemas",
    ],
    "MillraceLocation": ["MillraceCore", "MillraceRuntime", "MillraceEvents"],
    "MillracePseudonyms": ["MillraceCore", "MillraceCrypto", "MillraceEvents"],
    "MillraceImport": ["MillraceCore", "MillraceCompression", "MillraceEvents"],
    "MillraceHTTP": ["MillraceCore", "MillraceRuntime", "MillraceCompression"],
    "MillraceSource": ["MillraceCore", "MillraceRuntime", "MillraceHTTP", "MillraceCrypto"],
    "MillraceStreams": ["MillraceCore", "MillraceRuntime"],
    "MillraceSinks": [
      "MillraceCore", "MillraceRuntime", "MillraceEvents", "MillraceCompression",
      "MillraceStreams",
    ],
    "MillraceHTTPSinks": [
      "MillraceCore", "MillraceRuntime", "MillraceCompression", "MillraceEvents", "MillraceHTTP",
      "MillraceSinks",
    ],
    "MillraceReceivers": [
      "MillraceCore", "MillraceRuntime", "MillraceCompression", "MillraceEvents", "MillraceHTTP",
    ],
    "MillraceKafkaSink": ["MillraceCore", "MillraceRuntime", "MillraceSinks"],
    "MillraceCampaign": [
      "MillraceCore", "MillraceRuntime", "MillraceCrypto", "MillraceStore", "MillraceSimulator",
    ],
    "MillraceDoctor": [
      "MillraceCore", "MillraceRuntime", "MillraceHTTP", "MillraceSource", "MillraceStore",
      "MillraceConfiguration", "MillracePipeline", "MillraceSinks", "MillraceHTTPSinks",
      "MillraceStreams", "MillracePseudonyms", "MillraceLocation",
    ],
    "MillraceSimulator": [
      "MillraceCore", "MillraceRuntime", "MillraceCrypto", "MillraceCompression", "MillraceHTTP",
      "MillraceConfiguration",
    ],
  ]

  /// Who may import a C library.
  static let cLibraries: [String: Set<String>] = [
    "CSQLite": ["MillraceStore"],
    "CCurl": ["MillraceHTTP"],
    "CMicroHTTPD": ["MillraceHTTP"],
    "CZlib": ["MillraceCompression"],
    "CZstd": ["MillraceCompression"],
    "CYAML": ["MillraceConfiguration"],
    "CMaxMindDB": ["MillraceLocation"],
    "COpenSSL": ["MillraceCrypto"],
    "CSSL": ["MillraceStreams"],
    "CRDKafka": ["MillraceKafkaSink"],
    "CMillrace": ["MillraceRuntime", "MillraceSinks"],
    "CMillraceScan": ["MillraceEvents"],
  ]

  static let withoutFoundation: Set<String> = [
    "Schemas", "MillraceCore", "MillraceRuntime", "MillraceEvents", "MillraceStore", "MillraceHTTP",
    "MillraceSinks", "MillraceCrypto", "MillraceCompression", "MillraceImport",
    "MillraceLocation", "MillraceStreams", "MillracePseudonyms", "MillraceHTTPSinks",
    "MillraceReceivers", "MillraceKafkaSink",
  ]

  static let imports: Rule = { file in
    guard !file.isTest else { return [] }
    return file.imports.flatMap { module, line in
      var broken: [Violation] = []
      if let users = cLibraries[module], !users.contains(file.target) {
        broken.append(Violation(file, line, "\(module) is for \(users.sorted()) alone"))
      }
      if withoutFoundation.contains(file.target), module.hasPrefix("Foundation") {
        broken.append(Violation(file, line, "\(file.target) does without \(module)"))
      }
      if module.hasPrefix("Millrace"), let allowed = directions[file.target],
        !allowed.contains(module)
      {
        broken.append(Violation(file, line, "\(file.target) does not build on \(module)"))
      }
      if module == "millrace", file.target != "millrace" {
        broken.append(Violation(file, line, "nothing builds on the program itself"))
      }
      return broken
    }
  }

  /// Calls that are refused outside tests, each with what to do in its place.
  static let bannedCalls: [(call: String, advice: String)] = [
    ("try!", "handle the error"),
    ("as!", "cast with as? and handle nil"),
    ("fatalError(", "use precondition with the invariant in words"),
    ("DispatchQueue", "use ThreadExecutor, ConditionLock or Mutex"),
  ]

  static let calls: Rule = { file in
    guard !file.isTest else { return [] }
    var banned = bannedCalls
    if file.path.hasPrefix("Sources/"), file.target != "millrace" {
      banned.append(("print(", "log, or return a value"))
    }
    return each(file.code, in: file) { line in
      banned.filter { has($0.call, in: line) }.map { "\($0.call): \($0.advice)" }
    }
  }

  static let uncheckedSendable: Rule = { file in
    file.code.enumerated().flatMap { index, line -> [Violation] in
      guard line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") else {
        return []
      }
      let above = file.comments[max(0, index - 5)..<index].joined(separator: " ").lowercased()
      guard !above.contains("sound") else { return [] }
      return [Violation(file, index, "no proof above that this is sound")]
    }
  }

  static let reminders: Rule = { file in
    each(file.lines, in: file) { line in
      // Put together here, so that this file keeps its own rule.
      ["TO" + "DO", "FIX" + "ME"].filter { line.contains($0) }.map { "leftover \($0)" }
    }
  }

  static let lineLength: Rule = { file in
    guard file.path.hasSuffix(".swift"), tables[file.path] == nil else { return [] }
    return file.lines.indices.compactMap { index in
      guard file.lines[index].count > 100 else { return nil }
      // A literal may be as long as it must; the code around it may not.
      let literal = file.literals[index].count { $0 != " " }
      let isComment = !file.comments[index].allSatisfy { $0 == " " }
      if !isComment && file.lines[index].count - literal <= 100 && literal > 0 { return nil }
      return Violation(file, index, "\(file.lines[index].count) columns")
    }
  }

  /// Files that are tables of data, and why they need not be short.
  static let tables: [String: String] = [:]

  static let fileLength: Rule = { file in
    guard file.path.hasSuffix(".swift"), tables[file.path] == nil, file.lines.count > 501 else {
      return []
    }
    return [Violation(file, 500, "\(file.lines.count) lines; a file has one purpose")]
  }

  /// Functions end at the brace that closes them; those of protocols have none.
  static let functionLength: Rule = { file in
    guard tables[file.path] == nil else { return [] }
    return file.code.indices.compactMap { start in
      guard isFunction(file.code[start]), let end = closingBrace(of: start, in: file.code),
        end - start + 1 > 80
      else { return nil }
      return Violation(file, start, "a function of \(end - start + 1) lines")
    }
  }

  /// Names whose meaning a protocol gives: documented there.
  static let documentedElsewhere: Set<String> = [
    // The standard library's.
    "==", "<", "hash", "description", "debugDescription", "customMirror", "errorDescription",
    "enqueue", "unownedExecutor", "next", "makeIterator", "encode", "id",
    // WallClock's, HTTPClient's, Sink's, and those of credentials.
    "now", "send", "name", "open", "deliver", "committed", "close", "formFields", "identityToken",
    "issue",
  ]

  static let documentation: Rule = { file in
    guard !file.isTest else { return [] }
    var enclosing = Enclosing()
    return file.code.indices.compactMap { index -> Violation? in
      let line = file.code[index]
      defer { enclosing.follow(line) }
      guard let name = declaredName(line) else { return nil }
      if enclosing.conforms && documentedElsewhere.contains(name) { return nil }
      var above = index - 1
      // Attributes stand between a comment and its declaration.
      while above >= 0, file.code[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
      if above >= 0, file.lines[above].drop(while: { $0 == " " }).hasPrefix("///") { return nil }
      return Violation(file, index, "\(name) has no documentation")
    }
  }

  /// Where a test may wait for the clock, and why nothing else will do.
  static let sleepers: [String: String] = [:]

  static let sleeping: Rule = { file in
    guard file.isTest, sleepers[file.path] == nil else { return [] }
    return each(file.code, in: file) { line in
      ["Task.sleep", "usleep(", "nanosleep(", "sleep("].filter { has($0, in: line) }.prefix(1)
        .map { "\($0): wait for what happens, not for the clock" }
    }
  }

  static let machinePaths: Rule = { file in
    each(file.lines, in: file) { line in
      ["work", "root"].map { "/" + $0 + "/" }.filter { line.contains($0) }
        .map { "\($0) is a path of one machine" }
    }
  }

  // MARK: Reading code

  private static func each(
    _ lines: [String], in file: SourceFile, _ complaints: (String) -> [String]
  ) -> [Violation] {
    lines.enumerated().flatMap { index, line in
      complaints(line).map { Violation(file, index, $0) }
    }
  }

  /// Whether `call` stands in a line, not as the end of a longer name.
  private static func has(_ call: String, in line: String) -> Bool {
    line.ranges(of: call).contains { range in
      guard let before = line[..<range.lowerBound].last else { return true }
      return !before.isLetter && !before.isNumber && before != "_"
    }
  }

  private static func words(_ line: String) -> [Substring] {
    line.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "@" }
  }

  private static func isFunction(_ line: String) -> Bool {
    let beginning = line.prefix { $0 != "{" && $0 != "=" && $0 != "(" && $0 != "`" }
    let names = words(String(beginning))
    return names.contains("func") || names.contains("init") && line.contains("(")
      || names.contains("deinit")
  }

  private static func closingBrace(of start: Int, in code: [String]) -> Int? {
    var depth = 0
    var hasBegun = false
    for index in start..<code.count {
      for character in code[index] {
        if character == "{" { (depth, hasBegun) = (depth + 1, true) }
        if character == "}" { depth -= 1 }
        if depth < 0 { return nil }
        if hasBegun && depth == 0 { return index }
      }
      // The next declaration began: this one has no body.
      if !hasBegun && index > start && isFunction(code[index]) { return nil }
    }
    return nil
  }

  /// The name a line declares for other modules; nil when it declares none.
  private static func declaredName(_ line: String) -> String? {
    let parts = line.split(separator: " ")
    guard parts.first == "package" || parts.contains("package"), !parts.contains("import") else {
      return nil
    }
    let kinds: Set<Substring> = [
      "func", "var", "let", "struct", "class", "enum", "protocol", "actor", "typealias",
      "subscript",
      "macro",
    ]
    if let kind = parts.firstIndex(where: { kinds.contains($0) && $0 != "class" })
      ?? parts.firstIndex(of: "class"), kind + 1 < parts.count
    {
      let name = parts[kind + 1].prefix { !"(:<{=".contains($0) }
      return name.isEmpty ? String(parts[kind + 1].prefix { $0 != "(" }) : String(name)
    }
    return parts.contains { $0.hasPrefix("init") } ? "init" : nil
  }
}

/// Follows braces; each open one remembers whether it belongs to a type or an extension that
/// conforms to something.
private struct Enclosing {
  private var braces: [Bool] = []
  /// What stands before the next brace, over several lines if it is the head of a type.
  private var head = ""

  var conforms: Bool { braces.last ?? false }

  private var isType: Bool {
    ["extension ", "struct ", "class ", "enum ", "actor "].contains { head.contains($0) }
  }

  mutating func follow(_ line: String) {
    for character in line {
      switch character {
      case "{":
        braces.append(isType && head.contains(":"))
        head = ""
      case "}":
        _ = braces.popLast()
        head = ""
      default:
        head.append(character)
      }
    }
    if !isType { head = "" }
  }
}
