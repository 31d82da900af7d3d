import MillraceCore

/// The beginning of an unusable answer, fit for a log: one line, bounded, without secrets.
package enum AnswerExcerpt {
  /// How much of an answer is looked at, in bytes; what is kept is less.
  private static let window = 8 * Limits.answerExcerptBytesMax

  /// The excerpt of a body. Texts in `secrets`, and whatever looks like a token, are replaced.
  package static func make(_ bytes: some Collection<UInt8>, redacting secrets: [String]) -> String {
    var text = String(decoding: bytes.prefix(window), as: UTF8.self)
    if bytes.count > window, let longest = secrets.map(\.utf8.count).max(), longest > 0 {
      // A secret cut by the window's end would not be recognized.
      text = String(decoding: Array(text.utf8).dropLast(longest), as: UTF8.self)
    }
    return make(text, redacting: secrets)
  }

  /// The excerpt of a text.
  package static func make(_ text: String, redacting secrets: [String]) -> String {
    var result = text
    for secret in secrets where !secret.isEmpty {
      result = replacing(secret, in: result)
    }
    return cut(singleLine(withoutTokens(result)))
  }

  /// Every occurrence of `secret` replaced. Bytes are compared, as characters might combine.
  private static func replacing(_ secret: String, in text: String) -> String {
    let needle = Array(secret.utf8)
    let bytes = Array(text.utf8)
    guard bytes.count >= needle.count else { return text }
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == needle[0], bytes[index...].starts(with: needle) {
        output += "[secret]".utf8
        index += needle.count
      } else {
        output.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// JSON Web Tokens begin with `eyJ`, the Base64 of `{"`.
  private static func withoutTokens(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let mark = Array("eyJ".utf8)
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let run = bytes[index...].prefix(while: isTokenByte)
      if run.isEmpty {
        output.append(bytes[index])
        index += 1
        continue
      }
      if run.count >= 24, let start = run.indices.first(where: { run[$0...].starts(with: mark) }) {
        output += run[..<start]
        output += "[token]".utf8
      } else {
        output += run
      }
      index = run.endIndex
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Control characters, line separators and marks of writing direction become blanks; blanks in a
  /// row become one.
  private static func singleLine(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isBlank =
        switch scalar.value {
        case 0...0x20, 0x7F...0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        default: false
        }
      if !isBlank {
        scalars.append(scalar)
      } else if let last = scalars.last, last != " " {
        scalars.append(" ")
      }
    }
    if scalars.last == " " { scalars.removeLast() }
    return String(scalars)
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > Limits.answerExcerptBytesMax else { return text }
    var scalars = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      count += String(scalar).utf8.count
      // Three bytes are left for the mark of omission.
      if count > Limits.answerExcerptBytesMax - 3 { break }
      scalars.append(scalar)
    }
    return String(scalars) + "…"
  }
}
