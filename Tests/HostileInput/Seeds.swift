import Foundation

/// What the hunt begins with, from the project's own files.
package enum Seeds {
  private static let project = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static let fixtures = project.appendingPathComponent("Tests/Fixtures")

  /// The records of the fixtures of normalization.
  package static func records() -> [[UInt8]] {
    let folder = fixtures.appendingPathComponent("normalize")
    return contents(of: folder).compactMap { name in
      bytes(folder.appendingPathComponent(name).appendingPathComponent("record.json"))
    }
  }

  /// Inputs that broke a promise once.
  package static func found() -> [(name: String, bytes: [UInt8])] {
    let folder = fixtures.appendingPathComponent("hostile")
    return contents(of: folder).compactMap { name in
      bytes(folder.appendingPathComponent(name)).map { (name, $0) }
    }
  }

  /// The schema of events, ready to hold events against.
  package static func schema() throws -> EventSchema {
    try EventSchema(
      Array(Data(contentsOf: project.appendingPathComponent("Schemas/event.schema.json"))))
  }

  private static func contents(of folder: URL) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  private static func bytes(_ file: URL) -> [UInt8]? {
    (try? Data(contentsOf: file)).map { Array($0) }
  }
}
