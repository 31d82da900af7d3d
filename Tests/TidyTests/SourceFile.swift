import Foundation

/// A file of the package as the house rules look at it: its lines, and the same lines with
/// comments, or the contents of string literals, blanked out.
struct SourceFile {
  /// From the package's folder, such as `Sources/MillraceCore/Limits.swift`.
  let path: String
  let lines: [String]
  /// Comments and the contents of literals are blanks; columns are kept.
  let code: [String]
  /// Comments only; everything else is blank.
  let comments: [String]
  /// A mark for each character inside a string literal, interpolations included; everything else
  /// is blank.
  let literals: [String]

  init(path: String, text: String) {
    self.path = path
    lines = SourceFile.split(text)
    var lexer = Lexer(text)
    lexer.run()
    code = SourceFile.split(String(String.UnicodeScalarView(lexer.code)))
    comments = SourceFile.split(String(String.UnicodeScalarView(lexer.comments)))
    literals = SourceFile.split(String(String.UnicodeScalarView(lexer.literals)))
  }

  /// The target a file belongs to: the folder below `Sources` or `Tests`; `Schemas` and
  /// `Benchmarks` are their own.
  var target: String {
    let parts = path.split(separator: "/")
    guard parts.count > 1 else { return "" }
    return ["Sources", "Tests"].contains(parts[0]) ? String(parts[1]) : String(parts[0])
  }

  var isTest: Bool { path.hasPrefix("Tests/") }

  /// The modules it imports, with the line of each.
  var imports: [(module: String, line: Int)] {
    code.enumerated().compactMap { index, line in
      let words = line.split(separator: " ")
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
      let isImport = words[..<place].allSatisfy {
        ["package", "internal", "private", "fileprivate"].contains($0) || $0.hasPrefix("@")
      }
      // `import struct Foundation.Data` names its module after a kind.
      let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      var name = words[place + 1]
      if kinds.contains(String(name)), place + 2 < words.count { name = words[place + 2] }
      return isImport ? (String(name.prefix { $0 != "." }), index) : nil
    }
  }

  private static func split(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}

/// Tells code from comments and from the contents of string literals.
private struct Lexer {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  /// How many interpolations, one inside the other, are open.
  private var interpolations = 0
  private(set) var code: [Unicode.Scalar] = []
  private(set) var comments: [Unicode.Scalar] = []
  private(set) var literals: [Unicode.Scalar] = []

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
  }

  mutating func run() {
    scanCode(untilParenthesis: false)
  }

  private func sees(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    return position + wanted.count <= scalars.count
      && scalars[position..<position + wanted.count].elementsEqual(wanted)
  }

  private enum Part {
    case code, comment, content
  }

  private mutating func take(_ count: Int = 1, as part: Part) {
    for _ in 0..<count where position < scalars.count {
      let scalar = scalars[position]
      let blank: Unicode.Scalar = scalar == "\n" ? "\n" : " "
      code.append(part == .code ? scalar : blank)
      comments.append(part == .comment ? scalar : blank)
      let isInLiteral = part == .content || interpolations > 0
      literals.append(isInLiteral && scalar != "\n" ? "x" : blank)
      position += 1
    }
  }

  /// Scans code to the end, or to the parenthesis that ends an interpolation.
  private mutating func scanCode(untilParenthesis: Bool) {
    var depth = 0
    while position < scalars.count {
      if sees("//") {
        while position < scalars.count, scalars[position] != "\n" { take(as: .comment) }
      } else if sees("/*") {
        scanBlockComment()
      } else if let hashes = literalStart() {
        scanLiteral(hashes: hashes)
      } else {
        if scalars[position] == "(" { depth += 1 }
        if scalars[position] == ")" {
          depth -= 1
          if untilParenthesis && depth < 0 { return }
        }
        take(as: .code)
      }
    }
  }

  private mutating func scanBlockComment() {
    var depth = 0
    repeat {
      if sees("/*") {
        depth += 1
        take(2, as: .comment)
      } else if sees("*/") {
        depth -= 1
        take(2, as: .comment)
      } else {
        take(as: .comment)
      }
    } while depth > 0 && position < scalars.count
  }

  /// How many number signs open the literal that begins here; nil when none begins.
  private func literalStart() -> Int? {
    var end = position
    while end < scalars.count, scalars[end] == "#" { end += 1 }
    return end < scalars.count && scalars[end] == "\"" ? end - position : nil
  }

  private mutating func scanLiteral(hashes: Int) {
    let sign = String(repeating: "#", count: hashes)
    take(hashes, as: .code)
    // Behind the three quotes of a literal of several lines, their line ends. Other three are one
    // quote that opens, and content.
    let quote = sees("\"\"\"\n") ? "\"\"\"" : "\""
    take(quote.count, as: .code)
    while position < scalars.count {
      if sees(quote + sign) {
        take(quote.count + hashes, as: .code)
        return
      }
      if sees("\\" + sign + "(") {
        take(2 + hashes, as: .content)
        interpolations += 1
        scanCode(untilParenthesis: true)
        interpolations -= 1
        take(as: .content)
      } else if sees("\\" + sign) {
        take(2 + hashes, as: .content)
      } else if scalars[position] == "\n" && quote == "\"" {
        // An unfinished literal does not swallow the rest of the file.
        return
      } else {
        take(as: .content)
      }
    }
  }
}

/// The package's own files.
enum Package {
  /// Found from where this file was compiled.
  static let folder: URL = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The Swift files of the program and its tests.
  static let swiftFiles: [SourceFile] =
    files(in: ["Sources", "Schemas", "Benchmarks", "Tests"]).filter { $0.path.hasSuffix(".swift") }

  /// Everything a reader of the package gets to see.
  static let textFiles: [SourceFile] = files(in: [
    "Sources", "Schemas", "Benchmarks", "Tests", "docs", "packaging", "Package.swift", "Makefile",
    "README.md", "CHANGELOG.md", ".ci",
  ])

  private static func files(in places: [String]) -> [SourceFile] {
    places.flatMap { place -> [SourceFile] in
      let start = folder.appending(path: place)
      let below = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
      let urls = (below.map { $0.compactMap { $0 as? URL } } ?? []) + [start]
      return urls.compactMap { url in
        // What is no text (a folder, a binary fixture) has no rules to keep.
        guard let data = FileManager.default.contents(atPath: url.path),
          let text = String(data: data, encoding: .utf8)
        else { return nil }
        return SourceFile(path: String(url.path.dropFirst(folder.path.count + 1)), text: text)
      }
    }.sorted { $0.path < $1.path }
  }
}
