import MillraceCore

/// The body of an error answer, whatever form it has, taken apart.
struct ErrorBody {
  let shape: AnswerShape
  /// The AF code where an error's code belongs; nil when there is none.
  let statedCode: String?
  /// The stated code, or the first AF code anywhere in the text.
  let code: String?
  /// What the body says, as far as it says it in a known place.
  let message: String?
  /// Everything that may be searched: code and message, or the body as it is.
  let text: String
  /// Whether the body has the form of an error: `error` or `Message` in an object.
  let isError: Bool

  /// Takes a body apart; beyond `Limits.errorBodyBytesMax` nothing is looked at.
  init(_ body: [UInt8]) {
    shape = AnswerShape(body)
    let looked = body.prefix(Limits.errorBodyBytesMax)
    if shape == .object, body.count == looked.count, let members = JSONValue(looked)?.object {
      let error = ErrorBody.member("error", of: members)
      let stated = error?["code"]?.string
      let words = error?["message"]?.string ?? error?.string
      let plainMessage = ErrorBody.member("message", of: members)?.string
      isError = error != nil || plainMessage != nil
      message = words ?? plainMessage ?? stated
      text = [stated, words, plainMessage].compactMap { $0 }.joined(separator: " ")
      statedCode = stated.flatMap { ErrorBody.isCode($0) ? $0.uppercased() : nil }
    } else {
      text = String(decoding: looked, as: UTF8.self)
      isError = shape == .object && ErrorBody.startsLikeError(withoutByteOrderMark(body))
      // JSON but for its quotes, as throttling is told of.
      let stated = isError ? ErrorBody.quoted("code", in: text) : nil
      message = isError ? ErrorBody.quoted("message", in: text) ?? stated : nil
      statedCode = stated.flatMap { ErrorBody.isCode($0) ? $0.uppercased() : nil }
    }
    code = statedCode ?? ErrorBody.firstCode(in: text)
  }

  /// The value of a member in single quotes, `'code':'AF429'`; nil when there is none, or nothing
  /// in it. An apostrophe ends it only where another member or the end of the object follows.
  private static func quoted(_ name: String, in text: String) -> String? {
    guard let start = text.firstRange(of: "'\(name)':'") else { return nil }
    let rest = text[start.upperBound...]
    let ends = ["','", "', '", "'}"].compactMap { rest.firstRange(of: $0)?.lowerBound }
    guard let end = ends.min(), end > rest.startIndex else { return nil }
    return String(rest[..<end])
  }

  /// A member by its name in any letter case; null counts as absent.
  private static func member(_ name: String, of members: [String: JSONValue]) -> JSONValue? {
    members.first { $0.key.lowercased() == name && $0.value != .null }?.value
  }

  /// Whether a text that is no JSON begins as errors do: `{'error'`.
  private static func startsLikeError(_ body: ArraySlice<UInt8>) -> Bool {
    let start = body.prefix(64).filter { $0 > 0x20 }.map { byte in
      (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
    return ["{'error'", "{\"error\"", "{'message'", "{\"message\""].contains {
      start.starts(with: Array($0.utf8))
    }
  }

  /// Whether a text is `AF` and three to five digits.
  private static func isCode(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return (5...7).contains(bytes.count) && bytes[0] | 0x20 == UInt8(ascii: "a")
      && bytes[1] | 0x20 == UInt8(ascii: "f")
      && bytes[2...].allSatisfy { (0x30...0x39).contains($0) }
  }

  /// The first word of a text that is a code.
  private static func firstCode(in text: String) -> String? {
    text.utf8.split { byte in
      !((0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte))
    }.lazy.map { String(decoding: Array($0), as: UTF8.self) }.first { word in
      word.hasPrefix("AF") && isCode(word)
    }
  }
}
