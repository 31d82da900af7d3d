import MillraceCore

/// The name of the index an event goes to, from a template with placeholders.
struct IndexName: Sendable {
  private let template: NameTemplate

  init(_ template: NameTemplate) {
    self.template = template
  }

  /// Whether events of one feed and one hour may go to different indexes.
  var isPerEvent: Bool { template.has(.workload) }

  /// The name for an event. What is filled in cannot make it one that is not allowed
  /// (Elasticsearch reference, "Create index API", index names).
  func name(of line: EventBatch.Line, in batch: EventBatch) -> String {
    template.name(
      origin: batch.origins[line.origin], time: line.time,
      workload: isPerEvent ? batch.fact(.workload, of: line) : [], allowed: Self.allowed)
  }

  /// A value in lower case, without what an index name must not have; never empty.
  private static func allowed(_ value: String) -> String {
    var text = String.UnicodeScalarView()
    for scalar in value.lowercased().unicodeScalars.prefix(64) {
      let isForbidden = scalar.value <= 0x20 || "/\\*?\"<>|,#:".unicodeScalars.contains(scalar)
      text.append(isForbidden ? "_" : scalar)
    }
    return text.isEmpty ? "none" : String(text)
  }
}
