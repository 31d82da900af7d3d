/// A name or a path with placeholders, each filled in per event: `/var/log/{tenant}-{date}.ndjson`.
package struct NameTemplate: Hashable, Sendable, CustomStringConvertible {
  /// What stands between braces.
  package enum Placeholder: String, CaseIterable, Sendable {
    /// The tenant's name.
    case tenant
    /// The content type, such as `Audit.Exchange`.
    case contentType = "content_type"
    /// The workload of the event.
    case workload
    /// The day of the event in UTC, `2026-03-04`.
    case date
    /// The hour of the event in UTC, `00` to `23`.
    case hour
  }

  /// A piece of the template.
  package enum Part: Hashable, Sendable {
    case text(String)
    case placeholder(Placeholder)
  }

  /// Why a template is refused.
  package enum Problem: Error {
    /// A brace is closed that was not opened, or opened and not closed.
    case loneBrace
    /// Nothing is called what stands between two braces.
    case unknownPlaceholder(String)
  }

  /// The template in order; no two texts follow each other.
  package let parts: [Part]
  /// As it is written.
  package let description: String

  /// Reads a template.
  package init(_ text: String) throws(Problem) {
    description = text
    var parts: [Part] = []
    var rest = text[...]
    while !rest.isEmpty {
      let plain = rest.prefix { $0 != "{" && $0 != "}" }
      if !plain.isEmpty { parts.append(.text(String(plain))) }
      rest = rest[plain.endIndex...]
      guard let brace = rest.first else { break }
      guard brace == "{", let close = rest.firstIndex(of: "}") else { throw .loneBrace }
      let name = String(rest[rest.index(after: rest.startIndex)..<close])
      guard let placeholder = Placeholder(rawValue: name) else { throw .unknownPlaceholder(name) }
      parts.append(.placeholder(placeholder))
      rest = rest[rest.index(after: close)...]
    }
    self.parts = parts
  }

  /// Whether a placeholder is in it.
  package func has(_ placeholder: Placeholder) -> Bool { parts.contains(.placeholder(placeholder)) }

  /// The name for an event of `origin` at `time`; `allowed` makes what is filled in of a tenant, a
  /// content type or a workload a part that the name may have.
  package func name(
    origin: EventOrigin, time: Timestamp, workload: ArraySlice<UInt8>,
    allowed: (String) -> String
  ) -> String {
    let civil = CivilTime(time)
    var name = ""
    for part in parts {
      switch part {
      case .text(let text): name += text
      case .placeholder(.tenant): name += allowed(origin.tenantName)
      case .placeholder(.contentType): name += allowed(origin.feed.contentType.rawValue)
      case .placeholder(.workload): name += allowed(String(decoding: workload, as: UTF8.self))
      case .placeholder(.date):
        // A year of more or fewer than four digits comes from a hostile record only.
        let year = min(max(civil.year, 0), 9999)
        name += [padded(year, 4), padded(civil.month, 2), padded(civil.day, 2)]
          .joined(separator: "-")
      case .placeholder(.hour): name += padded(civil.hour, 2)
      }
    }
    return name
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
