import MillraceConfiguration
import MillraceCore

/// Checks the words given to options.
enum ArgumentValue {
  /// What is wrong with a value; nil when it can be used.
  static func problem(_ text: String, of option: OptionDeclaration) -> String? {
    let name = "--\(option.name)"
    switch option.value {
    case .flag:
      return nil
    case .text, .words:
      return text.isEmpty ? "\(name) needs a \(option.valueName) that is not empty" : nil
    case .integer(let bounds):
      guard let number = wholeNumber(text) else {
        return "\(name) needs a whole number, not \"\(text)\""
      }
      return bounds.contains(number)
        ? nil : "\(name) may be \(range(bounds.lowerBound, bounds.upperBound)), not \(text)"
    case .duration(let bounds):
      guard let duration = Quantity.duration(text) else {
        return "\(name) needs \(Quantity.durationForms), not \"\(text)\""
      }
      let ends = (Quantity.text(bounds.lowerBound), Quantity.text(bounds.upperBound))
      return bounds.contains(duration) ? nil : "\(name) may be \(ends.0) to \(ends.1), not \(text)"
    case .size(let bounds):
      guard let size = Quantity.size(text) else {
        return "\(name) needs \(Quantity.sizeForms), not \"\(text)\""
      }
      let ends = (
        Quantity.text(bytes: bounds.lowerBound), Quantity.text(bytes: bounds.upperBound)
      )
      return bounds.contains(size) ? nil : "\(name) may be \(ends.0) to \(ends.1), not \(text)"
    case .time:
      return Timestamp(text) == nil
        ? "\(name) needs a day such as 2026-03-04, or a time such as 2026-03-04T08:15:00Z, "
          + "not \"\(text)\"" : nil
    case .choice(let words):
      guard !words.contains(text) else { return nil }
      let match = suggestion(for: text, among: words).map { "; did you mean \"\($0)\"?" } ?? ""
      return "\(name) may be \(words.joined(separator: ", ")), not \"\(text)\"" + match
    }
  }

  /// A number in decimal digits with a minus sign or without; nil for anything else.
  static func wholeNumber(_ text: String) -> Int? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int(text)
  }

  private static func range(_ low: Int, _ high: Int) -> String {
    switch (low, high) {
    case (_, Int.max): "\(low) or more"
    default: "\(low) to \(high)"
    }
  }
}
