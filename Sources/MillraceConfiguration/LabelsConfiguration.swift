import MillraceCore

/// The operator's constants, `labels`: names and texts that every event carries.
enum LabelsConfiguration {
  /// Reads them in the order of the file; none when there is no such key.
  static func read(_ top: MappingReader) -> [(name: String, value: String)] {
    guard let node = top.node("labels") else { return [] }
    let hint = "such as labels: {site: hq}"
    guard case .mapping(let entries) = node.content else {
      top.reading.fail(
        at: node.place, path: "labels",
        "a mapping (name: text) is expected, this is \(node.kindName)", hint: hint)
      return []
    }
    if entries.count > Limits.labelsMax {
      top.reading.fail(
        at: node.place, path: "labels",
        "these are \(entries.count) labels; \(Limits.labelsMax) are the most")
    }
    return entries.compactMap { entry in
      guard isName(entry.key) else {
        top.reading.fail(
          at: entry.keyPlace, path: "labels", "\"\(entry.key)\" is no name of a label",
          hint: "1 to 64 letters, digits, \"-\" and \"_\"")
        return nil
      }
      guard let value = top.reading.scalar(entry.value, path: "labels.\(entry.key)") else {
        return nil
      }
      guard !value.text.isEmpty else {
        top.fail(value, "it is empty", hint: "give the label a text, or remove it")
        return nil
      }
      guard value.text.utf8.count <= Limits.labelBytesMax else {
        top.fail(value, "a label has at most \(Limits.labelBytesMax) bytes")
        return nil
      }
      return (entry.key, value.text)
    }
  }

  /// No dots: receivers take those for a path of fields.
  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_")
      }
  }
}
