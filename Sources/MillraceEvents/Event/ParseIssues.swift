/// What was odd about a record, for `parse_issues`: the field and the problem, never a value.
struct ParseIssues {
  private var issues: [(field: ByteView, problem: StaticString)] = []
  /// More say nothing that the first ones do not.
  private static let issuesMax = 32
  /// Names of members can be of any length.
  private static let fieldBytesMax = 64

  var isEmpty: Bool { issues.isEmpty }

  mutating func removeAll() {
    issues.removeAll(keepingCapacity: true)
  }

  mutating func add(_ field: StaticString, _ problem: StaticString) {
    add(ByteView(field), problem)
  }

  mutating func add(_ field: ByteView, _ problem: StaticString) {
    let bounded = ParseIssues.cut(field)
    if issues.contains(where: { $0.field == bounded && ByteView($0.problem) == problem }) { return }
    if issues.count < ParseIssues.issuesMax {
      issues.append((bounded, problem))
    } else if issues.count == ParseIssues.issuesMax {
      // That there are more says something.
      issues.append((ByteView("others"), "not listed, as there are too many"))
    }
  }

  /// Writes a JSON array of `<field>: <problem>`.
  func write(to buffer: inout ByteBuffer) {
    buffer.append(Ascii.openBracket)
    for (index, issue) in issues.enumerated() {
      if index > 0 { buffer.append(Ascii.comma) }
      buffer.append(Ascii.quote)
      ParseIssues.write(issue.field, to: &buffer)
      buffer.append(": ")
      buffer.appendEscaped(ByteView(issue.problem))
      buffer.append(Ascii.quote)
    }
    buffer.append(Ascii.closeBracket)
  }

  /// Writes a name on one line, whatever the sender called it.
  private static func write(_ field: ByteView, to buffer: inout ByteBuffer) {
    if field.isEmpty { return buffer.append("(no name)") }
    var start = 0
    var index = 0
    while index < field.count {
      let length = lineBreakLength(at: index, in: field)
      if length > 0 {
        buffer.appendEscaped(field.slice(start, index))
        buffer.append(Ascii.blank)
        start = index + length
      }
      index += max(length, 1)
    }
    buffer.appendEscaped(field.dropFirst(start))
  }

  /// How long the control character or the end of a line at `index` is; 0 for anything else.
  private static func lineBreakLength(at index: Int, in field: ByteView) -> Int {
    if field[index] < 0x20 || field[index] == 0x7F { return 1 }
    return field.lineSeparatorLength(at: index)
  }

  /// The beginning of a name, cut between characters.
  private static func cut(_ field: ByteView) -> ByteView {
    guard field.count > fieldBytesMax else { return field }
    var length = fieldBytesMax
    while length > 0, field[length] & 0xC0 == 0x80 { length -= 1 }
    return field.prefix(length)
  }
}
