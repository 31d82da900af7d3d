internal import MillraceCore

/// All paths that a template can become, so that two templates can be asked whether they meet.
///
/// A tenant and a content type are one of those there are, a date and an hour are digits, and a
/// workload is any text without a slash, as records may bring one that nobody has seen.
struct OutputPattern {
  private enum Element {
    case byte(UInt8)
    case digit
    case oneOf([[UInt8]])
    /// Any bytes but a slash, or none.
    case anything
  }

  private let elements: [Element]

  /// The paths of `template`, with the links of its fixed folders followed.
  init(_ template: NameTemplate, tenants: [String]) {
    var elements: [Element] = []
    for part in template.resolved().parts {
      switch part {
      case .text(let text): elements += text.utf8.map { .byte($0) }
      case .placeholder(.tenant): elements.append(.oneOf(tenants.map { Array($0.utf8) }))
      case .placeholder(.contentType):
        elements.append(.oneOf(ContentType.allCases.map { Array($0.rawValue.utf8) }))
      case .placeholder(.workload): elements.append(.anything)
      case .placeholder(.date):
        elements += "0000-00-00".utf8.map { $0 == UInt8(ascii: "-") ? .byte($0) : .digit }
      case .placeholder(.hour): elements += [.digit, .digit]
      }
    }
    self.elements = elements
  }

  /// Whether both can become one path.
  func meets(_ other: OutputPattern) -> Bool { Self.meet(elements[...], other.elements[...]) }

  private static func meet(_ left: ArraySlice<Element>, _ right: ArraySlice<Element>) -> Bool {
    guard let first = left.first, let second = right.first else {
      return (left + right).allSatisfy { if case .anything = $0 { true } else { false } }
    }
    let (leftRest, rightRest) = (left.dropFirst(), right.dropFirst())
    switch (first, second) {
    case (.oneOf(let texts), .oneOf(let others)):
      // Few of the pairs of many tenants begin alike.
      return texts.contains { text in
        others.contains { other in
          (text.starts(with: other) || other.starts(with: text))
            && meet(text.map { .byte($0) } + leftRest, other.map { .byte($0) } + rightRest)
        }
      }
    case (.oneOf(let texts), _):
      return texts.contains { meet($0.map { .byte($0) } + leftRest, right) }
    case (_, .oneOf): return meet(right, left)
    case (.anything, .anything), (.anything, _):
      if meet(leftRest, right) { return true }
      if case .byte(UInt8(ascii: "/")) = second { return false }
      return meet(left, rightRest)
    case (_, .anything): return meet(right, left)
    case (.byte(let one), .byte(let two)): return one == two && meet(leftRest, rightRest)
    case (.byte(let byte), .digit), (.digit, .byte(let byte)):
      return isDigit(byte) && meet(leftRest, rightRest)
    case (.digit, .digit): return meet(leftRest, rightRest)
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
