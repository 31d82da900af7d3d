import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillracePipeline
import MillraceRuntime
import MillraceSource

/// Examines the hosts of the service, each of them once however many tenants reach it in the same
/// way: name, connection, certificates, clock.
struct HostExaminer {
  let http: CurlClient
  let clock: any WallClock
  /// The ways to hosts that were examined, and whether they lead there.
  private var isReachable: [String: Bool] = [:]

  init(http: CurlClient, clock: any WallClock) {
    self.http = http
    self.clock = clock
  }

  /// Whether the hosts of an examined tenant can be reached.
  func canReach(_ tenant: TenantConfiguration) -> Bool {
    [tenant.cloud.login, tenant.cloud.api].allSatisfy { isReachable[way(to: $0, tenant)] != false }
  }

  /// What is to be said of a tenant's hosts that has not been said of another's.
  mutating func examine(_ tenant: TenantConfiguration) async -> [Finding] {
    var origins: [String] = []
    for origin in [tenant.cloud.login, tenant.cloud.api]
    where isReachable[way(to: origin, tenant)] == nil {
      isReachable[way(to: origin, tenant)] = false
      origins.append(origin)
    }
    // Files that cannot be used have been told of.
    guard tenant.network.files.allSatisfy({ PEMFile.problem($0.path) == nil }) else { return [] }
    let route: HTTPRoute
    do throws(HTTPError) { route = try tenant.network.route() } catch {
      guard !origins.isEmpty else { return [] }
      return [
        .failure(
          .secret, "tenant \(tenant.name)", error.message,
          meaning: "nothing can be reached without the proxy",
          fix: error.hint.isEmpty ? "make the file, or name the right one" : error.hint)
      ]
    }
    var findings: [Finding] = []
    for origin in origins {
      let (made, isReached) = await examine(origin, route)
      isReachable[way(to: origin, tenant)] = isReached
      findings += made
    }
    return findings
  }

  /// What a host and the way there have in common with those of other tenants.
  private func way(to origin: String, _ tenant: TenantConfiguration) -> String {
    let proxy =
      switch tenant.network.proxy {
      case .environment: "environment"
      case .off: "off"
      case .through(let proxy): "\(proxy.url) \(proxy.username ?? "")"
      }
    let files = tenant.network.files.map(\.path).joined(separator: " ")
    return "\(origin) \(proxy) \(files)"
  }

  private func examine(
    _ origin: String, _ route: HTTPRoute
  ) async -> (findings: [Finding], isReached: Bool) {
    let request = question(origin, route)
    let probe = await http.probe(request)
    if let failure = probe.failure {
      let shown =
        failure.kind == .tls ? await http.probe(request, isVerifying: false).chain : []
      return (Self.findings(of: failure, origin, probe: probe, shown: shown), false)
    }
    var findings: [Finding] = [
      .ok(.dns, origin, "the name leads to \(probe.address)"),
      .ok(.connection, origin, "\(probe.address) takes connections at port \(probe.port)"),
      chainFinding(origin, probe.chain),
    ]
    findings += await clockFindings(origin, request)
    return (findings, true)
  }

  private func question(_ origin: String, _ route: HTTPRoute) -> HTTPRequest {
    HTTPRequest(
      url: origin + "/", timeouts: HTTPTimeouts(total: Limits.checkTimeout), route: route)
  }

  // MARK: Name and connection

  private static func findings(
    of failure: HTTPError, _ origin: String, probe: ConnectionProbe, shown: [ServerCertificate]
  ) -> [Finding] {
    let host = host(of: origin)
    let nothing = "without it neither tokens nor content can be had"
    let named = Finding.ok(.dns, origin, "the name leads to \(probe.address)")
    switch failure.kind {
    case .resolve:
      let unknown = proxy(notFound: failure) ?? host
      return [
        .failure(
          .dns, origin, failure.message, meaning: nothing,
          fix: "check the host's spelling, the resolver in /etc/resolv.conf, and the proxy",
          command: "getent ahosts \(ShellWord.quoted(unknown))", cause: .unreachable)
      ]
    case .tls:
      return [named, certificateFailure(failure, origin, shown)]
    default:
      let refused = Finding.failure(
        .connection, origin, failure.message, meaning: nothing,
        fix: "let this machine connect to that host: check firewall, routes and the proxy",
        command: "curl -v \(origin)/", cause: .unreachable)
      return probe.address.isEmpty ? [refused] : [named, refused]
    }
  }

