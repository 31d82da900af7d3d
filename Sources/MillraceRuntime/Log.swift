import Glibc
import MillraceCore

/// How much a line of the log asks of its reader.
package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
  /// Everything, for a developer.
  case debug
  /// What an operator wants to read back later.
  case info
  /// Surprising, but dealt with.
  case warning
  /// A person is needed, or data was lost.
  case error

  /// The name as options spell it.
  package var name: String { String(describing: self) }

  /// Reads the name an option gives.
  package init?(name: some StringProtocol) {
    guard let level = LogLevel.allCases.first(where: { $0.name == name.lowercased() }) else {
      return nil
    }
    self = level
  }

  package static func < (left: LogLevel, right: LogLevel) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The log: lines on standard error, as text or as JSON objects.
///
/// Fields are short facts with stable snake_case names. Secrets, tokens and event bodies never go
/// in; ids and sizes may.
package struct Log: Sendable {
  /// How lines are spelled.
  package enum Format: String, Sendable, CaseIterable {
    case text
    case json
  }

  /// Where finished lines go; a line has no line break.
  package typealias Output = @Sendable (String) -> Void

  private let level: LogLevel
  private let format: Format
  private let clock: any WallClock
  private let output: Output

  /// A log of lines at `level` and above.
  package init(
    level: LogLevel = .info, format: Format = .text, clock: any WallClock = SystemWallClock(),
    output: @escaping Output = Log.standardError
  ) {
    self.level = level
    self.format = format
    self.clock = clock
    self.output = output
  }

  /// A log that says nothing, for tests and tools.
  package static let silent = Log(level: .error, output: { _ in })

  /// Writes one line to standard error with one write(2), so that lines do not mix.
  package static let standardError: Output = { line in
    var bytes = Array(line.utf8)
    bytes.append(UInt8(ascii: "\n"))
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let written = Glibc.write(
          STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        // A log that cannot be written must not stop the collector.
        guard written > 0 else { return }
        rest = rest.dropFirst(written)
      }
    }
  }

  /// Says something for developers.
  package func debug(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
    emit(.debug, message, fields)
  }

  /// Says something worth reading back.
  package func info(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
    emit(.info, message, fields)
  }

  /// Says something surprising that was dealt with.
  package func warning(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
    emit(.warning, message, fields)
  }

  /// Says something that needs a person.
  package func error(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
    emit(.error, message, fields)
  }

  private func emit(
    _ level: LogLevel, _ message: String, _ fields: KeyValuePairs<String, String>
  ) {
    guard level >= self.level else { return }
    let time = clock.now().description
    switch format {
    case .text:
      var line = "\(time) \(level.name) \(singleLine(message))"
      for (key, value) in fields { line += " \(key)=\(textValue(value))" }
      output(line)
    case .json:
      var line = "{\"time\":\"\(time)\",\"level\":\"\(level.name)\",\"message\":"
      appendJSONString(message, to: &line)
      for (key, value) in fields {
        line += ",\"\(key)\":"
        appendJSONString(value, to: &line)
      }
      output(line + "}")
    }
  }

  /// A value of a text line: quoted when it has blanks, and never able to start a new line.
  private func textValue(_ value: String) -> String {
    let plain = value.unicodeScalars.allSatisfy {
      !isControl($0) && $0 != " " && $0 != "\""
    }
    if plain && !value.isEmpty { return value }
    var quoted = ""
    appendJSONString(value, to: &quoted)
    return quoted
  }

  private func singleLine(_ message: String) -> String {
    guard message.unicodeScalars.contains(where: isControl) else { return message }
    return String(message.unicodeScalars.map { isControl($0) ? " " : Character($0) })
  }
}

/// Whether a character may break a line or steer a terminal: C0, DEL, C1 (NEL and the one-byte CSI
/// among them), and Unicode's line and paragraph separators.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
  default: false
  }
}

/// Appends a text as a JSON string (RFC 8259, section 7), quotes included. All that could break a
/// line is escaped, more than JSON asks for.
package func appendJSONString(_ text: String, to output: inout String) {
  output += "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": output += "\\\""
    case "\\": output += "\\\\"
    case "\n": output += "\\n"
    case "\r": output += "\\r"
    case "\t": output += "\\t"
    case _ where isControl(scalar):
      let hex = String(scalar.value, radix: 16)
      output += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    default: output.unicodeScalars.append(scalar)
    }
  }
  output += "\""
}
