package import MillraceCore

/// One entry of `tenants`: an organisation and how to collect from it.
package struct TenantConfiguration: Sendable {
  /// The GUID or the domain the tenant is named by, in lower case.
  package var identifier: String
  /// The GUID; nil when the tenant is named by a domain, which is resolved later. That two entries
  /// name one tenant by GUID and by domain shows only then.
  package var id: TenantID?
  /// What paths, metrics and events call it; the identifier unless one is given. Unique, no slash.
  package var name: String
  /// The domains that are its own, in lower case; empty when it names none. One that the tenant is
  /// named by is among them then.
  package var domains: [String]
  /// Where its tokens and content come from.
  package var cloud: CloudConfiguration
  /// The application's GUID in lower case; nil with a managed identity that is the machine's only
  /// one.
  package var clientID: String?
  /// How the application proves who it is.
  package var credential: CredentialConfiguration
  /// What to collect, in the order of the file; no type twice.
  package var contentTypes: [ContentType]
  /// The time between two listings of a feed.
  package var pollInterval: Duration
  /// What is listed again, for late blobs.
  package var relist: RelistConfiguration
  /// The GUID sent as `PublisherIdentifier`; the tenant's own unless one is given, so nil only
  /// while that is not known.
  package var publisherID: String?
  /// The ceiling of calls to the Activity API.
  package var requestsPerMinute: Int
  /// Where the service tells of new content; nil when it is not asked to.
  package var webhook: WebhookConfiguration?
  /// The way to the service; what the process says, unless the tenant says otherwise.
  package var network: NetworkConfiguration
  /// Whether the tenant names a proxy of its own.
  let hasOwnNetwork: Bool

  init?(_ mapping: MappingReader, network inherited: NetworkConfiguration) {
    let identifier = Self.identifier(mapping)
    let name = Self.name(mapping)
    let domains = Self.domains(mapping)
    cloud = CloudConfiguration.read(mapping)
    let credential = CredentialConfiguration.read(mapping, cloud: cloud)
    clientID = mapping.guid("client_id")
    switch credential {
    case .managedIdentity: break
    case .workloadIdentity(let identity)
    where identity.environmentClientID != nil && !mapping.has("client_id"):
      clientID = identity.environmentClientID?.lowercased()
    default:
      mapping.requireKey("client_id", hint: "the application's ID, from its page in the portal")
    }
    contentTypes = mapping.contentTypes("content_types") ?? ContentType.allCases
    pollInterval = mapping.duration(
      "poll_interval", default: .seconds(60), in: .seconds(1)...Limits.windowWidth)
    relist = RelistConfiguration(mapping.section("relist", .relist))
    let publisherID = mapping.guid("publisher_id")
    requestsPerMinute = mapping.integer("requests_per_minute", default: 2000, in: 1...100_000)
    webhook = mapping.sectionIfGiven("webhook", .webhook).flatMap { WebhookConfiguration($0) }
    hasOwnNetwork = mapping.has("proxy")
    network = NetworkConfiguration.read(mapping, inherited: inherited)
    mapping.finish()
    if cloud.name == .china {
      mapping.reading.warn(
        at: mapping.place, path: mapping.path(of: "cloud"),
        "Microsoft documents no address of the Activity API in China; this one is hearsay",
        hint: "compare the host with what your operator says; {login: URL, api: URL} takes others")
    }
    guard let identifier, let credential else { return nil }
    self.identifier = identifier
    id = TenantID(identifier)
    self.name = name ?? identifier
    self.domains =
      domains.isEmpty || id != nil || domains.contains(identifier)
      ? domains : domains + [identifier]
    self.credential = credential
    self.publisherID = publisherID ?? id?.description
  }

  private static func identifier(_ mapping: MappingReader) -> String? {
    let hint = "the tenant's GUID, or one of its verified domains"
    mapping.requireKey("id", hint: hint)
    guard let value = mapping.scalar("id") else { return nil }
    let text = value.text.lowercased()
    if ["common", "organizations", "consumers"].contains(text) {
      mapping.fail(value, "\(value.shown) stands for no single tenant", hint: "give " + hint)
      return nil
    }
    guard isGUID(text) || (text.contains(".") && WebAddress.isHostName(text)) else {
      mapping.fail(value, "this is neither a GUID nor a domain", hint: "give " + hint)
      return nil
    }
    return text
  }

  private static func domains(_ mapping: MappingReader) -> [String] {
    var domains: [String] = []
    for value in mapping.scalars("domains") ?? [] {
      let domain = value.text.lowercased()
      if !domain.contains(".") || !WebAddress.isHostName(domain) {
        mapping.fail(
          value, "\(value.shown) is not a domain",
          hint: "name the tenant's verified domains, each as in example.com")
      } else if domains.contains(domain) {
        mapping.fail(value, "\(domain) is listed twice")
      } else {
        domains.append(domain)
      }
    }
    return domains
  }

  private static func name(_ mapping: MappingReader) -> String? {
    guard let value = mapping.scalar("name") else { return nil }
    let text = value.text
    let isUsable =
      (1...64).contains(text.count) && !text.contains("/") && !text.hasPrefix(".")
      && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    guard isUsable else {
      mapping.fail(
        value, "\(value.shown) cannot be a name",
        hint: "names become parts of paths: 1 to 64 characters, no slash, no dot at the front")
      return nil
    }
    return text
  }
}

/// The section `relist`: a trailing span that is listed again and again.
package struct RelistConfiguration: Sendable {
  /// How far back it reaches; at most what the service keeps.
  package var span: Duration
  /// How often.
  package var every: Duration

  init(_ mapping: MappingReader) {
    span = mapping.duration(
      "span", default: .seconds(86_400), in: .seconds(60)...Limits.windowReach)
    every = mapping.duration("every", default: .seconds(3600), in: .seconds(1)...Limits.windowReach)
    mapping.finish()
  }
}
