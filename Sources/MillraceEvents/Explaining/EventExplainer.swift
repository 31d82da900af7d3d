package import MillraceCore

/// A field of an event with where its value came from.
package struct ExplainedField: Sendable {
  /// Where the field stands in the event, names joined by dots.
  package let path: String
  /// Its value, in JSON.
  package let value: String
  /// What it was made of: members of the record, tables, rules.
  package let origin: String
}

/// Says of every field of an event where its value came from. For people; not fast.
package struct EventExplainer {
  private let format: EventFormat
  private let places: (any PlaceFinder)?
  private let ofStructuredData: Bool

  /// Formats whose events it explains.
  package static let formats: [EventFormat] = [.native, .ecs, .ocsf, .cef]

  /// An explainer of events in one of `formats`.
  ///
  /// - Parameters:
  ///   - format: Whose fields are explained.
  ///   - places: Knows where addresses are; nil leaves that out.
  ///   - ofStructuredData: Explain the parameters of what stands before an event in a syslog
  ///     message (RFC 5424), instead of the event.
  package init(
    format: EventFormat, places: (any PlaceFinder)? = nil, ofStructuredData: Bool = false
  ) {
    precondition(EventExplainer.formats.contains(format), "a format that has fields")
    self.places = places
    self.format = format
    self.ofStructuredData = ofStructuredData
  }

  /// The fields of the event of a record, in the order in which they are written.
  package func explain(
    _ record: ScannedRecord, of blob: PaddedBytes, context: EventContext
  ) -> [ExplainedField] {
    precondition(record.verdict == .event, "only events are explained")
    return blob.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { preconditionFailure("a blob has bytes") }
      let start = base.assumingMemoryBound(to: UInt8.self) + record.range.lowerBound
      return explain(ByteView(start: start, count: record.range.count), context)
    }
  }

  private func explain(_ record: ByteView, _ context: EventContext) -> [ExplainedField] {
    var normalizer = Normalizer(places: places)
    var walk = MemberWalk()
    normalizer.read(record, context: context, walk: &walk)
    if format.hasSummary { EventSummary.set(in: &normalizer.event, &normalizer.arena) }
    let leaves = RecordLeaves(record)
    if ofStructuredData {
      return EventExplainer.parameters(normalizer.event, leaves.leaves)
    }
    if format == .cef { return EventExplainer.keys(normalizer.event, leaves.leaves) }
    if format == .native {
      var fields: [ExplainedField] = []
      for field in EventField.allCases {
        guard let value = normalizer.event[field] else { continue }
        let path = "\(field.path)"
        let text = EventExplainer.json(value)
        let origin = EventExplainer.origin(path, value, text, leaves.leaves)
        fields.append(ExplainedField(path: path, value: text, origin: origin))
      }
      return fields
    }
    var scratch = FormatScratch()
    scratch.begin(normalizer.event)
    let table = format == .ecs ? ECSFields.table : OCSFFields.table
    let groups = format == .ecs ? UInt32.max : OCSFClasses(scratch.ocsf.uid).rawValue
    var fields: [ExplainedField] = []
    for (row, text) in table.values(normalizer.event, groups: groups, scratch: &scratch) {
      let origin = EventExplainer.origin(row.source, normalizer.event, leaves.leaves)
      fields.append(ExplainedField(path: row.path, value: text, origin: origin))
    }
    return fields
  }

  static func json(_ value: NativeEvent.Value) -> String {
    var buffer = ByteBuffer(capacity: 256)
    NativeWriter.write(value, to: &buffer)
    return String(decoding: buffer.view.buffer, as: UTF8.self)
  }

  // MARK: Fields of other formats

  /// What the fields of the native event behind a field came from.
  private static func origin(
    _ source: FormatSource, _ event: borrowing NativeEvent, _ leaves: [RecordLeaf]
  ) -> String {
    let paths: [String]
    let isMade: Bool
    switch source {
    case .constant: return "always the same"
    case .field(let path):
      paths = ["\(path)"]
      isMade = false
    case .first(let first, let second):
      paths = ["\(first)", "\(second)"]
      isMade = false
    case .making(let names, _):
      var sides = "\(names)".filter { $0 != " " }.split(separator: "|")
        .map { $0.split(separator: ",").map(String.init) }
      if event.isRaisedByService { sides.reverse() }
      paths = sides.first { $0.contains { isThere($0, in: event) } } ?? sides.first ?? []
      isMade = true
    }
    return origin(ofPaths: paths, isMade: isMade, event, leaves)
  }

  private static func isThere(_ path: String, in event: borrowing NativeEvent) -> Bool {
    path.hasSuffix("*")
      || EventField.allCases.contains { "\($0.path)" == path && event.has($0) }
  }

  /// The same of a value by the paths of the fields behind it.
  static func origin(
    ofPaths paths: [String], isMade: Bool, _ event: borrowing NativeEvent, _ leaves: [RecordLeaf]
  ) -> String {
    var parts: [String] = []
    for path in paths {
      guard let field = EventField.allCases.first(where: { "\($0.path)" == path }),
        let value = event[field]
      else {
        if path.hasSuffix("*") { parts.append(path) }
        continue
      }
      parts.append("\(path) <- " + origin(path, value, json(value), leaves))
      // Of a field that takes one of several over, the others say nothing.
      if !isMade { break }
    }
    if parts.isEmpty { return "made of what the event does not say" }
    return (isMade ? "made of " : "") + parts.joined(separator: "; ")
  }

  // MARK: Fields of the native event

  private static func origin(
    _ path: String, _ value: NativeEvent.Value, _ json: String, _ leaves: [RecordLeaf]
  ) -> String {
    let origin = EventFieldOrigins.table[path]
    let candidates = origin.map { origin in
      origin.members.flatMap { member in leaves.filter { stands($0.path, in: member) } }
    }
    let text: String
    switch value {
    case .text(let view), .constant(let view):
      text = String(decoding: view.buffer, as: UTF8.self)
    case .time(let time):
      if let leaf = (candidates ?? leaves).first(where: { Timestamp($0.text) == time }) {
        return leaf.path
      }
      text = time.description
    default: text = json
    }
    // Flags and small numbers are found anywhere, and say nothing.
    // Of a sign-in the code decides, though the status may read the same.
    let isByCode = path == "outcome.result" && leaves.contains { $0.path == "ErrorNumber" }
    let isTelling =
      !isByCode
      && (candidates != nil || text.utf8.count >= 4 && text != "true" && text != "false")
    // A word of a table is no part of the text that was looked up there.
    let allowsPart = origin?.rule.contains("table") != true
    if isTelling, let found = find(text, in: candidates ?? leaves, orPart: allowsPart) {
      return found
    }
    guard let origin else { return "put together from the record" }
    let present = origin.members.filter { member in leaves.contains { stands($0.path, in: member) }
    }
    if present.isEmpty {
      return origin.rule.isEmpty ? "put together from the record" : origin.rule
    }
    return "\(present.joined(separator: ", ")): \(origin.rule.isEmpty ? "read" : origin.rule)"
  }

  /// The leaf that is the text, differs from it in letter case, or holds it.
  private static func find(
    _ text: String, in leaves: [RecordLeaf], orPart allowsPart: Bool
  ) -> String? {
    if text.isEmpty { return nil }
    if let leaf = leaves.first(where: { $0.text == text }) { return leaf.path }
    let lowered = text.lowercased()
    if let leaf = leaves.first(where: { $0.text.lowercased() == lowered }) {
      let isUpper = text == leaf.text.uppercased()
      return "\(leaf.path), in \(isUpper ? "upper" : "lower") case"
    }
    // So are short texts within others.
    guard allowsPart, text.utf8.count >= 4, !text.hasPrefix("{"), !text.hasPrefix("[") else {
      return nil
    }
    return leaves.first { $0.text.lowercased().contains(lowered) }.map { "part of \($0.path)" }
  }

  /// Whether a path is that of a member or leads into it.
  private static func stands(_ path: String, in member: String) -> Bool {
    path == member || path.hasPrefix(member + ".") || path.hasPrefix(member + "[")
  }
}
