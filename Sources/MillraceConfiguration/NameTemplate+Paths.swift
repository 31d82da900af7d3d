internal import Glibc
internal import MillraceCore

extension NameTemplate {
  /// The same path made absolute, without `.`, `..` and doubled slashes, and with the links of the
  /// folders before the first placeholder followed: two spellings of one file become equal, as
  /// far as that shows before anything is filled in.
  func resolved() -> NameTemplate {
    do {
      return try NameTemplate(resolvedPath(description))
    } catch {
      preconditionFailure("the folders of a template have no braces")
    }
  }
}

extension NameTemplate.Problem {
  /// What is wrong, for whoever wrote the template.
  var message: String {
    switch self {
    case .loneBrace: "a brace has no partner"
    case .unknownPlaceholder(let name): "unknown placeholder {\(name.prefix(60))}"
    }
  }

  /// What could be right instead.
  var hint: String {
    guard case .unknownPlaceholder(let name) = self else { return "" }
    let known = NameTemplate.Placeholder.allCases.map(\.rawValue)
    return suggestion(for: name, among: known).map { "did you mean {\($0)}?" }
      ?? "known are " + known.map { "{\($0)}" }.joined(separator: ", ")
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
