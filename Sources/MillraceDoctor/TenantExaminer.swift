import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillracePipeline
import MillraceRuntime
import MillraceSource

/// Examines one tenant as the service sees it: token and permissions, subscriptions, whether
/// content comes, throttling. Asks, and changes nothing.
struct TenantExaminer {
  let tenant: TenantConfiguration
  let http: any HTTPClient
  let clock: any WallClock
  let collector: StatusReport?

  private var subject: String { "tenant \(tenant.name)" }

  func examine() async -> [Finding] {
    let service: TenantService
    do throws(SetupError) {
      service = try await TenantService.connect(tenant, http: http, clock: clock)
    } catch {
      if let failure = error.failure { return [finding(failure, .token)] }
      return [
        .failure(
          .configuration, subject, error.description, meaning: "this tenant is not collected")
      ]
    }
    let token: AccessToken
    do throws(ServiceFailure) {
      token = try await service.api.currentToken()
    } catch {
      return [finding(error, .token)]
    }
    var findings = tokenFindings(token, service.tenant)
    do throws(ServiceFailure) {
      let found = try await service.api.subscriptions()
      findings += subscriptionFindings(found)
      let enabled = tenant.contentTypes.filter { type in
        found.contains { $0.contentType == type && $0.isEnabled }
      }
      findings += await contentFindings(service, enabled)
    } catch {
      findings.append(finding(error, .subscription))
    }
    if !findings.contains(where: { $0.area == .throttling }) { findings.append(headroom()) }
    return findings
  }

  private func finding(_ failure: ServiceFailure, _ area: Finding.Area) -> Finding {
    FailureAdvice.finding(failure, area: area, subject: subject, tenant: tenant)
  }

  // MARK: Token

  private func tokenFindings(_ token: AccessToken, _ id: TenantID) -> [Finding] {
    guard let claims = token.claims else {
      return [.ok(.token, subject, "the login service gave one that does not say what is in it")]
    }
    var findings: [Finding] = []
    let minutes = max(0, (token.expires - clock.now()).milliseconds / 60_000)
    let roles = claims.roles + claims.scopes
    let text =
      "for \(printable(claims.audience ?? "no audience")), tenant"
      + " \(printable(claims.tenant ?? "not named")),"
      + " with \(roles.isEmpty ? "no permissions" : printable(roles.joined(separator: ", ")));"
      + " good for \(minutes) minutes"
    if let audience = claims.audience, withoutSlash(audience) != withoutSlash(tenant.cloud.resource)
    {
      findings.append(
        .failure(
          .token, subject, text,
          meaning: "it is not for \(tenant.cloud.resource), which refuses it",
          fix: "check the tenant's cloud and its resource"))
    } else {
      findings.append(.ok(.token, subject, text))
    }
    if tenant.contentTypes.contains(.dlp), !claims.canReadDLP {
      let command = AzureCommand.grant([.readDLP], to: tenant.clientID)
      findings.append(
        .warning(
          .token, subject, "it does not carry ActivityFeed.ReadDlp",
          meaning: "DLP.All is refused with AF10001; the other content types do not mind",
          fix: "grant it and consent to it, or take DLP.All out of content_types", command: command)
      )
    }
    let needless = ServicePermission.needless(claims.roles)
    if !needless.isEmpty {
      findings.append(
        .warning(
          .token, subject, "it carries \(printable(needless.joined(separator: ", "))) as well",
          meaning: "Millrace needs none of that; whoever steals the credential could use it",
          fix: "take these permissions from the application"))
    }
    return findings
  }

  private func withoutSlash(_ text: String) -> String {
    text.hasSuffix("/") ? String(text.dropLast()) : text
  }

