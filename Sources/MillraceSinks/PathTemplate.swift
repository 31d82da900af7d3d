package import MillraceCore

/// A path with placeholders, as `/var/log/millrace/{tenant}-{date}.ndjson`.
///
/// Known are `{tenant}` (the configured name), `{content_type}`, `{workload}` (the event's own),
/// `{date}` (`2026-03-04`) and `{hour}` (`08`); both times are the event's own, in UTC. Whatever is
/// filled in stays one part of the path: it has no slash, no control character, no dot at its
/// beginning, and no more than `Limits.pathPartBytesMax` bytes.
package struct PathTemplate: Hashable, Sendable {
  /// What may stand between braces.
  package enum Placeholder: String, CaseIterable, Sendable {
    case tenant
    case contentType = "content_type"
    case workload
    case date
    case hour
  }

  private enum Piece: Hashable, Sendable {
    case literal(String)
    case placeholder(Placeholder)
  }

  /// The template as it was written.
  package let text: String
  private let pieces: [Piece]

  /// Reads a template. Throws an error of kind `badTemplate` for an unknown placeholder, a lone
  /// brace, a control character or a path without a file name; `sink` says whose it is.
  package init(_ text: String, sink: String) throws(SinkError) {
    do {
      pieces = try PathTemplate.pieces(of: text)
    } catch {
      throw SinkError(
        sink: sink, operation: "read path", subject: text, message: error.message,
        hint: "known placeholders: "
          + Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: " "),
        kind: .badTemplate)
    }
    self.text = text
  }

  private struct Refusal: Error {
    let message: String
  }

  private static func pieces(of text: String) throws(Refusal) -> [Piece] {
    guard !text.unicodeScalars.contains(where: isControl) else {
      throw Refusal(message: "the path has a control character")
    }
    let last = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard !["", ".", ".."].contains(last) else { throw Refusal(message: "the path names no file") }
    var pieces: [Piece] = []
    var rest = text[...]
    while !rest.isEmpty {
      let literal = rest.prefix { $0 != "{" && $0 != "}" }
      if !literal.isEmpty { pieces.append(.literal(String(literal))) }
      rest = rest[literal.endIndex...]
      guard let brace = rest.popFirst() else { break }
      guard brace == "{" else { throw Refusal(message: "a brace is closed that was not opened") }
      guard let end = rest.firstIndex(of: "}") else {
        throw Refusal(message: "a brace is not closed")
      }
      let name = rest[..<end]
      guard let placeholder = Placeholder(rawValue: String(name)) else {
        throw Refusal(message: "unknown placeholder {\(name)}")
      }
      pieces.append(.placeholder(placeholder))
      rest = rest[end...].dropFirst()
    }
    return pieces
  }

  /// The path for an event of `origin` at `time`; `workload` matters where `namesWorkload` says so.
  package func path(
    origin: EventOrigin, time: Timestamp, workload: ArraySlice<UInt8> = []
  ) -> String {
    let civil = CivilTime(time)
    var path = ""
    for piece in pieces {
      switch piece {
      case .literal(let text): path += text
      case .placeholder(.tenant): path += PathTemplate.pathPart(origin.tenantName)
      case .placeholder(.contentType):
        path += PathTemplate.pathPart(origin.feed.contentType.rawValue)
      case .placeholder(.workload):
        path += PathTemplate.pathPart(String(decoding: workload, as: UTF8.self))
      case .placeholder(.date):
        // A year of more or fewer than four digits comes from a hostile record only.
        let year = min(max(civil.year, 0), 9999)
        path += padded(year, 4) + "-" + padded(civil.month, 2) + "-" + padded(civil.day, 2)
      case .placeholder(.hour): path += padded(civil.hour, 2)
      }
    }
    return path
  }

  /// Whether events of one feed go to different files by their workload.
  package var namesWorkload: Bool { pieces.contains(.placeholder(.workload)) }

  /// The milliseconds after which the path of one origin may change; nil when it never does.
  var period: Int64? {
    if pieces.contains(.placeholder(.hour)) { return 3_600_000 }
    return pieces.contains(.placeholder(.date)) ? 86_400_000 : nil
  }

  /// A value as one part of a path: never empty, never `.` or `..`, whatever stands beside it, and
  /// never so long that no file could have the name.
  static func pathPart(_ value: String) -> String {
    var part = String.UnicodeScalarView()
    var count = 0
    for scalar in value.unicodeScalars {
      count += UTF8.width(scalar)
      if count > Limits.pathPartBytesMax { break }
      let isLeadingDot = part.isEmpty && scalar == "."
      part.append(scalar == "/" || isControl(scalar) || isLeadingDot ? "_" : scalar)
    }
    return part.isEmpty ? "_" : String(part)
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// C0 and C1 control characters, DEL, and the two line separators of Unicode.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
  default: false
  }
}
