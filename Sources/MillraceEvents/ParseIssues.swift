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
    guard issues.count < ParseIssues.issuesMax,
      !issues.contains(where: { $0.field == bounded && ByteView($0.problem) == problem })
    else { return }
    issues.append((bounded, problem))
  }

  /// Writes a JSON array of `<field>: <problem>`.
  func write(to buffer: inout ByteBuffer) {
    buffer.append(Ascii.openBracket)
    for (index, issue) in issues.enumerated() {
      if index > 0 { buffer.append(Ascii.comma) }
      buffer.append(Ascii.quote)
      buffer.appendEscaped(issue.field)
      buffer.append(": ")
      buffer.appendEscaped(ByteView(issue.problem))
      buffer.append(Ascii.quote)
    }
    buffer.append(Ascii.closeBracket)
  }

  /// The beginning of a name, cut between characters.
  private static func cut(_ field: ByteView) -> ByteView {
    guard field.count > fieldBytesMax else { return field }
    var length = fieldBytesMax
    while length > 0, field[length] & 0xC0 == 0x80 { length -= 1 }
    return field.prefix(length)
  }
}
