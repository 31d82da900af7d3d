/// The parameters of a cmdlet on one line, as the compliance center writes them.
extension Normalizer {
  /// `-Identity "x" -Enabled "False" -Confirm:$false`, as the compliance center writes.
  mutating func collectCommandLine(_ line: ByteView) -> Bool {
    var rest = line.trimmed
    while !rest.isEmpty {
      guard let nameEnd = Normalizer.parameterNameEnd(rest),
        parameters.count < Normalizer.parametersMax
      else { return false }
      let name = rest.slice(1, nameEnd)
      let isJoined = nameEnd < rest.count && rest[nameEnd] == Ascii.colon
      rest = rest.dropFirst(isJoined ? nameEnd + 1 : nameEnd).trimmed
      if let list = listArgument(&rest) {
        parameters.append(Parameter(name: name, value: list, isText: false))
      } else {
        let value = Normalizer.argument(&rest)
        parameters.append(Parameter(name: name, value: value, isText: true))
      }
    }
    return !parameters.isEmpty
  }

  /// Takes the list at the beginning of `rest`, as JSON: values between commas, `"a","b"`, or
  /// between brackets, `("a","b")`; nil when there is none, and nothing is taken.
  private mutating func listArgument(_ rest: inout ByteView) -> ByteView? {
    var left = rest
    if left.first == Ascii.at { left = left.dropFirst(1) }
    let isBracketed = left.first == UInt8(ascii: "(")
    guard isBracketed || left.first == Ascii.quote else { return nil }
    if isBracketed { left = left.dropFirst(1).trimmed }
    let start = beginList()
    var count = 0
    var isComplete = false
    while let item = Normalizer.listItem(&left, isBracketed: isBracketed) {
      if list.last != Ascii.openBracket { list.append(Ascii.comma) }
      list.appendString(item)
      count += 1
      left = left.trimmed
      guard left.first == Ascii.comma else {
        isComplete = true
        break
      }
      left = left.dropFirst(1).trimmed
    }
    let found = endList(start)
    if isBracketed {
      guard left.first == UInt8(ascii: ")") else { return nil }
      left = left.dropFirst(1).trimmed
    }
    let isEnd = left.isEmpty || Normalizer.parameterNameEnd(left) != nil
    guard isComplete, isEnd, isBracketed || count > 1 else { return nil }
    rest = left
    return found
  }

  /// Takes one value of a list: in quotes, or between brackets a word without.
  private static func listItem(_ rest: inout ByteView, isBracketed: Bool) -> ByteView? {
    if rest.first == Ascii.quote {
      guard let end = rest.firstIndex(of: Ascii.quote, from: 1) else { return nil }
      let item = rest.slice(1, end)
      rest = rest.dropFirst(end + 1)
      return item
    }
    var end = 0
    while end < rest.count, rest[end] != Ascii.comma, rest[end] != UInt8(ascii: ")"),
      rest[end] != Ascii.quote, rest[end] != UInt8(ascii: "(")
    {
      end += 1
    }
    guard isBracketed, end > 0, end < rest.count else { return nil }
    let item = rest.prefix(end).trimmed
    rest = rest.dropFirst(end)
    return item.isEmpty ? nil : item
  }

  /// Where the name of the parameter ends that `text` begins with, `-Name`; nil when it begins with
  /// none.
  private static func parameterNameEnd(_ text: ByteView) -> Int? {
    guard text.first == Ascii.hyphen else { return nil }
    var end = 1
    while end < text.count, isLetter(text[end]) || isDigit(text[end]) { end += 1 }
    guard end > 1, isLetter(text[1]) else { return nil }
    if end == text.count || isJSONBlank(text[end]) { return end }
    // `-Confirm:$false`; in a query `-from:somebody` leaves mail out.
    guard text[end] == Ascii.colon, end + 1 < text.count else { return nil }
    return text[end + 1] == UInt8(ascii: "$") ? end : nil
  }

  /// Takes the argument at the beginning of `rest`: in quotes, up to a quote that ends the line or
  /// precedes the next parameter, or without, up to the next parameter.
  private static func argument(_ rest: inout ByteView) -> ByteView {
    let isQuoted = rest.first == Ascii.quote
    if !isQuoted, parameterNameEnd(rest) != nil { return ByteView("") }
    let mark = isQuoted ? Ascii.quote : Ascii.blank
    var from = isQuoted ? 1 : 0
    while let index = rest.firstIndex(of: mark, from: from) {
      var next = isQuoted ? index + 1 : index
      while next < rest.count, isJSONBlank(rest[next]) { next += 1 }
      if next == rest.count || parameterNameEnd(rest.dropFirst(next)) != nil {
        let argument = rest.slice(isQuoted ? 1 : 0, index)
        rest = rest.dropFirst(next)
        return argument
      }
      // Behind the same run of blanks, nothing else comes.
      from = next
    }
    let argument = isQuoted ? rest.dropFirst(1) : rest
    rest = ByteView("")
    return argument
  }
}
