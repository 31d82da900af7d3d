import Foundation
import MillraceCore
import MillraceSimulator

/// The corpus of the contenders as files: a blob on each line, the same for the same seed.
///
/// Records of the simulated tenant, in the shares of a busy one (files 34 %, mailboxes and
/// Exchange 30 %, sign-ins and directory 24 %, Teams and others 11 %, loss prevention 1 %), 100 to
/// 400 in a blob. In a quarter of the records slashes are escaped, and in a tenth all that is not
/// ASCII, as the service does it.
struct ContenderCorpus {
  let path: String
  let bytes: Int
  let records: Int

  /// Writes as many blobs as there are bytes asked for.
  static func write(
    _ sizes: [(name: String, bytes: Int)], seed: UInt64, in folder: String
  ) throws -> [ContenderCorpus] {
    let largest = sizes.map(\.bytes).max() ?? 0
    let blobs = try blobs(bytes: largest, seed: seed)
    return try sizes.map { name, size in
      var content = Data()
      var records = 0
      for blob in blobs where content.count < size {
        content.append(contentsOf: blob.bytes)
        content.append(UInt8(ascii: "\n"))
        records += blob.records
      }
      let path = "\(folder)/\(name).json"
      try content.write(to: URL(fileURLWithPath: path))
      return ContenderCorpus(path: path, bytes: content.count, records: records)
    }
  }

  /// The same blobs several times in one file.
  func repeated(_ times: Int, as name: String, in folder: String) throws -> ContenderCorpus {
    let content = try Data(contentsOf: URL(fileURLWithPath: path))
    let path = "\(folder)/\(name).json"
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw ChildFailure(description: "\(path) cannot be written")
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    for _ in 0..<times { try file.write(contentsOf: content) }
    try file.close()
    return ContenderCorpus(path: path, bytes: times * bytes, records: times * records)
  }

  private struct Blob {
    var bytes = [UInt8(ascii: "[")]
    var records = 0
    /// How many it will have.
    var wanted = 0
  }

  private static func blobs(bytes: Int, seed: UInt64) throws -> [Blob] {
    var options = SimulatorOptions()
    options.content = .generated(events: bytes / 1300 + 400, seed: seed)
    options.eventsPerBlob = 50
    let oracle = try Simulator(options).oracle
    var generator = SeededGenerator(seed: seed)
    var open: [ContentType: Blob] = [:]
    var done: [Blob] = []
    var size = 0
    // In the order in which they are made, so that feeds take turns, as when they are collected.
    for listed in oracle.blobs.sorted(by: {
      ($0.created, $0.id.description) < ($1.created, $1.id.description)
    })
    where size < bytes {
      let type = listed.feed.contentType
      for record in try oracle.records(of: listed) {
        var blob = open[type] ?? Blob(wanted: Int.random(in: 100...400, using: &generator))
        if blob.records > 0 { blob.bytes.append(UInt8(ascii: ",")) }
        blob.bytes += dressed(record, &generator)
        blob.records += 1
        open[type] = blob
        guard blob.records == blob.wanted else { continue }
        blob.bytes.append(UInt8(ascii: "]"))
        size += blob.bytes.count
        done.append(blob)
        open[type] = nil
      }
    }
    for (_, blob) in open.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where size < bytes {
      size += blob.bytes.count
      done.append(Blob(bytes: blob.bytes + [UInt8(ascii: "]")], records: blob.records))
    }
    return done
  }

  private static func dressed(_ record: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    switch Int.random(in: 0..<100, using: &generator) {
    case 0..<25: escapingSlashes(record)
    case 25..<35: escapingAllButASCII(record)
    default: record
    }
  }

  /// Slashes stand in strings alone.
  private static func escapingSlashes(_ record: [UInt8]) -> [UInt8] {
    var escaped: [UInt8] = []
    var backslashes = 0
    for byte in record {
      if byte == UInt8(ascii: "/"), backslashes % 2 == 0 { escaped.append(UInt8(ascii: "\\")) }
      backslashes = byte == UInt8(ascii: "\\") ? backslashes + 1 : 0
      escaped.append(byte)
    }
    return escaped
  }

  private static func escapingAllButASCII(_ record: [UInt8]) -> [UInt8] {
    var escaped = ""
    for unit in String(decoding: record, as: UTF8.self).utf16 {
      if unit < 0x80 {
        escaped.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      } else {
        escaped += String(format: "\\u%04x", unit)
      }
    }
    return Array(escaped.utf8)
  }
}
