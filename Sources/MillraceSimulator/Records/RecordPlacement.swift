import MillraceCore

/// Finds the feed a record belongs to (Activity API reference, "Working with the Office 365
/// Management Activity API": which workloads a content type has).
enum RecordPlacement {
  /// The record types of data loss prevention, whatever their workload.
  private static let dlpTypes: Set<String> = ["11", "13", "33", "63", "99", "100", "107"]

  /// The feed of a record; nil when it is not a JSON object.
  static func contentType(of record: ArraySlice<UInt8>) -> ContentType? {
    guard record.first == UInt8(ascii: "{"), record.last == UInt8(ascii: "}") else { return nil }
    let members = topLevelMembers(record, named: ["RecordType", "Workload"])
    if let type = members["RecordType"], dlpTypes.contains(type) { return .dlp }
    switch members["Workload"] {
    case "AzureActiveDirectory": return .azureActiveDirectory
    case "Exchange": return .exchange
    case "SharePoint", "OneDrive": return .sharePoint
    default: return .general
    }
  }

  /// The values of members of the outermost object, strings without their quotes. A quick scan
  /// that believes the record is well-formed; one that is not is served just the same.
  private static func topLevelMembers(
    _ record: ArraySlice<UInt8>, named names: Set<String>
  ) -> [String: String] {
    var members: [String: String] = [:]
    var depth = 0
    var name: String?
    var index = record.startIndex
    while index < record.endIndex {
      switch record[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "\""):
        let end = endOfString(record, from: index)
        if depth == 1 {
          let text = String(decoding: record[index + 1..<max(end - 1, index + 1)], as: UTF8.self)
          if let known = name {
            if names.contains(known) { members[known] = text }
          } else {
            name = text
          }
        }
        index = end
        continue
      case UInt8(ascii: ",") where depth == 1: name = nil
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        let end = record[index...].firstIndex { !isNumberByte($0) } ?? record.endIndex
        if depth == 1, let known = name, names.contains(known) {
          members[known] = String(decoding: record[index..<end], as: UTF8.self)
        }
        index = end
        continue
      default: break
      }
      index += 1
    }
    return members
  }

  /// The index behind the closing quote of the string that begins at `start`.
  private static func endOfString(_ record: ArraySlice<UInt8>, from start: Int) -> Int {
    var index = start + 1
    while index < record.endIndex {
      if record[index] == UInt8(ascii: "\"") { return index + 1 }
      index += record[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return record.endIndex
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
}
