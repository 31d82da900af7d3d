internal import MillraceCore

/// Builds the tree of one YAML document.
///
/// Of YAML it takes mappings, lists and scalars, in block and flow style. Refused, each with its
/// place: aliases and anchors (they multiply), tags, several documents, keys that are no plain
/// words, a key given twice, and nesting deeper than `Limits.configurationDepthMax`. The text is at
/// most `Limits.configurationBytesMax` long, which bounds everything else.
struct YAMLReader {
  private let reading: Reading
  private let stream: YAMLEventStream

  /// Reads the document in `bytes`; nil when it cannot be read, which `reading` then says why.
  static func document(_ bytes: [UInt8], reading: Reading) -> YAMLNode? {
    guard let text = checkedText(bytes, reading: reading) else { return nil }
    return Array(text.utf8).withUnsafeBufferPointer { buffer in
      guard let stream = YAMLEventStream(buffer) else {
        reading.fail(at: nil, "there is not enough memory to read it")
        return nil
      }
      let reader = YAMLReader(reading: reading, stream: stream)
      do {
        return try reader.document(text)
      } catch {
        return nil
      }
    }
  }

  private func document(_ text: String) throws(YAMLStop) -> YAMLNode {
    let empty = "it is empty"
    let sample = "\"millrace init\" writes a commented one"
    _ = try next(text)
    let first = try next(text)
    guard case .documentStart = first.kind else {
      reading.fail(at: nil, empty, hint: sample)
      throw YAMLStop()
    }
    let root = try node(try next(text), depth: 1, text)
    _ = try next(text)
    let end = try next(text)
    guard case .streamEnd = end.kind else {
      reading.fail(
        at: end.place, "a second document begins here", hint: "a configuration is one document")
      throw YAMLStop()
    }
    guard !root.isNull else {
      reading.fail(at: nil, empty, hint: sample)
      throw YAMLStop()
    }
    return root
  }

  private func next(_ text: String) throws(YAMLStop) -> YAMLEvent {
    do throws(YAMLSyntaxError) {
      return try stream.next()
    } catch {
      reportSyntaxError(error, text)
      throw YAMLStop()
    }
  }

  private func node(_ event: YAMLEvent, depth: Int, _ text: String) throws(YAMLStop) -> YAMLNode {
    try refuseReferences(event)
    switch event.kind {
    case .scalar(let value, let isPlain):
      return YAMLNode(place: event.place, content: .scalar(text: value, isPlain: isPlain))
    case .sequenceStart, .mappingStart:
      guard depth <= Limits.configurationDepthMax else {
        reading.fail(
          at: event.place, "nested more than \(Limits.configurationDepthMax) levels deep")
        throw YAMLStop()
      }
      if case .sequenceStart = event.kind { return try sequence(event, depth: depth, text) }
      return try mapping(event, depth: depth, text)
    default:
      preconditionFailure("libyaml yields a node where a node is due")
    }
  }

  private func sequence(
    _ start: YAMLEvent, depth: Int, _ text: String
  ) throws(YAMLStop) -> YAMLNode {
    var elements: [YAMLNode] = []
    while true {
      let event = try next(text)
      if case .sequenceEnd = event.kind {
        return YAMLNode(place: start.place, content: .sequence(elements))
      }
      elements.append(try node(event, depth: depth + 1, text))
    }
  }

  private func mapping(
    _ start: YAMLEvent, depth: Int, _ text: String
  ) throws(YAMLStop) -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    var lines: [String: Int] = [:]
    while true {
      let event = try next(text)
      if case .mappingEnd = event.kind {
        return YAMLNode(place: start.place, content: .mapping(entries))
      }
      try refuseReferences(event)
      guard case .scalar(let key, _) = event.kind else {
        reading.fail(
          at: event.place, "a key must be a word",
          hint: "a value that begins with { or [ needs quotes")
        throw YAMLStop()
      }
      let value = try node(try next(text), depth: depth + 1, text)
      if let line = lines[key] {
        reading.fail(
          at: event.place, "the key \"\(Reading.shownKey(key))\" is given twice",
          hint: "it stands in line \(line) already")
        continue
      }
      lines[key] = event.place.line
      entries.append(YAMLNode.Entry(key: key, keyPlace: event.place, value: value))
    }
  }

  private func refuseReferences(_ event: YAMLEvent) throws(YAMLStop) {
    if case .alias = event.kind {
      reading.fail(
        at: event.place, "aliases (*name) are not supported",
        hint: "write the value out, or quote it if it begins with *")
      throw YAMLStop()
    }
    if event.isAnchored {
      reading.fail(
        at: event.place, "anchors (&name) are not supported",
        hint: "write the value out, or quote it if it begins with &")
      throw YAMLStop()
    }
    if event.isTagged {
      reading.fail(
        at: event.place, "tags (!name) are not supported",
        hint: "use ${NAME} for the environment and file:PATH for a secret in a file, "
          + "or quote a value that begins with !")
      throw YAMLStop()
    }
  }

  private func reportSyntaxError(_ error: YAMLSyntaxError, _ text: String) {
    let scalars = text.unicodeScalars
    let character = scalars.dropFirst(error.characterIndex).first
    if character == "\t" {
      reading.fail(
        at: error.place, "a tab stands where YAML wants spaces", hint: "indent with spaces")
      return
    }
    var message = "not valid YAML: " + error.problem
    if let context = error.context {
      message += ", " + context.words
      if context.line != error.place.line { message += " that begins in line \(context.line)" }
    }
    reading.fail(at: error.place, message, hint: Self.hint(for: error.problem))
  }

  private static func hint(for problem: String) -> String {
    switch problem {
    case "mapping values are not allowed in this context":
      "check the indentation; a value that contains a colon and a blank needs quotes"
    case "did not find expected key", "did not find expected '-' indicator":
      "check the indentation; keys of one mapping begin in the same column"
    case "could not find expected ':'":
      "a key is followed by a colon and a blank"
    case "found character that cannot start any token":
      "a value that begins with this character needs quotes"
    case "found unexpected end of stream", "found unexpected document indicator":
      "a quote may not be closed"
    case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
      "a bracket may not be closed"
    default: ""
    }
  }
}