  /// The login service wrote it, whoever that is, and it goes to a terminal.
  private func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
          .prefix(300)))
  }

  // MARK: Subscriptions and content

  private func subscriptionFindings(_ found: [Subscription]) -> [Finding] {
    tenant.contentTypes.map { type in
      let subject = "\(tenant.name)/\(type)"
      let command =
        "millrace subscriptions start --tenant \(ShellWord.quoted(tenant.name)) --content-type \(type)"
      guard let subscription = found.first(where: { $0.contentType == type }) else {
        return .warning(
          .subscription, subject, "not subscribed yet",
          meaning: "nothing is gathered before it is; the first content may take 12 hours",
          fix: "\"millrace run\" starts it by itself, this does it now", command: command)
      }
      guard subscription.isEnabled else {
        return .warning(
          .subscription, subject, "disabled",
          meaning: "what becomes available while it is disabled is lost for good",
          fix: "\"millrace run\" starts it by itself, this does it now", command: command)
      }
      return .ok(.subscription, subject, "enabled")
    }
  }

  /// Whether content became available lately, for each feed that is enabled: the only way to see
  /// that audit logging is on.
  private func contentFindings(
    _ service: TenantService, _ types: [ContentType]
  ) async -> [Finding] {
    guard !types.isEmpty else {
      return [
        .warning(
          .auditing, subject, "whether audit logging is on shows only once a feed is subscribed",
          fix: "subscribe, then check again",
          command: "millrace subscriptions start --tenant \(ShellWord.quoted(tenant.name))")
      ]
    }
    var findings: [Finding] = []
    var newest: Timestamp?
    for type in types {
      let end = ListingPlan.head(serviceNow: service.api.serviceNow ?? clock.now())
      let window = TimeWindow(start: end - Limits.windowWidth, end: end)
      do throws(ServiceFailure) {
        if let latest = try await newestContent(service.api, type, window) {
          newest = max(newest ?? latest, latest)
        }
      } catch {
        // More than a page may hold: the collector asks for less at a time, and content there is.
        guard error.kind != .tooLarge else {
          newest = max(newest ?? window.start, window.start)
          continue
        }
        findings.append(
          FailureAdvice.finding(
            error, area: .subscription, subject: "\(tenant.name)/\(type)", tenant: tenant))
      }
    }
    if let newest {
      findings.append(
        .ok(.auditing, subject, "audit logging is on: content came up to \(newest)"))
    } else if !findings.contains(where: { $0.level == .failure }) {
      findings.append(
        .warning(
          .auditing, subject, "no content became available during the last 23 hours",
          meaning: "that is so in the first 12 hours of a subscription, in a tenant that nobody"
            + " uses, and when audit logging is off",
          fix: "in Exchange Online PowerShell (elsewhere the answer is always False), see that it"
            + " says True", command: FailureAdvice.auditingQuery))
    }
    return findings
  }

  /// When the newest content of a window became available, by its first page that has any; nil when
  /// there is none on the first few: pages may be empty and still be followed by others.
  private func newestContent(
    _ api: ActivityAPI, _ type: ContentType, _ window: TimeWindow
  ) async throws(ServiceFailure) -> Timestamp? {
    var page = try await api.listPage(of: type, window: window)
    var pages = 1
    while page.blobs.isEmpty, let next = page.nextPage, pages < Limits.checkPagesMax {
      page = try await api.nextPage(next, of: type, window: window)
      pages += 1
    }
    return page.blobs.map(\.created).max()
  }

  // MARK: Throttling

  /// The service states no rate; what is left to say is whether it complained.
  private func headroom() -> Finding {
    let ceiling = "at most \(tenant.requestsPerMinute) requests a minute are made"
    guard let run = collector?.run else {
      return .ok(.throttling, subject, "nothing was throttled; \(ceiling)")
    }
    guard run.requestsThrottled > 0 else {
      return .ok(
        .throttling, subject,
        "nothing was throttled since the collector started at \(run.startedAt); \(ceiling)")
    }
    return .warning(
      .throttling, subject,
      "\(run.requestsThrottled) requests of all tenants were throttled since \(run.startedAt);"
        + " \(ceiling)",
      meaning: "the tenant's quota is smaller, or others with the same publisher id share it",
      fix: "lower requests_per_minute, and set publisher_id to your own tenant's GUID")
  }
}
