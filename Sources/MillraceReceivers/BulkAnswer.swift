import MillraceHTTP

/// What a bulk request is answered, item for item.
struct BulkAnswer {
  /// What became of one operation.
  struct Item {
    let operation: String
    let index: String
    let id: String
    let status: Int
    let error: (type: String, reason: String)?
  }

  private let items: [Item]

  init(_ items: [Item]) {
    self.items = items
  }

  /// The answer, with those fields alone that the request's `filter_path` asks for.
  func response(_ request: ServerRequest) -> ServerResponse {
    let asked = request.queryValue("filter_path")?.split(separator: ",").map(String.init)
    func wants(_ path: String) -> Bool {
      asked?.contains { path == $0 || path.hasPrefix($0 + ".") } ?? true
    }
    var members: [String] = []
    if wants("took") { members.append("\"took\":3") }
    if wants("errors") { members.append("\"errors\":\(items.contains { $0.error != nil })") }
    // Objects that a filter leaves empty are left out, as the reference says.
    let written = items.compactMap { item in
      text(item, wants).map { "{\"\(item.operation)\":{\($0)}}" }
    }
    if !written.isEmpty { members.append("\"items\":[\(written.joined(separator: ","))]") }
    return JSONAnswer.make("{\(members.joined(separator: ","))}")
  }

  private func text(_ item: Item, _ wants: (String) -> Bool) -> String? {
    var members: [String] = []
    if wants("items.*._index") { members.append("\"_index\":\(JSONAnswer.string(item.index))") }
    if wants("items.*._id") { members.append("\"_id\":\(JSONAnswer.string(item.id))") }
    if wants("items.*.status") { members.append("\"status\":\(item.status)") }
    if let error = item.error {
      var parts: [String] = []
      if wants("items.*.error.type") { parts.append("\"type\":\"\(error.type)\"") }
      if wants("items.*.error.reason") {
        parts.append("\"reason\":\(JSONAnswer.string(error.reason))")
      }
      if !parts.isEmpty { members.append("\"error\":{\(parts.joined(separator: ","))}") }
    }
    return members.isEmpty ? nil : members.joined(separator: ",")
  }
}