  /// The host of a proxy that has no address; nil when it is another host that has none (libcurl's
  /// CURLE_COULDNT_RESOLVE_PROXY).
  private static func proxy(notFound failure: HTTPError) -> String? {
    guard let words = failure.message.firstRange(of: "resolve proxy: ") else { return nil }
    return failure.message[words.upperBound...].split(separator: " ").first.map(String.init)
  }

  /// `host` of `https://host:port`.
  private static func host(of origin: String) -> String {
    guard let parsed = Origin(url: origin) else { return origin }
    return parsed.host
  }

  // MARK: Certificates

  private static func certificateFailure(
    _ failure: HTTPError, _ origin: String, _ shown: [ServerCertificate]
  ) -> Finding {
    let parsed = Origin(url: origin)
    let address = parsed.map { "\($0.host):\($0.port)" } ?? origin
    var message = failure.message
    if let own = shown.first {
      message +=
        own.isSelfSigned
        ? "; it shows a certificate that it signed itself, for \(own.subject)"
        : "; it shows a certificate for \(own.subject), issued by \(own.issuer)"
      if let ends = own.ends { message += ", good until \(ends.day)" }
    }
    return .failure(
      .tls, origin, message,
      meaning: "this is not proven to be the service: something between here and there may read"
        + " along, such as a proxy that opens TLS; nothing was sent",
      fix: "if it is your proxy, name its authority as ca_file; never switch verifying off",
      command: "openssl s_client -connect \(address) -showcerts </dev/null", cause: .unreachable)
  }

  private func chainFinding(_ origin: String, _ chain: [ServerCertificate]) -> Finding {
    guard let own = chain.first else {
      return .ok(.tls, origin, "plain HTTP, which is for this machine alone")
    }
    let ends = chain.compactMap(\.ends).min()
    let text =
      "\(own.subject), issued by \(own.issuer), \(chain.count) certificates"
      + (ends.map { ", good until \($0.day)" } ?? "")
    guard let ends, ends - clock.now() < Limits.certificateEndWarning else {
      return .ok(.tls, origin, text)
    }
    return .warning(
      .tls, origin, text,
      meaning: "connections are refused when it ends",
      fix: "if it is your proxy's or your own server's, renew it; check this machine's clock")
  }

  // MARK: Clock

  private func clockFindings(_ origin: String, _ request: HTTPRequest) async -> [Finding] {
    let asked = clock.now()
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await http.send(request)
    } catch {
      return [
        .failure(
          .connection, origin, error.message, meaning: "the host takes connections and no requests",
          fix: error.hint.isEmpty ? "try again in a while" : error.hint,
          command: "curl -v \(origin)/", cause: .unreachable)
      ]
    }
    guard let date = ServiceClock.time(of: response) else { return [] }
    let now = clock.now()
    // It was written at some moment between the two, and its second had begun before.
    let offset =
      date > now ? date - now : date + .seconds(1) < asked ? date + .seconds(1) - asked : .zero
    let seconds = offset.milliseconds / 1000
    let amount = Duration.milliseconds(abs(offset.milliseconds))
    guard amount > Limits.clockOffsetWarning else {
      return [.ok(.clock, origin, "this machine's clock agrees")]
    }
    return [
      .warning(
        .clock, origin,
        "this machine's clock is \(abs(seconds)) s \(seconds > 0 ? "behind" : "ahead")",
        meaning: amount > Limits.clockOffsetFailure
          ? "the login service refuses what a certificate signs, with AADSTS700024; windows follow"
            + " the service's clock, so that nothing is lost"
          : "windows follow the service's clock, so that nothing is lost; logs bear wrong times",
        fix: "have the clock set from the network", command: "timedatectl set-ntp true")
    ]
  }
}
