import MillraceCore

/// Which content type the service hands a record out in. Data, not code, in its state of
/// June 2026: the service publishes no such table, only which workloads each content type holds
/// ("Working with the Office 365 Management Activity API"), and everything else is
/// `Audit.General`.
enum FeedTable {
  /// Record types of loss prevention, which have a content type of their own whatever the workload.
  private static let lossPrevention: Set<Int> = [11, 13, 33, 63, 99, 100, 107]

  private static let workloads: [String: ContentType] = [
    "azureactivedirectory": .azureActiveDirectory,
    "exchange": .exchange,
    "sharepoint": .sharePoint,
    "onedrive": .sharePoint,
  ]

  /// For records that name no workload.
  private static let recordTypes: [Int: ContentType] = [
    8: .azureActiveDirectory, 9: .azureActiveDirectory, 15: .azureActiveDirectory,
    1: .exchange, 2: .exchange, 3: .exchange, 19: .exchange, 50: .exchange,
    4: .sharePoint, 6: .sharePoint, 7: .sharePoint, 14: .sharePoint, 36: .sharePoint,
    37: .sharePoint, 54: .sharePoint, 55: .sharePoint, 56: .sharePoint,
  ]

  /// The content type of a record.
  static func contentType(workload: String?, recordType: Int?) -> ContentType {
    if let recordType, lossPrevention.contains(recordType) { return .dlp }
    if let workload, !workload.isEmpty {
      return workloads[workload.lowercased()] ?? .general
    }
    return recordType.flatMap { recordTypes[$0] } ?? .general
  }
}
