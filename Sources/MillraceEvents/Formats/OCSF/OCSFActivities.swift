/// The names of activities (OCSF 1.8.0, `activity_id` of each class), from 1 on. Data.
enum OCSFActivities {
  static let authentication: [StaticString] = [
    "Logon", "Logoff", "Authentication Ticket", "Service Ticket Request", "Service Ticket Renew",
    "Preauth", "Account Switch",
  ]
  static let accountChange: [StaticString] = [
    "Create", "Enable", "Password Change", "Password Reset", "Disable", "Delete",
    "Attach Policy", "Detach Policy", "Lock", "MFA Factor Enable", "MFA Factor Disable", "Unlock",
  ]
  static let entityManagement: [StaticString] = [
    "Create", "Read", "Update", "Delete", "Move", "Enroll", "Unenroll", "Enable", "Disable",
    "Activate", "Deactivate", "Suspend", "Resume",
  ]
  static let userAccess: [StaticString] = ["Assign Privileges", "Revoke Privileges"]
  static let groupManagement: [StaticString] = [
    "Assign Privileges", "Revoke Privileges", "Add User", "Remove User", "Delete", "Create",
    "Add Subgroup", "Remove Subgroup",
  ]
  static let webResources: [StaticString] = [
    "Create", "Read", "Update", "Delete", "Search", "Import", "Export", "Share",
  ]
  static let applicationLifecycle: [StaticString] = [
    "Install", "Remove", "Start", "Stop", "Restart", "Enable", "Disable", "Update",
  ]
  static let apiActivity: [StaticString] = ["Create", "Read", "Update", "Delete"]
  static let fileHosting: [StaticString] = [
    "Upload", "Download", "Update", "Delete", "Rename", "Copy", "Move", "Restore", "Preview",
    "Lock", "Unlock", "Share", "Unshare", "Open", "Sync", "Unsync", "Access Check",
  ]
  static let emailActivity: [StaticString] = ["Send", "Receive", "Scan", "Trace", "MTA Relay"]
  static let detectionFinding: [StaticString] = ["Create", "Update", "Close"]
  static let dataSecurityFinding: [StaticString] = ["Create", "Update", "Close", "Suppressed"]
}

extension OCSFClass {
  /// The name of the activity; nil of 0 and 99, whose name is the operation's.
  var activityName: StaticString? {
    switch uid {
    case 3002: name(OCSFActivities.authentication)
    case 3001: name(OCSFActivities.accountChange)
    case 3004: name(OCSFActivities.entityManagement)
    case 3005: name(OCSFActivities.userAccess)
    case 3006: name(OCSFActivities.groupManagement)
    case 6001: name(OCSFActivities.webResources)
    case 6002: name(OCSFActivities.applicationLifecycle)
    case 6003: name(OCSFActivities.apiActivity)
    case 6006: name(OCSFActivities.fileHosting)
    case 4009: name(OCSFActivities.emailActivity)
    case 2004: name(OCSFActivities.detectionFinding)
    case 2006: name(OCSFActivities.dataSecurityFinding)
    default: nil
    }
  }

  private func name(_ names: [StaticString]) -> StaticString? {
    names.indices.contains(activity - 1) ? names[activity - 1] : nil
  }
}
