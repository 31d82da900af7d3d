import MillraceConfiguration
import MillraceCore

/// The name of the index an event goes to, from a template with placeholders.
struct IndexName: Sendable {
  private let template: MillraceConfiguration.PathTemplate

  init(_ template: MillraceConfiguration.PathTemplate) {
    self.template = template
  }

  /// Whether events of one feed and one hour may go to different indexes.
  var isPerEvent: Bool { template.parts.contains(.placeholder(.workload)) }

  /// The name for an event. What is filled in cannot make it one that is not allowed
  /// (Elasticsearch reference, "Create index API", index names).
  func name(of line: EventBatch.Line, in batch: EventBatch) -> String {
    let origin = batch.origins[line.origin]
    let civil = CivilTime(line.time)
    var name = ""
    for part in template.parts {
      switch part {
      case .text(let text): name += text
      case .placeholder(.tenant): name += Self.allowed(origin.tenantName)
      case .placeholder(.contentType): name += Self.allowed(origin.feed.contentType.rawValue)
      case .placeholder(.workload):
        name += Self.allowed(String(decoding: batch.fact(.workload, of: line), as: UTF8.self))
      case .placeholder(.date):
        // A year of more or fewer than four digits comes from a hostile record only.
        let year = min(max(civil.year, 0), 9999)
        name += [Self.padded(year, 4), Self.padded(civil.month, 2), Self.padded(civil.day, 2)]
          .joined(separator: "-")
      case .placeholder(.hour): name += Self.padded(civil.hour, 2)
      }
    }
    return name
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

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
