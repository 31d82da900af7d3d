import MillraceCore
import MillraceHTTP

/// A request, told from its path.
struct SimulatedCall: Sendable {
  enum Endpoint: Sendable, Equatable {
    case token(version: Int)
    case openIDConfiguration
    case listSubscriptions
    case startSubscription
    case stopSubscription
    case listContent
    case fetchContent(id: String)
    case listNotifications
    case sensitiveTypes
    case unknown
  }

  let request: ServerRequest
  let endpoint: Endpoint
  /// What stands at the tenant's place in the path.
  let tenant: String

  init(_ request: ServerRequest) {
    self.request = request
    let parts = request.path.split(separator: "/").map(String.init)
    let lowered = parts.map { $0.lowercased() }
    if lowered.count >= 6, lowered[0] == "api", ["v1.0", "v1"].contains(lowered[1]),
      lowered[3] == "activity", lowered[4] == "feed"
    {
      tenant = parts[2]
      endpoint = Self.apiEndpoint(Array(lowered[5...]), last: parts[parts.count - 1])
    } else {
      tenant = parts.first ?? ""
      endpoint =
        switch Array(lowered.dropFirst()) {
        case ["oauth2", "v2.0", "token"]: .token(version: 2)
        case ["oauth2", "token"]: .token(version: 1)
        case ["v2.0", ".well-known", "openid-configuration"]: .openIDConfiguration
        default: .unknown
        }
    }
  }

  private static func apiEndpoint(_ parts: [String], last: String) -> Endpoint {
    switch parts {
    case ["subscriptions", "list"]: .listSubscriptions
    case ["subscriptions", "start"]: .startSubscription
    case ["subscriptions", "stop"]: .stopSubscription
    case ["subscriptions", "content"]: .listContent
    case ["subscriptions", "notifications"]: .listNotifications
    case ["resources", "dlpsensitivetypes"]: .sensitiveTypes
    case _ where parts.count == 2 && parts[0] == "audit": .fetchContent(id: last)
    default: .unknown
    }
  }

  /// The method that the endpoint takes; nil when there is no such endpoint.
  var expectedMethod: String? {
    switch endpoint {
    case .token, .startSubscription, .stopSubscription: "POST"
    case .unknown: nil
    default: "GET"
    }
  }

  /// Whether it needs a bearer token.
  var isOfAPI: Bool {
    switch endpoint {
    case .token, .openIDConfiguration, .unknown: false
    default: true
    }
  }

  var kind: SimulatorStatistics.Request {
    switch endpoint {
    case .token: .token
    case .listSubscriptions: .listSubscriptions
    case .startSubscription: .startSubscription
    case .stopSubscription: .stopSubscription
    case .listContent: .listContent
    case .fetchContent: .fetchContent
    case .openIDConfiguration, .listNotifications, .sensitiveTypes, .unknown: .other
    }
  }

  /// The feed that the call is about; nil when it names none. Content ids of the simulated tenants
  /// hold their feed's name.
  var contentType: ContentType? {
    if case .fetchContent(let id) = endpoint {
      let parts = id.lowercased().split(separator: "$")
      return ContentType.allCases.first { type in
        parts.contains { $0 == type.rawValue.lowercased().replacing(".", with: "_") }
      }
    }
    return request.queryValue("contentType").flatMap { ContentType(anyCase: $0) }
  }

  /// Whether it asks for content of a time that has not come.
  func asksForTime(beyond now: Timestamp) -> Bool {
    guard kind == .listContent else { return false }
    return ["startTime", "endTime"].contains { name in
      request.queryValue(name).flatMap { Timestamp($0) }.map { $0 > now } ?? false
    }
  }

  /// Equal for repeats of the same request, whatever the order and the spelling of its parameters.
  var signature: UInt64 {
    let query = request.query
      .filter { $0.name.lowercased() != "publisheridentifier" }
      .map { "\($0.name.lowercased())=\($0.value)" }.sorted().joined(separator: "&")
    return stableHash("\(request.method) \(request.path.lowercased())?\(query)")
  }
}
