import Foundation
import MillraceCore

/// What a record looks like to a collector that picks 22 fields with Codable. `RecordType` and
/// `UserType` are not among them: some records have them as strings, which Codable refuses.
private struct AuditRecord: Decodable {
  let creationTime: String?
  let id: String?
  let operation: String?
  let organizationId: String?
  let resultStatus: String?
  let userKey: String?
  let workload: String?
  let clientIP: String?
  let objectId: String?
  let userId: String?
  let applicationId: String?
  let actorIpAddress: String?
  let clientIPAddress: String?
  let clientInfoString: String?
  let userAgent: String?
  let siteUrl: String?
  let sourceFileName: String?
  let itemType: String?
  let mailboxOwnerUPN: String?
  let interSystemsId: String?
  let intraSystemId: String?
  let correlationId: String?

  private enum CodingKeys: String, CodingKey {
    case creationTime = "CreationTime"
    case id = "Id"
    case operation = "Operation"
    case organizationId = "OrganizationId"
    case resultStatus = "ResultStatus"
    case userKey = "UserKey"
    case workload = "Workload"
    case clientIP = "ClientIP"
    case objectId = "ObjectId"
    case userId = "UserId"
    case applicationId = "ApplicationId"
    case actorIpAddress = "ActorIpAddress"
    case clientIPAddress = "ClientIPAddress"
    case clientInfoString = "ClientInfoString"
    case userAgent = "UserAgent"
    case siteUrl = "SiteUrl"
    case sourceFileName = "SourceFileName"
    case itemType = "ItemType"
    case mailboxOwnerUPN = "MailboxOwnerUPN"
    case interSystemsId = "InterSystemsId"
    case intraSystemId = "IntraSystemId"
    case correlationId = "CorrelationId"
  }
}

/// What others would do with the same bytes.
enum ReferenceWorkloads {
  /// The least that can be done: reading and writing every byte.
  static func copy(_ corpus: Corpus) -> Workload {
    let largest = corpus.blobs.map(\.count).max() ?? 0
    var target = [UInt8](repeating: 0, count: largest)
    return Workload.timed(name: "memcpy", bytes: corpus.bytes, events: corpus.events) {
      for blob in corpus.blobs {
        blob.withUnsafeBytes { bytes in
          target.withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
        }
      }
    }
  }

  /// Reads into structures and writes nothing: less than an encoder does.
  static func decoder(_ corpus: Corpus) -> Workload {
    let data = corpus.blobs.map { Data($0.bytes) }
    let decoder = JSONDecoder()
    return Workload.timed(
      name: "JSONDecoder, 22 fields", bytes: corpus.bytes, events: corpus.events, roundsMax: 3
    ) {
      var count = 0
      for blob in data { count += try decoder.decode([AuditRecord].self, from: blob).count }
      precondition(count == corpus.events, "the decoder finds every record")
    }
  }

  /// Reads everything into dictionaries and writes nothing.
  static func serialization(_ corpus: Corpus) -> Workload {
    let data = corpus.blobs.map { Data($0.bytes) }
    return Workload.timed(
      name: "JSONSerialization", bytes: corpus.bytes, events: corpus.events, roundsMax: 3
    ) {
      var count = 0
      for blob in data {
        count += (try JSONSerialization.jsonObject(with: blob) as? [Any])?.count ?? 0
      }
      precondition(count == corpus.events, "the parser finds every record")
    }
  }
}
