/// A value of a YAML document and where it begins.
struct YAMLNode {
  /// A place in the file: line and character, both counted from 1.
  struct Place: Hashable {
    var line: Int
    var column: Int
  }

  /// One `key: value`.
  struct Entry {
    let key: String
    let keyPlace: Place
    let value: YAMLNode
  }

  enum Content {
    /// Text as written, quotes and escapes resolved; `isPlain` when it had no quotes.
    case scalar(text: String, isPlain: Bool)
    case sequence([YAMLNode])
    /// Entries in the order of the file, each key once.
    case mapping([Entry])
  }

  let place: Place
  let content: Content

  /// Whether nothing was written, or one of YAML's words for nothing.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// What it is, in words for a message.
  var kindName: String {
    switch content {
    case .scalar: isNull ? "nothing" : "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping (key: value)"
    }
  }
}
