import Foundation
import MillraceCore
import MillraceEvents

/// What the other contenders do, with Foundation's JSONDecoder: Codable structures, a record at a
/// time. Records are found by our own scanner, as JSONDecoder does not tell where they are.
enum CodableReshape {
  static func work(on blob: PaddedBytes, _ output: inout [UInt8]) throws -> Int {
    let decoder = JSONDecoder()
    let scan = BlobScanner.scan(blob)
    for record in scan.records {
      let bytes = blob.bytes(in: record.range)
      append(try decoder.decode(ReshapedRecord.self, from: Data(bytes)), to: &output)
      output += bytes
      output += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
    }
    return scan.records.count
  }

  private static func append(_ record: ReshapedRecord, to output: inout [UInt8]) {
    var separator = UInt8(ascii: "{")
    for (name, value) in record.fields {
      guard let value, !value.text.isEmpty else { continue }
      output.append(separator)
      separator = UInt8(ascii: ",")
      output += Array("\"\(name)\":".utf8)
      if value.isNumber {
        output += Array(value.text.utf8)
      } else {
        append(value.text, to: &output)
      }
    }
    output.append(separator)
    output += Array("\"raw\":".utf8)
  }

  private static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: output += Array(String(format: "\\u%04x", byte).utf8)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// An address without port and brackets.
  static func address(_ text: String) -> String {
    if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 ? String(parts[0]) : text
  }
}

/// A string or a whole number: some members are now one, now the other.
struct ReshapedScalar: Decodable {
  let text: String
  let isNumber: Bool

  init(_ text: String, isNumber: Bool = false) {
    self.text = text
    self.isNumber = isNumber
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self.init(text)
    } else if let number = try? container.decode(Int.self) {
      self.init(String(number), isNumber: true)
    } else {
      // Of other values no field is made.
      self.init("")
    }
  }
}

/// The members that fields are made of.
struct ReshapedRecord: Decodable {
  struct Pair: Decodable {
    let name: String?
    let value: ReshapedScalar?

    enum CodingKeys: String, CodingKey {
      case name = "Name"
      case value = "Value"
    }
  }

  struct Access: Decodable {
    let aadSessionId: String?

    enum CodingKeys: String, CodingKey {
      case aadSessionId = "AADSessionId"
    }
  }

  let creationTime, id, operation, organizationId, resultStatus, workload, userId, userKey: String?
  let recordType, userType: ReshapedScalar?
  let clientIP, clientIPAddress, actorIpAddress, objectId, applicationId, appId: String?
  let userAgent, clientInfoString, siteUrl, sourceFileName, itemType, mailboxOwnerUPN: String?
  let interSystemsId, intraSystemId, sessionId: String?
  let extendedProperties, deviceProperties: [Pair]?
  let appAccessContext: Access?

  private enum CodingKeys: String, CodingKey {
    case creationTime = "CreationTime"
    case id = "Id"
    case operation = "Operation"
    case organizationId = "OrganizationId"
    case resultStatus = "ResultStatus"
    case workload = "Workload"
    case userId = "UserId"
    case userKey = "UserKey"
    case recordType = "RecordType"
    case userType = "UserType"
    case clientIP = "ClientIP"
    case clientIPAddress = "ClientIPAddress"
    case actorIpAddress = "ActorIpAddress"
    case objectId = "ObjectId"
    case applicationId = "ApplicationId"
    case appId = "AppId"
    case userAgent = "UserAgent"
    case clientInfoString = "ClientInfoString"
    case siteUrl = "SiteUrl"
    case sourceFileName = "SourceFileName"
    case itemType = "ItemType"
    case mailboxOwnerUPN = "MailboxOwnerUPN"
    case interSystemsId = "InterSystemsId"
    case intraSystemId = "IntraSystemId"
    case sessionId = "SessionId"
    case extendedProperties = "ExtendedProperties"
    case deviceProperties = "DeviceProperties"
    case appAccessContext = "AppAccessContext"
  }

  /// In the order of all contenders.
  var fields: [(String, ReshapedScalar?)] {
    let address = first(clientIP, clientIPAddress, actorIpAddress)
    return [
      ("time", scalar(creationTime)), ("id", scalar(id)), ("operation", scalar(operation)),
      ("organization", scalar(organizationId)), ("record_type", recordType),
      ("result", scalar(resultStatus)), ("workload", scalar(workload)), ("user", scalar(userId)),
      ("user_key", scalar(userKey)), ("user_type", userType),
      ("ip", scalar(address.map(CodableReshape.address))), ("object", scalar(objectId)),
      ("app", scalar(first(applicationId, appId))),
      (
        "user_agent",
        scalar(first(userAgent, value("UserAgent", extendedProperties), clientInfoString))
      ),
      ("site", scalar(siteUrl)), ("file", scalar(sourceFileName)), ("item_type", scalar(itemType)),
      ("mailbox", scalar(mailboxOwnerUPN)), ("inter_system", scalar(interSystemsId)),
      ("intra_system", scalar(intraSystemId)),
      ("result_detail", scalar(value("ResultStatusDetail", extendedProperties))),
      ("os", scalar(value("OS", deviceProperties))),
      ("browser", scalar(value("BrowserType", deviceProperties))),
      (
        "session",
        scalar(
          first(sessionId, value("SessionId", deviceProperties), appAccessContext?.aadSessionId))
      ),
    ]
  }

  private func scalar(_ text: String?) -> ReshapedScalar? { text.map { ReshapedScalar($0) } }

  private func first(_ texts: String?...) -> String? {
    for case let text? in texts where !text.isEmpty { return text }
    return nil
  }

  private func value(_ name: String, _ pairs: [Pair]?) -> String? {
    pairs?.first { $0.name == name }?.value?.text
  }
}
