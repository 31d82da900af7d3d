/// The service an event is about, as a slug: by record type where one type has one service
/// whatever `Workload` says, else by `Workload`.
enum ServiceNames {
  private static let byWorkload = NameTable<StaticString>([
    ("azureactivedirectory", "entra_id"), ("exchange", "exchange"), ("sharepoint", "sharepoint"),
    ("onedrive", "onedrive"), ("microsoftteams", "teams"), ("teams", "teams"),
    ("securitycompliancecenter", "purview"), ("compliancemanager", "purview"),
    ("aip", "purview"), ("datagovernance", "purview"), ("purview", "purview"),
    ("threatintelligence", "defender"), ("airinvestigation", "defender"),
    ("microsoft365defender", "defender"), ("mcas", "defender_cloud_apps"),
    ("powerbi", "power_bi"), ("microsoftfabric", "power_bi"), ("fabric", "power_bi"),
    ("microsoftflow", "power_automate"), ("powerautomate", "power_automate"),
    ("powerapps", "power_apps"), ("powerplatform", "power_apps"), ("crm", "dynamics"),
    ("dynamics365", "dynamics"), ("copilot", "copilot"), ("yammer", "viva_engage"),
    ("vivaengage", "viva_engage"), ("viva engage", "viva_engage"), ("microsoftforms", "forms"),
    ("planner", "planner"), ("office365", "microsoft"), ("microsoft365", "microsoft"),
    ("endpoint", "purview"), ("skypeforbusiness", "teams"),
  ])

  /// The slug; `workload` is in lower case.
  static func slug(recordType: Int?, family: RecordFamily, workload: ByteView?) -> StaticString {
    if let slug = byRecordType(recordType) { return slug }
    if family == .dataLossPrevention { return "purview" }
    if let workload, let slug = byWorkload[workload] { return slug }
    switch family {
    case .signIn, .directory: return "entra_id"
    // Cmdlets of Skype for Business, which manage Teams.
    case .exchangeAdmin where recordType == 23: return "teams"
    case .exchangeAdmin, .mailbox: return "exchange"
    case .sharePoint: return "sharepoint"
    case .teams: return "teams"
    case .threat: return "defender"
    case .informationProtection, .discovery: return "purview"
    case .artificialIntelligence: return "copilot"
    default: return unsaid(recordType)
    }
  }

  /// The usual service of record types that say nothing of it.
  private static func unsaid(_ recordType: Int?) -> StaticString {
    switch recordType {
    case 22: "viva_engage"
    case 40: "purview"
    case 188, 189, 190, 191, 192, 193, 194, 231, 386, 387, 401, 402: "planner"
    case 294: "entra_id"
    default: "other"
    }
  }

  /// The service of record types that have one whatever `Workload` says.
  private static func byRecordType(_ recordType: Int?) -> StaticString? {
    switch recordType {
    case 98: "defender_cloud_apps"
    case 18: "purview"
    case 78, 90, 113: "defender"
    case 20, 357: "power_bi"
    case 21: "dynamics"
    case 30: "power_automate"
    case 45, 46: "power_apps"
    default: nil
    }
  }
}
