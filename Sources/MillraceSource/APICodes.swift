import MillraceCore

// A table of data: each code with its own meaning and its own advice.

extension APICode {
  /// Every code that is documented or was seen.
  package static let all: [APICode] = [
    APICode(
      "AF10001", .permissionMissing, "the token lacks a permission",
      "grant the application permission ActivityFeed.Read of Office 365 Management APIs, for"
        + " DLP.All also ActivityFeed.ReadDlp, with admin consent"),
    APICode(
      "AF20001", .refused, "a parameter is missing",
      "a parameter got lost: check proxies on the way"),
    APICode(
      "AF20002", .misconfigured, "a parameter has the wrong form",
      "check that the publisher id is a GUID"),
    APICode(
      "AF20003", .misconfigured, "the webhook's expiration lies in the past",
      "set this machine's clock right, or give the webhook a later expiration"),
    APICode(
      "AF20010", .misconfigured, "the token was issued for another tenant than the one asked for",
      "configure as id the GUID of the tenant that the application signs in to"),
    APICode(
      "AF20011", .auditingOff, "the tenant does not exist for the audit service",
      "check the tenant's GUID, and that audit logging is switched on"),
    APICode(
      "AF20012", .misconfigured, "the tenant is set up wrongly on Microsoft's side",
      "open a ticket with Microsoft that names this code and the tenant"),
    APICode(
      "AF20013", .misconfigured, "the tenant in the URL is not a GUID",
      "the tenant must be given as a GUID"),
    APICode(
      "AF20020", .misconfigured, "the content type is not offered here",
      "this content type is not offered here: remove it, or check the cloud"),
    APICode(
      "AF20021", .misconfigured, "the webhook's address could not be validated",
      "make it an https address with a public certificate that answers 200, or do without it"),
    APICode(
      "AF20022", .notSubscribed, "the application has no subscription to the content type",
      "nothing to do: the subscription is started", needsOperator: false),
    APICode(
      "AF20023", .subscriptionDisabled, "the subscription is disabled, or not yet in effect",
      "wait: it is started again at most every 15 minutes", needsOperator: false),
    APICode(
      "AF20024", .alreadyEnabled, "the subscription was enabled already",
      "nothing to do: this is a success", only: .startSubscription, needsOperator: false),
    APICode(
      "AF20030", .windowRefused, "the span asked for breaks a rule of the service",
      "check this machine's clock", only: .listContent),
    APICode(
      "AF20031", .pageStale, "the page of the listing is not known any more",
      "nothing to do: the listing begins anew", only: .listContent, needsOperator: false),
    APICode(
      "AF20050", .contentMissing, "the content is gone",
      "nothing to do: the loss is entered in the ledger (millrace audit names it)",
      only: .fetchContent, needsOperator: false),
    APICode(
      "AF20051", .contentExpired, "the content is older than the service keeps it",
      "keep the collector running: the service keeps content for seven days",
      only: .fetchContent, needsOperator: false),
    APICode(
      "AF20052", .contentIDRefused, "the content id is refused",
      "if all content is refused so, check the tenant's GUID and the cloud", only: .fetchContent),
    APICode(
      "AF20053", .refused, "more than one language was asked for",
      "have proxies leave the field Accept-Language alone"),
    APICode(
      "AF20054", .refused, "the language asked for is not readable",
      "have proxies not add an Accept-Language of their own"),
    APICode(
      "AF20055", .windowRefused, "the span asked for is too wide, too old or reversed",
      "set this machine's clock right: spans are made from it until the service has answered once",
      only: .listContent),
    APICode(
      "AF429", .throttled, "there were too many requests",
      "lower requests_per_minute, set publisher_id to a GUID of your own, or find who else uses it"),
    APICode(
      "AF50000", .serviceTrouble, "the service has an internal error",
      "wait: the request is repeated with growing pauses", needsOperator: false),
    APICode(
      "AF50005", .serviceTrouble, "the service has an internal error of a kind not documented",
      "wait: the request is repeated; see the service health if it lasts", needsOperator: false),
    APICode(
      "AF50006", .serviceTrouble, "the service has another internal error that is not documented",
      "wait: the request is repeated; open a ticket with Microsoft if it lasts for a day",
      needsOperator: false),
  ]
}
