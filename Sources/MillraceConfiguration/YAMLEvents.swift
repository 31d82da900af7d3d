internal import CYAML

/// Reading stopped; what stopped it has been reported.
struct YAMLStop: Error {}

/// What libyaml saw next, as a Swift value.
struct YAMLEvent {
  enum Kind {
    case streamStart
    case streamEnd
    case documentStart
    case documentEnd
    case alias
    case scalar(text: String, isPlain: Bool)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
  }

  let kind: Kind
  let place: YAMLNode.Place
  var isAnchored = false
  var isTagged = false
}

/// A syntax error in libyaml's words.
struct YAMLSyntaxError: Error {
  let place: YAMLNode.Place
  /// How many characters lie before the place.
  let characterIndex: Int
  let problem: String
  /// What was being read, and the line it began in.
  let context: (words: String, line: Int)?
}

/// The stream of events of one text, drawn from libyaml.
///
/// The parser lives behind a pointer because libyaml keeps its address. The text must outlive it.
final class YAMLEventStream {
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  /// Begins reading UTF-8 text; nil when libyaml has no memory.
  init?(_ text: UnsafeBufferPointer<UInt8>) {
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, text.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// The next event.
  func next() throws(YAMLSyntaxError) -> YAMLEvent {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
    defer { yaml_event_delete(&event) }
    return Self.translated(event)
  }

  private static func translated(_ event: yaml_event_t) -> YAMLEvent {
    let place = place(event.start_mark)
    switch event.type {
    case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, place: place)
    case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, place: place)
    case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, place: place)
    case YAML_ALIAS_EVENT: return YAMLEvent(kind: .alias, place: place)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return YAMLEvent(
        kind: .scalar(text: text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), place: place,
        isAnchored: scalar.anchor != nil, isTagged: scalar.tag != nil)
    case YAML_SEQUENCE_START_EVENT:
      return YAMLEvent(
        kind: .sequenceStart, place: place,
        isAnchored: event.data.sequence_start.anchor != nil,
        isTagged: event.data.sequence_start.tag != nil)
    case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, place: place)
    case YAML_MAPPING_START_EVENT:
      return YAMLEvent(
        kind: .mappingStart, place: place,
        isAnchored: event.data.mapping_start.anchor != nil,
        isTagged: event.data.mapping_start.tag != nil)
    case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, place: place)
    default:
      // Only the end of the stream, and what libyaml answers when asked again after it, is left.
      return YAMLEvent(kind: .streamEnd, place: place)
    }
  }

  private func syntaxError() -> YAMLSyntaxError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "it cannot be read"
    let context = state.context.map { (String(cString: $0), Int(state.context_mark.line) + 1) }
    return YAMLSyntaxError(
      place: Self.place(state.problem_mark), characterIndex: Int(state.problem_mark.index),
      problem: problem, context: context)
  }

  private static func place(_ mark: yaml_mark_t) -> YAMLNode.Place {
    YAMLNode.Place(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }
}
