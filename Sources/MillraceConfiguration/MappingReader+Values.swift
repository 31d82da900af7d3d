internal import MillraceCore

extension MappingReader {
  /// Text that is not empty.
  func text(_ key: String) -> String? {
    guard let value = scalar(key) else { return nil }
    guard !value.text.isEmpty else {
      fail(value, "it is empty", hint: "give a value, or remove the key")
      return nil
    }
    return value.text
  }

  /// Text that is not empty, in a key that must be there.
  func requiredText(_ key: String, hint: String = "") -> String? {
    requireKey(key, hint: hint)
    return text(key)
  }

  /// A file or folder. It may be relative, and is then so to the working directory.
  func filePath(_ key: String) -> String? {
    guard let value = scalar(key) else { return nil }
    guard isUsablePath(value) else { return nil }
    return value.text
  }

  /// A duration within bounds.
  func duration(
    _ key: String, default standard: Duration, in bounds: ClosedRange<Duration>
  ) -> Duration {
    guard let value = scalar(key) else { return standard }
    guard let duration = Quantity.duration(value.text) else {
      let isNumber =
        !value.text.isEmpty && value.text.utf8.allSatisfy { (0x30...0x39).contains($0) }
      fail(
        value, "\(value.shown) is not \(Quantity.durationForms)",
        hint: isNumber && !value.usesEnvironment ? "write \(value.text)s for seconds" : "")
      return standard
    }
    guard bounds.contains(duration) else {
      fail(
        value,
        "\(value.shown) is out of range; it may be "
          + "\(Quantity.text(bounds.lowerBound)) to \(Quantity.text(bounds.upperBound))")
      return standard
    }
    return duration
  }

  /// A size in bytes within bounds.
  func size(_ key: String, default standard: Int64, in bounds: ClosedRange<Int64>) -> Int64 {
    guard let value = scalar(key) else { return standard }
    guard let size = Quantity.size(value.text) else {
      fail(value, "\(value.shown) is not \(Quantity.sizeForms)")
      return standard
    }
    guard bounds.contains(size) else {
      fail(
        value,
        "\(value.shown) is out of range; it may be "
          + "\(Quantity.text(bytes: bounds.lowerBound)) to \(Quantity.text(bytes: bounds.upperBound))"
      )
      return standard
    }
    return size
  }

  /// A whole number within bounds.
  func integer(_ key: String, default standard: Int, in bounds: ClosedRange<Int>) -> Int {
    guard let value = scalar(key) else { return standard }
    guard let number = decimalNumber(value.text) else {
      fail(value, "\(value.shown) is not a whole number")
      return standard
    }
    guard bounds.contains(number) else {
      fail(
        value,
        "\(value.shown) is out of range; it may be \(bounds.lowerBound) to \(bounds.upperBound)")
      return standard
    }
    return number
  }

  /// One of the words of an enumeration.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default standard: Choice
  ) -> Choice where Choice.RawValue == String {
    guard let value = scalar(key) else { return standard }
    return choice(value) ?? standard
  }

  /// The word of an enumeration that a value spells; nil when it spells none, which is noted.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ value: ScalarValue
  ) -> Choice? where Choice.RawValue == String {
    if let choice = Choice(rawValue: value.text) { return choice }
    let words = Choice.allCases.map(\.rawValue)
    // The suggestion follows what is in the file: what the environment holds is not shown.
    let match = value.usesEnvironment ? nil : suggestion(for: value.text, among: words)
    fail(
      value, "\(value.shown) is none of \(words.joined(separator: ", "))",
      hint: match.map { "did you mean \"\($0)\"?" } ?? "")
    return nil
  }

  /// A GUID in lower case. What is none is not quoted: it may be a secret in the wrong place.
  func guid(_ key: String) -> String? {
    guard let value = scalar(key) else { return nil }
    guard isGUID(value.text) else {
      fail(
        value, "this is not a GUID", hint: "it looks like 9b2c1d7e-0000-4000-8000-000000000001")
      return nil
    }
    return value.text.lowercased()
  }

  /// The scalars of a list; one scalar counts as a list of one. Nil when the key is not written or
  /// not usable.
  func scalars(_ key: String) -> [ScalarValue]? {
    guard let node = node(key) else { return nil }
    return scalars(node, path: path(of: key))
  }

  private func scalars(_ node: YAMLNode, path: String) -> [ScalarValue]? {
    switch node.content {
    case .scalar:
      return reading.scalar(node, path: path).map { [$0] }
    case .sequence(let elements):
      guard !elements.isEmpty else {
        reading.fail(
          at: node.place, path: path, "the list is empty", hint: "fill it, or remove the key")
        return nil
      }
      return elements.enumerated().compactMap { index, element in
        reading.scalar(element, path: "\(path)[\(index)]")
      }
    case .mapping:
      reading.fail(at: node.place, path: path, "a list is expected, this is \(node.kindName)")
      return nil
    }
  }

  /// The texts of a list; empty when the key is not written or not usable.
  func texts(_ key: String) -> [String] { filled(key).map(\.text) }

  /// The names of a list, with their places; empty when the key is not written or not usable.
  func names(_ key: String) -> [ConfiguredName] {
    filled(key).map { ConfiguredName($0, file: reading.file) }
  }

  private func filled(_ key: String) -> [ScalarValue] {
    (scalars(key) ?? []).filter { value in
      if value.text.isEmpty { fail(value, "it is empty") }
      return !value.text.isEmpty
    }
  }

  /// The content types of a list, each once; nil when the key is not written or none is usable.
  func contentTypes(_ key: String) -> [ContentType]? {
    guard let values = scalars(key) else { return nil }
    var types: [ContentType] = []
    for value in values {
      guard let type = ContentType(anyCase: value.text) else {
        let _: ContentType? = choice(value)
        continue
      }
      if types.contains(type) {
        fail(value, "\(type) is listed twice")
      } else {
        types.append(type)
      }
    }
    return types.isEmpty ? nil : types
  }

  /// Whether a path can name a file; what is wrong with it is noted.
  func isUsablePath(_ value: ScalarValue) -> Bool {
    if value.text.isEmpty {
      fail(value, "the path is empty")
      return false
    }
    if value.text.hasPrefix("~") {
      fail(value, "\"~\" is not expanded here", hint: "write ${HOME}, or the whole path")
      return false
    }
    if value.text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
      fail(value, "the path contains a control character")
      return false
    }
    return true
  }
}

/// A number of decimal digits, with a sign or without; nil for anything else.
func decimalNumber(_ text: String) -> Int? {
  let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
  guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return Int(text)
}
