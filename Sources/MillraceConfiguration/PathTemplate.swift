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

  /// The same path made absolute, without `.`, `..` and doubled slashes, and with the links of the
  /// folders before the first placeholder followed: two spellings of one file become equal, as
  /// far as that shows before anything is filled in.
  func resolved() -> PathTemplate {
    do {
      return try PathTemplate(resolvedPath(description))
    } catch {
      preconditionFailure("the folders of a template have no braces")
    }
  }
}

private func resolvedPath(_ path: String) -> String {
  let whole = path.hasPrefix("/") ? path : (canonicalPath(".") ?? "") + "/" + path
  let parts = whole.split(separator: "/").filter { $0 != "." }
  var resolved: [Substring] = []
  var isFixed = true
  for (index, part) in parts.enumerated() {
    if part == ".." {
      _ = resolved.popLast()
      continue
    }
    resolved.append(part)
    // The last part is the file, and a sink follows no link in its place.
    isFixed = isFixed && !part.contains("{") && index < parts.count - 1
    guard isFixed, let real = canonicalPath("/" + resolved.joined(separator: "/")) else { continue }
    resolved = real.split(separator: "/")
  }
  return "/" + resolved.joined(separator: "/")
}

/// A path without links; nil when nothing is there.
private func canonicalPath(_ path: String) -> String? {
  guard let real = realpath(path, nil) else { return nil }
  defer { free(real) }
  // A folder whose name looks like a placeholder is none.
  let text = String(cString: real)
  return text.contains { $0 == "{" || $0 == "}" } ? nil : text
}
