/// The permissions of the API that Millrace needs, and nothing else does (Activity API reference,
/// "Application permissions").
package enum ServicePermission: String, CaseIterable, Sendable {
  /// Everything but DLP events.
  case readActivity = "ActivityFeed.Read"
  /// `DLP.All`, which may hold the sensitive data that was found.
  case readDLP = "ActivityFeed.ReadDlp"

  /// The application "Office 365 Management APIs", the same in every tenant and cloud.
  package static let apiApplication = "c5393580-f805-4401-95e8-94b7a6ef2fc2"

  /// The role's own GUID, which the Azure command line wants in place of its name.
  package var roleID: String {
    switch self {
    case .readActivity: "594c1fb6-4f81-4475-ae41-0c394909246c"
    case .readDLP: "4807a72c-ad38-4250-94c9-4eabfe26cd55"
    }
  }

  /// What of the application permissions of a token Millrace has no use for: least privilege is to
  /// take them away.
  package static func needless(_ roles: [String]) -> [String] {
    let needed = Set(allCases.map { $0.rawValue.lowercased() })
    return roles.filter { !needed.contains($0.lowercased()) }
  }
}
