import MillraceHTTP

/// The error codes of the Activity API as the service words them (Activity API reference,
/// "Errors"; the statuses and texts it leaves out were seen in the field).
struct ServiceErrors: Sendable {
  let code: String
  let status: Int
  /// What stands for `{tenant}`, `{id}`, `{type}` and `{token}` is filled in for each call.
  let message: String
  /// What it says, for the list of faults.
  let meaning: String
  /// Whether the next attempt may succeed within seconds. The others ask for an operator, for
  /// patience, or for giving up the content.
  let isPassing: Bool
  /// The calls that may be answered so; nil for all of the API.
  let kinds: Set<SimulatorStatistics.Request>?

  /// The error a fault stands for; nil when it stands for none.
  static func find(_ fault: SimulatedFault) -> ServiceErrors? { table[fault] }

  /// The message for one call.
  func message(for call: SimulatedCall) -> String {
    var id = ""
    if case .fetchContent(let content) = call.endpoint { id = content }
    return message.replacing("{tenant}", with: call.tenant).replacing("{id}", with: id)
      .replacing("{type}", with: call.request.queryValue("contentType") ?? "")
      .replacing("{token}", with: call.request.queryValue("nextPage") ?? "")
  }

  private init(
    _ code: String, _ status: Int, _ message: String, _ meaning: String, passes: Bool = false,
    of kinds: Set<SimulatorStatistics.Request>? = nil
  ) {
    self.code = code
    self.status = status
    self.message = message
    self.meaning = meaning
    isPassing = passes
    self.kinds = kinds
  }

  private static let typed: Set<SimulatorStatistics.Request> = [
    .startSubscription, .stopSubscription, .listContent,
  ]
  private static let windowRule =
    "Start time and end time must both be specified (or both omitted) and must be less than or "
    + "equal to 24 hours apart, with "

  private static let table: [SimulatedFault: ServiceErrors] = [
    .af10001: ServiceErrors(
      "AF10001", 401,
      "The permission set (ActivityFeed.Read ServiceHealth.Read) sent in the request did not "
        + "include the expected permission ActivityFeed.ReadDlp.", "a permission is missing"),
    .af20001: ServiceErrors(
      "AF20001", 400, "Missing parameter: contentType.", "a parameter is missing"),
    .af20002: ServiceErrors(
      "AF20002", 400, "Invalid parameter type: PublisherIdentifier. Expected type: guid",
      "a parameter is of the wrong type"),
    .af20003: ServiceErrors(
      "AF20003", 400, "Expiration 2020-01-01T00:00:00Z provided is set to past date and time.",
      "a webhook's end is past", of: [.startSubscription]),
    .af20010: ServiceErrors(
      "AF20010", 400,
      "The tenant ID passed in the URL ({tenant}) does not match the tenant ID passed in the "
        + "access token (00000000-0000-0000-0000-000000000000).", "the token is of another tenant"),
    .af20011: ServiceErrors(
      "AF20011", 400,
      "Specified tenant ID ({tenant}) does not exist in the system or has been deleted.",
      "the tenant does not exist"),
    .af20012: ServiceErrors(
      "AF20012", 400,
      "Specified tenant ID ({tenant}) is incorrectly configured in the system.",
      "the tenant is set up wrongly at Microsoft"),
    .af20013: ServiceErrors(
      "AF20013", 400, "The tenant ID passed in the URL ({tenant}) is not a valid GUID.",
      "the tenant is no GUID"),
    .af20020: ServiceErrors(
      "AF20020", 400, "The specified content type is not valid.", "the content type is unknown",
      of: typed),
    .af20021: ServiceErrors(
      "AF20021", 400,
      "The webhook endpoint (https://hook.example.com/) could not be validated. The endpoint did "
        + "not return HTTP 200.", "a webhook does not answer", of: [.startSubscription]),
    .af20022: ServiceErrors(
      "AF20022", 400, "No subscription found for the specified content type.",
      "there is no subscription", passes: true, of: [.listContent]),
    .af20023: ServiceErrors(
      "AF20023", 400, "The subscription was disabled by a tenant admin.",
      "the subscription is disabled", passes: true, of: [.listContent]),
    .af20024: ServiceErrors(
      "AF20024", 400, "The subscription is already enabled. No property change.",
      "it is enabled already, which is a success", passes: true, of: [.startSubscription]),
    .af20030: ServiceErrors(
      "AF20030", 400, windowRule + "the start time no more than 7 days in the past.",
      "the window is refused", passes: true, of: [.listContent]),
    .af20031: ServiceErrors(
      "AF20031", 400, "Invalid nextPage Input: {token}.", "the token of a page is stale",
      passes: true, of: [.listContent]),
    .af20050: ServiceErrors(
      "AF20050", 404, "The specified content ({id}) does not exist.", "the content is gone",
      of: [.fetchContent]),
    .af20051: ServiceErrors(
      "AF20051", 410,
      "Content requested with the key {id} has already expired. Content older than 7 days cannot "
        + "be retrieved.", "the content is expired", of: [.fetchContent]),
    .af20052: ServiceErrors(
      "AF20052", 400, "Blob key {id} in the url is invalid", "the content's id is refused",
      passes: true, of: [.fetchContent]),
    .af20053: ServiceErrors(
      "AF20053", 400, "Only one language may be present in the Accept-Language header.",
      "there are two languages"),
    .af20054: ServiceErrors(
      "AF20054", 400, "Invalid syntax in Accept-Language header.", "the language cannot be read"),
    .af20055: ServiceErrors(
      "AF20055", 400,
      windowRule
        + "the start time prior to end time and start time no more than 7 days in the past.",
      "the window is refused, as of today", passes: true, of: [.listContent]),
    .af50000: ServiceErrors(
      "AF50000", 500,
      "Please retry the request again in an hour. We have been notified and would be resolved soon.",
      "an internal error", passes: true),
    .af50005: ServiceErrors(
      "AF50005", 500, "An internal error occurred. Retry the request.", "another internal error",
      passes: true),
    .af50006: ServiceErrors(
      "AF50006", 500, "An internal error occurred. Retry the request.", "a third internal error",
      passes: true),
  ]
}
