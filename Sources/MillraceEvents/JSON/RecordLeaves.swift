/// One value of a record and where it stands: `ClientIP`, `Actor[1].ID`,
/// `ExtendedProperties[RequestType]`.
struct RecordLeaf {
  let path: String
  let text: String
}

/// Everything that a record says, one leaf after the other; JSON in strings is looked into.
struct RecordLeaves {
  private(set) var leaves: [RecordLeaf] = []
  private let arena = LeafArena()
  /// Deeper than any record of the service; what is below stays one text.
  private static let depthMax = 16
  /// More values than these explain nothing that the first ones do not.
  private static let leavesMax = 4096

  /// Reads a valid record.
  init(_ record: ByteView) {
    visit(record, "", 0)
  }

  private mutating func visit(_ value: ByteView, _ path: String, _ depth: Int) {
    guard leaves.count < RecordLeaves.leavesMax else { return }
    switch value.first {
    case Ascii.openBrace where depth < RecordLeaves.depthMax:
      var members = ObjectCursor(value)
      while let member = members.next() {
        let name = arena.text(member.key)
        visit(member.value, path.isEmpty ? name : "\(path).\(name)", depth + 1)
      }
    case Ascii.openBracket where depth < RecordLeaves.depthMax:
      var elements = ArrayCursor(value)
      var index = 0
      while let element = elements.next() {
        visitElement(element, path, index, depth)
        index += 1
      }
    case Ascii.quote:
      let text = arena.text(value.slice(1, value.count - 1))
      leaves.append(RecordLeaf(path: path, text: text))
      if depth < RecordLeaves.depthMax, let parsed = arena.parse(value) {
        visit(parsed, path, depth + 1)
      }
    default:
      leaves.append(RecordLeaf(path: path, text: arena.text(value)))
    }
  }

  /// An element of a list: by its name when it is a property, else by its place.
  private mutating func visitElement(
    _ element: ByteView, _ path: String, _ index: Int, _ depth: Int
  ) {
    let found = ObjectCursor.values(of: "Name", "Key", "Value", in: element)
    guard let quoted = found.0 ?? found.1, quoted.first == Ascii.quote, quoted.count > 2 else {
      return visit(element, "\(path)[\(index)]", depth + 1)
    }
    let name = arena.text(quoted.slice(1, quoted.count - 1))
    if let value = found.2 { return visit(value, "\(path)[\(name)]", depth + 1) }
    visit(element, "\(path)[\(name)]", depth + 1)
  }
}

/// The memory of decoded and parsed texts, shared by copies of what is read with it.
private final class LeafArena {
  private var arena = Arena()

  /// The text of the content of a JSON string, or of any other scalar.
  func text(_ content: ByteView) -> String {
    String(decoding: JSONText.decode(content, in: &arena).buffer, as: UTF8.self)
  }

  /// The JSON that a JSON string holds.
  func parse(_ quoted: ByteView) -> ByteView? {
    EmbeddedJSON.parse(JSONText.decode(quoted.slice(1, quoted.count - 1), in: &arena), in: &arena)
  }
}
