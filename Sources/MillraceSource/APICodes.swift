import MillraceCore

/// What the AF codes of the Activity API mean, and what to do about them (Activity API reference,
/// "Errors"; those it leaves out are known from the field).
struct APICode: Sendable {
  let kind: ServiceFailure.Kind
  /// The one call that may mean it; elsewhere the answer is a refusal like any other. Without
  /// this, "already enabled" would make a success of a listing that never came.
  let operation: ServiceFailure.Operation?
  let hint: String

  /// The meaning of a code; nil when it is not in the table.
  static func find(_ code: String) -> APICode? { table[code] }

  private init(
    _ kind: ServiceFailure.Kind, _ hint: String = "",
    only operation: ServiceFailure.Operation? = nil
  ) {
    self.kind = kind
    self.operation = operation
    self.hint = hint
  }

  private static let windowRule = APICode(
    .windowRefused, "check this machine's clock", only: .listContent)
  private static let trouble = APICode(.serviceTrouble)

  private static let table: [String: APICode] = [
    "AF10001": APICode(
      .permissionMissing,
      "grant the application permission ActivityFeed.Read of Office 365 Management APIs, for"
        + " DLP.All also ActivityFeed.ReadDlp, with admin consent"),
    "AF20001": APICode(.refused, "a parameter got lost: check proxies on the way"),
    "AF20002": APICode(.misconfigured, "check that the publisher id is a GUID"),
    "AF20003": APICode(.misconfigured, "the webhook's expiration lies in the past"),
    "AF20010": APICode(.misconfigured, "the tenant is not the one the token was issued for"),
    "AF20011": APICode(
      .auditingOff, "check the tenant's GUID, and that audit logging is switched on"),
    "AF20012": APICode(
      .misconfigured, "the tenant is set up wrongly on Microsoft's side: open a ticket there"),
    "AF20013": APICode(.misconfigured, "the tenant must be given as a GUID"),
    "AF20020": APICode(
      .misconfigured, "this content type is not offered here: remove it, or check the cloud"),
    "AF20021": APICode(.misconfigured, "the webhook's address cannot be validated"),
    "AF20022": APICode(.notSubscribed),
    "AF20023": APICode(.subscriptionDisabled),
    "AF20024": APICode(.alreadyEnabled, only: .startSubscription),
    "AF20030": windowRule,
    "AF20031": APICode(.pageStale, only: .listContent),
    "AF20050": APICode(.contentMissing, only: .fetchContent),
    "AF20051": APICode(.contentExpired, only: .fetchContent),
    "AF20052": APICode(
      .contentIDRefused, "if all content is refused so, check the tenant's GUID and the cloud",
      only: .fetchContent),
    "AF20053": APICode(.refused),
    "AF20054": APICode(.refused),
    "AF20055": windowRule,
    "AF429": APICode(.throttled),
    "AF50000": trouble,
    "AF50005": trouble,
    "AF50006": trouble,
  ]
}
