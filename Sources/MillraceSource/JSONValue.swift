import FoundationEssentials

/// A JSON value of a small answer: an error, a token, a listing. Content never comes this way.
enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Reads a whole document, with or without a byte order mark; nil when it is not JSON.
  init?(_ bytes: some Collection<UInt8>) {
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(withoutByteOrderMark(bytes)))
    } catch {
      // Callers say what they expected instead; what exactly broke the syntax is of no use.
      return nil
    }
  }

  /// The member of an object; nil for other values and for a member that is null.
  subscript(_ name: String) -> JSONValue? {
    guard case .object(let members) = self, let value = members[name], value != .null else {
      return nil
    }
    return value
  }

  /// The text of a string.
  var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// A whole number, given as a number or as a string of digits.
  var integer: Int? {
    switch self {
    case .number(let number): Int(exactly: number.rounded(.towardZero))
    case .string(let text): Int(text)
    default: nil
    }
  }

  /// The elements of an array.
  var array: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The members of an object.
  var object: [String: JSONValue]? {
    guard case .object(let members) = self else { return nil }
    return members
  }
}

extension JSONValue: Decodable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Which kind of value comes next can only be found out by trying; the order is by frequency.
    if container.decodeNil() {
      self = .null
    } else if let text = try? container.decode(String.self) {
      self = .string(text)
    } else if let members = try? container.decode([String: JSONValue].self) {
      self = .object(members)
    } else if let elements = try? container.decode([JSONValue].self) {
      self = .array(elements)
    } else if let flag = try? container.decode(Bool.self) {
      self = .bool(flag)
    } else {
      self = .number(try container.decode(Double.self))
    }
  }
}

/// The bytes after a UTF-8 byte order mark, if there is one.
func withoutByteOrderMark<Bytes: Collection<UInt8>>(_ bytes: Bytes) -> Bytes.SubSequence {
  bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
}
