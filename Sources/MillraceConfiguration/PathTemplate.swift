internal import Glibc

/// A file path with placeholders, each filled in per event: `/var/log/{tenant}-{date}.ndjson`.
package struct PathTemplate: Hashable, Sendable, CustomStringConvertible {
  /// What stands between braces.
  package enum Placeholder: String, CaseIterable, Sendable {
    /// The tenant's name.
    case tenant
    /// The content type, such as `Audit.Exchange`.
    case contentType = "content_type"
    /// The workload of the event.
    case workload
    /// The day of the event in UTC, `2026-03-04`.
    case date
    /// The hour of the event in UTC, `00` to `23`.
    case hour
  }

  /// A piece of the path.
  package enum Part: Hashable, Sendable {
    case text(String)
    case placeholder(Placeholder)
  }

  /// Why a template is refused.
  struct Problem: Error {
    let message: String
    var hint = ""
  }

  /// The path in order; no two texts follow each other.
  package let parts: [Part]
  /// As it is written.
  package let description: String

  /// Reads a template.
  init(_ text: String) throws(Problem) {
    description = text
    var parts: [Part] = []
    var rest = text[...]
    while !rest.isEmpty {
      let plain = rest.prefix { $0 != "{" && $0 != "}" }
      if !plain.isEmpty { parts.append(.text(String(plain))) }
      rest = rest[plain.endIndex...]
      guard let brace = rest.first else { break }
      guard brace == "{", let close = rest.firstIndex(of: "}") else {
        throw Problem(message: "a brace has no partner")
      }
      let name = rest[rest.index(after: rest.startIndex)..<close]
      guard let placeholder = Placeholder(rawValue: String(name)) else {
        let known = Placeholder.allCases.map(\.rawValue)
        let match = suggestion(for: name, among: known)
        throw Problem(
          message: "unknown placeholder {\(name.prefix(60))}",
          hint: match.map { "did you mean {\($0)}?" }
            ?? "known are " + known.map { "{\($0)}" }.joined(separator: ", "))
      }
      parts.append(.placeholder(placeholder))
      rest = rest[rest.index(after: close)...]
    }
    self.parts = parts
  }

  /// The path with placeholders replaced by what `value` says; where it says nothing they stay.
  func filled(_ value: (Placeholder) -> String?) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .placeholder(let placeholder): value(placeholder) ?? "{\(placeholder.rawValue)}"
      }
    }.joined()
  }
}

/// A path made absolute, without `.`, `..` and doubled slashes: two spellings of one file become
/// equal, as far as spelling goes.
func normalizedPath(_ path: String) -> String {
  var whole = path
  if !path.hasPrefix("/") {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    if let folder = getcwd(&buffer, buffer.count) { whole = String(cString: folder) + "/" + path }
  }
  var parts: [Substring] = []
  for part in whole.split(separator: "/") where part != "." {
    if part == ".." {
      _ = parts.popLast()
    } else {
      parts.append(part)
    }
  }
  return "/" + parts.joined(separator: "/")
}
