import MillraceConfiguration
import Testing

/// The tenant that most texts begin with.
let oneTenant = """
  tenants:
    - id: 41463f53-8812-40f4-890f-865bf6e35190
      client_id: 9b2c1d7e-0000-4000-8000-000000000001
      credential: {client_secret: "file:/run/secret"}

  """

/// The sink that most texts end with.
let oneSink = """
  sinks:
    archive: {type: file, path: /tmp/out.ndjson}

  """

/// Parses a text that is expected to be right.
func parsed(
  _ text: String, environment: [String: String] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> Configuration {
  do {
    return try Configuration.parse(
      Array(text.utf8), name: "millrace.yaml", environment: environment)
  } catch {
    Issue.record("\(error)", sourceLocation: sourceLocation)
    throw error
  }
}

/// Parses bytes that are expected to be wrong, and returns what is said about them, line by line.
func complaints(
  bytes: [UInt8], environment: [String: String] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  do {
    _ = try Configuration.parse(bytes, name: "millrace.yaml", environment: environment)
    Issue.record("it was accepted", sourceLocation: sourceLocation)
    return []
  } catch {
    return error.description.split(separator: "\n").map(String.init)
  }
}

/// The same for a text.
func complaints(
  _ text: String, environment: [String: String] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  complaints(bytes: Array(text.utf8), environment: environment, sourceLocation: sourceLocation)
}

/// Checks that exactly this is said about a text.
func check(
  _ text: String, says expected: String..., environment: [String: String] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let said = complaints(text, environment: environment, sourceLocation: sourceLocation)
  #expect(said == expected.map { "millrace.yaml" + $0 }, sourceLocation: sourceLocation)
}
