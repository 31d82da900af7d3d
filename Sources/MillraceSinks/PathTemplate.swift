package import MillraceCore

/// A path with placeholders, as `/var/log/millrace/{tenant}-{date}.ndjson`.
///
/// Known are `{tenant}` (the configured name), `{content_type}`, `{workload}` (the event's own),
/// `{date}` (`2026-03-04`) and `{hour}` (`08`); both times are the event's own, in UTC. Whatever is
/// filled in stays one part of the path: it has no slash, no control character, no dot at its
/// beginning, and no more than `Limits.pathPartBytesMax` bytes.
package struct PathTemplate: Hashable, Sendable {
  /// The template as it was written.
  package var text: String { template.description }
  private let template: NameTemplate

  /// Takes a template that names a file. Throws an error of kind `badTemplate` for a control
  /// character or a path without a file name; `sink` says whose it is.
  package init(_ template: NameTemplate, sink: String) throws(SinkError) {
    let text = template.description
    func refuse(_ message: String) throws(SinkError) -> Never {
      throw SinkError(
        sink: sink, operation: "read path", subject: text, message: message,
        hint: "add a file name, such as {tenant}-{date}.ndjson", kind: .badTemplate)
    }
    if text.unicodeScalars.contains(where: isControl) {
      try refuse("the path has a control character")
    }
    let last = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    if ["", ".", ".."].contains(last) { try refuse("the path names no file") }
    self.template = template
  }

  /// The path for an event of `origin` at `time`; `workload` matters where `namesWorkload` says so.
  package func path(
    origin: EventOrigin, time: Timestamp, workload: ArraySlice<UInt8> = []
  ) -> String {
    template.name(
      origin: origin, time: time, workload: workload, allowed: PathTemplate.pathPart)
  }

  /// Whether events of one feed go to different files by their workload.
  package var namesWorkload: Bool { template.has(.workload) }

  /// The milliseconds after which the path of one origin may change; nil when it never does.
  var period: Int64? {
    if template.has(.hour) { return 3_600_000 }
    return template.has(.date) ? 86_400_000 : nil
  }

  /// A value as one part of a path: never empty, never `.` or `..`, whatever stands beside it, and
  /// never so long that no file could have the name.
  static func pathPart(_ value: String) -> String {
    var part = String.UnicodeScalarView()
    var count = 0
    for scalar in value.unicodeScalars {
      count += UTF8.width(scalar)
      if count > Limits.pathPartBytesMax { break }
      let isLeadingDot = part.isEmpty && scalar == "."
      part.append(scalar == "/" || isControl(scalar) || isLeadingDot ? "_" : scalar)
    }
    return part.isEmpty ? "_" : String(part)
  }
}

/// C0 and C1 control characters, DEL, and the two line separators of Unicode.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
  default: false
  }
}
