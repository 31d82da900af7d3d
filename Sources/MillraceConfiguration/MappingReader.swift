internal import MillraceCore

/// Reads one mapping key by key, noting what is unknown, missing or of the wrong form.
///
/// Use: ask for every key of the section once, in any order, then call `finish`.
final class MappingReader {
  let reading: Reading
  let place: YAMLNode.Place
  let path: String
  private let section: Section
  private let entries: [String: YAMLNode.Entry]
  /// False when there is no mapping to read: what is missing in it is then not worth a word.
  private let isMapping: Bool
  /// Whether an unknown key was noted, or that this is no mapping.
  private(set) var hasComplained = false
  private var asked: Set<String> = []

  /// Begins reading `node`; nothing written counts as an empty mapping.
  init(_ node: YAMLNode, section: Section, path: String, reading: Reading) {
    self.reading = reading
    self.section = section
    self.path = path
    place = node.place
    if case .mapping(let list) = node.content {
      isMapping = true
      entries = Dictionary(uniqueKeysWithValues: list.map { ($0.key, $0) })
      for entry in list where !section.keys.contains(entry.key) {
        hasComplained = true
        reportUnknown(entry)
      }
    } else {
      entries = [:]
      isMapping = node.isNull
      if !node.isNull {
        hasComplained = true
        reportNotMapping(node)
      }
    }
  }

  /// An empty mapping in place of one that is not there.
  private init(absent section: Section, at place: YAMLNode.Place, path: String, _ reading: Reading)
  {
    self.reading = reading
    self.section = section
    self.path = path
    self.place = place
    entries = [:]
    isMapping = true
  }

  /// Checks that every key of the section has been asked for.
  func finish() {
    precondition(
      asked == Set(section.keys), "every key of \(section) is read, and no other: \(asked)")
  }

  /// The path of a key within this mapping.
  func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Whether the key is written, with a value or without.
  func has(_ key: String) -> Bool { entries[key] != nil }

  /// The value of a key; nil when it is not written.
  func node(_ key: String) -> YAMLNode? {
    precondition(section.keys.contains(key), "\(key) is a key of \(section)")
    asked.insert(key)
    return entries[key]?.value
  }

  /// The scalar of a key; nil when it is not written or not usable, which is then noted.
  func scalar(_ key: String) -> ScalarValue? {
    guard let node = node(key) else { return nil }
    return reading.scalar(node, path: path(of: key))
  }

  /// Notes that a key is needed, unless there is no mapping it could be in.
  func requireKey(_ key: String, hint: String = "") {
    guard isMapping, !has(key) else { return }
    reading.fail(at: place, path: path, "\"\(key)\" is missing", hint: hint)
  }

  /// The section below a key; nil when it is not written.
  func sectionIfGiven(_ key: String, _ section: Section) -> MappingReader? {
    guard let node = node(key) else { return nil }
    return MappingReader(node, section: section, path: path(of: key), reading: reading)
  }

  /// The section below a key; an empty one when it is not written.
  func section(_ key: String, _ section: Section) -> MappingReader {
    sectionIfGiven(key, section)
      ?? MappingReader(absent: section, at: place, path: path(of: key), reading)
  }

  /// Notes an error about a key's value.
  func fail(_ value: ScalarValue, _ message: String, hint: String = "") {
    reading.fail(at: value.place, path: value.path, message, hint: hint)
  }

  private func reportUnknown(_ entry: YAMLNode.Entry) {
    var hint = suggestionHint(for: entry.key, among: section.keys)
    if let colon = entry.key.firstIndex(of: ":") {
      let name = String(entry.key[..<colon])
      if section.keys.contains(name) { hint = "a blank is needed after \"\(name):\"" }
    }
    reading.fail(
      at: entry.keyPlace, path: path, "unknown key \"\(Reading.shownKey(entry.key))\"", hint: hint)
  }

  private func reportNotMapping(_ node: YAMLNode) {
    var hint = "keys here: " + section.keys.joined(separator: ", ")
    if case .scalar(let text, _) = node.content,
      let name = section.keys.first(where: { text.hasPrefix($0 + ":") })
    {
      hint = "a blank is needed after \"\(name):\""
    }
    reading.fail(
      at: node.place, path: path, "a mapping (key: value) is expected, this is \(node.kindName)",
      hint: hint)
  }
}
