import MillraceConfiguration
import MillraceCore
import MillraceSource

/// What a refusal of the service means for an operator, and the command that helps.
enum FailureAdvice {
  /// In Exchange Online PowerShell: whether audit logging is on.
  static let auditingQuery =
    "Get-AdminAuditLogConfig | Format-List UnifiedAuditLogIngestionEnabled"
  /// In Exchange Online PowerShell: switches audit logging on.
  static let auditingSwitch =
    "Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true"

  /// The finding that a failure is. What is another area's trouble is put there.
  static func finding(
    _ failure: ServiceFailure, area: Finding.Area, subject: String, tenant: TenantConfiguration
  ) -> Finding {
    var message = ServiceFailure(
      operation: failure.operation, kind: failure.kind, code: failure.code,
      status: failure.status, message: failure.message
    ).description
    let advice = advice(failure, tenant)
    // The area says it already.
    let said = (advice.area ?? area).rawValue + ": "
    if message.hasPrefix(said) { message.removeFirst(said.count) }
    if advice.isWarning {
      return .warning(
        advice.area ?? area, subject, message, meaning: advice.meaning,
        fix: failure.hint.isEmpty ? advice.fix : failure.hint, command: advice.command)
    }
    return .failure(
      advice.area ?? area, subject, message, meaning: advice.meaning,
      fix: failure.hint.isEmpty ? advice.fix : failure.hint, command: advice.command,
      cause: advice.cause)
  }

  private struct Advice {
    var area: Finding.Area?
    var meaning: String
    var fix = ""
    var command = ""
    var cause = Finding.Cause.other
    var isWarning = false
  }

  private static func advice(_ failure: ServiceFailure, _ tenant: TenantConfiguration) -> Advice {
    switch failure.kind {
    case .credentialRefused:
      Advice(
        area: .token, meaning: "the login service does not believe that this is the application",
        fix: "give the application a new credential",
        command: "az ad app credential list --id \(tenant.clientID ?? "CLIENT-ID")",
        cause: .refused)
    case .tokenRefused:
      Advice(
        meaning: "the API does not take the token that the login service gave",
        fix: "check the cloud, and that consent was given", command: "millrace consent",
        cause: .refused)
    case .permissionMissing:
      Advice(
        meaning: "the application may not read the audit log; a permission counts only once an"
          + " administrator consented to it",
        fix: "grant it and consent to it",
        command: AzureCommand.grant(
          failure.operation == .token ? ServicePermission.allCases : [.readDLP],
          to: tenant.clientID),
        cause: .refused)
    case .misconfigured:
      Advice(
        meaning: "the configuration cannot be right", fix: "check tenant, client id and cloud",
        command: failure.operation == .token ? "millrace consent" : "", cause: .configuration)
    case .auditingOff:
      Advice(
        area: .auditing,
        meaning: "audit logging is off in this tenant, or was switched on less than an hour ago (a"
          + " day ago in a new tenant); the service then says that the tenant does not exist",
        fix: "switch it on, in Exchange Online PowerShell", command: auditingSwitch)
    case .notSubscribed, .subscriptionDisabled:
      Advice(
        area: .subscription,
        meaning:
          "what becomes available meanwhile is lost for good; a start takes a while to count",
        fix: "\"millrace run\" starts it by itself, this does it now",
        command: "millrace subscriptions start --tenant \(ShellWord.quoted(tenant.name))",
        isWarning: true)
    case .throttled:
      Advice(
        area: .throttling, meaning: "the tenant's quota is used up, by this application or another",
        fix: "wait, lower requests_per_minute, and set publisher_id to your own tenant's GUID",
        isWarning: true)
    case .unreachable, .truncated:
      Advice(
        area: .connection, meaning: "no whole answer came", fix: "try again; check the network",
        cause: .unreachable)
    case .serviceTrouble, .malformed:
      Advice(
        meaning: "the service has trouble of its own, or a proxy answers in its place",
        fix: "try again in an hour; the collector keeps trying by itself", cause: .unreachable)
    default:
      Advice(meaning: "the service refuses what was asked")
    }
  }
}
