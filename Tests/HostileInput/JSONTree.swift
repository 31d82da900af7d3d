/// A value of JSON, read by `JSONReader`.
package indirect enum JSONTree: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case flag(Bool)
  /// A number, as it is spelt.
  case number(String)
  /// A string, escapes undone, as UTF-8; a surrogate that stands alone is U+FFFD.
  case text([UInt8])
  /// A list.
  case list([JSONTree])
  /// An object, its members in order.
  case object([JSONMember])

  /// The value of an object's member; nil when there is none.
  package subscript(name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    let bytes = Array(name.utf8)
    return members.last { $0.name == bytes }?.value
  }

  /// The value at the end of names joined by dots.
  package func value(at path: String) -> JSONTree? {
    var current: JSONTree? = self
    for name in path.split(separator: ".") { current = current?[String(name)] }
    return current
  }

  /// A string's characters.
  package var string: String? {
    guard case .text(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A member of an object.
package struct JSONMember: Equatable, Sendable {
  /// Its name, escapes undone.
  package let name: [UInt8]
  /// Its value.
  package let value: JSONTree
}

/// Why bytes are no JSON.
package struct JSONProblem: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  package let reason: String
  /// The byte at which it shows.
  package let offset: Int

  /// For people.
  package var description: String { "\(reason) at byte \(offset)" }
}

/// What a value of JSON holds that is allowed and yet read differently by different readers.
package struct JSONOddities: Equatable, Sendable {
  /// A surrogate stands alone in a string.
  package var hasLoneSurrogate = false
  /// An object has two members of one name.
  package var hasRepeatedName = false
  /// How many brackets are open at most.
  package var depth = 0
}
