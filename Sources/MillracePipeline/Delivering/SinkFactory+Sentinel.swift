import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillraceHTTPSinks
import MillraceRuntime
import MillraceSinks
import MillraceSource

/// Sinks for Microsoft Sentinel.
extension SinkFactory {
  /// A sink that sends events through the Logs Ingestion API.
  func sentinel(
    _ sink: SinkConfiguration, _ settings: SentinelSinkSettings
  ) throws(SetupError) -> Made {
    var options = Self.options(sink, settings.requests, origins: [settings.endpoint], nil)
    options.coding = settings.compression.coding
    let http = CurlClient(name: "login", userAgent: Version.userAgent)
    return made(
      sink,
      HTTPSink(
        sentinel: options,
        SentinelOptions(rule: settings.ruleID, stream: settings.stream),
        tokens: SentinelTokens(
          sink: sink.name, provider: try settings.tokens(of: sink.name, http: http))),
      settings.requests)
  }
}

extension SentinelSinkSettings {
  /// Who issues the tokens of this sink. Nobody is asked yet.
  ///
  /// Throws `SetupError` when the credential cannot be used as configured.
  func tokens(
    of sink: String, http: any HTTPClient, clock: any WallClock = SystemWallClock()
  ) throws(SetupError) -> TokenProvider {
    let endpoints: ServiceEndpoints
    do throws(ServiceFailure) {
      // The audience has a slash at its end, and the scope therefore two.
      endpoints = try ServiceEndpoints(
        login: login ?? cloud.login, api: endpoint, resource: cloud.audience + "//")
    } catch {
      throw SetupError("sink \(sink): \(error)", failure: error)
    }
    return TokenProvider(
      issuer: try credential.issuer(
        of: "sink \(sink)", loginTenant: tenantID.description, clientID: clientID,
        endpoints: endpoints, http: http, clock: clock),
      tenant: tenantID, clock: clock, isForActivity: false)
  }

  /// The login service and the audience of the endpoint's cloud ("Logs Ingestion API": endpoint
  /// URIs; "Azure Government" and "Azure China" endpoint mappings).
  private var cloud: (login: String, audience: String) {
    let host = endpoint.dropFirst("https://".count).prefix { $0 != ":" && $0 != "/" }
    if host.hasSuffix(".azure.us") {
      return ("https://login.microsoftonline.us", "https://monitor.azure.us")
    }
    if host.hasSuffix(".azure.cn") {
      return ("https://login.partner.microsoftonline.cn", "https://monitor.azure.cn")
    }
    return ("https://login.microsoftonline.com", "https://monitor.azure.com")
  }
}

/// The tokens of a sink, from the login service.
struct SentinelTokens: BearerTokens {
  let sink: String
  let provider: TokenProvider

  func token() async throws(SinkError) -> String {
    do throws(ServiceFailure) {
      return try await provider.token().value
    } catch {
      let kind: SinkError.Kind =
        switch error.kind {
        case .unreachable, .truncated: .unreachable
        case .throttled: .busy
        case .serviceTrouble, .malformed, .cancelled: .other
        default: .rejected
        }
      throw SinkError(
        sink: sink, operation: "sign in", subject: "login service",
        code: error.code ?? "", message: error.message, hint: error.hint, kind: kind,
        retryAfter: error.retryAfter)
    }
  }

  func discard(_ token: String) async -> Bool {
    await provider.discard(value: token)
    return true
  }
}
