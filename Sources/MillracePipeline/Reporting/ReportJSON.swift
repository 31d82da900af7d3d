import FoundationEssentials

/// How reports, and what commands and the collector say to each other, are written: JSON with
/// sorted snake_case keys.
package enum ReportJSON {
  /// One value as JSON.
  package static func text(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      preconditionFailure("a report of strings and finite numbers is encodable: \(error)")
    }
  }

  /// Reads what `text` wrote.
  ///
  /// - Throws: `DecodingError` when it is none of that type.
  package static func read<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) throws -> Value
  {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(json))
  }
}
