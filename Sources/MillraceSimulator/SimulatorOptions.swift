import MillraceCore
package import MillraceHTTP
package import MillraceRuntime

/// A simulated organisation and the application that is registered in it.
package struct SimulatedTenantOptions: Sendable, Hashable {
  /// The GUID of the directory.
  package var tenantID: String
  /// The verified domain, which the login accepts in place of the GUID; users have it, too.
  package var domain: String
  /// The GUID of the registered application.
  package var clientID: String
  /// The secret the token endpoint accepts.
  package var clientSecret: String
  /// The certificates registered for the application, each in PEM.
  package var certificates: [String]
  /// The outside tokens the application's registration trusts.
  package var federations: [SimulatedFederation]

  /// A tenant; the defaults are those of the demonstration.
  package init(
    tenantID: String = "41463f53-8812-40f4-890f-865bf6e35190",
    domain: String = "contoso.example.com",
    clientID: String = "9b2c1d7e-0000-4000-8000-000000000001",
    clientSecret: String = "simulated-secret", certificates: [String] = [],
    federations: [SimulatedFederation] = SimulatedFederation.platforms
  ) {
    self.tenantID = tenantID
    self.domain = domain
    self.clientID = clientID
    self.clientSecret = clientSecret
    self.certificates = certificates
    self.federations = federations
  }
}

/// Where the simulated records come from.
package enum SimulatedContent: Sendable, Hashable {
  /// Invented records, the same for the same seed, spread over the tenants. They are made when a
  /// blob is fetched and never all at once.
  case generated(events: Int, seed: UInt64)
  /// The records of files, one a line, untouched; all belong to the first tenant.
  case records(files: [String])
}

/// What the simulated tenant is and how it behaves.
package struct SimulatorOptions: Sendable {
  /// The organisations served.
  package var tenants: [SimulatedTenantOptions]
  /// Where their records come from.
  package var content: SimulatedContent
  /// Records in a blob; the last blob of a feed has fewer.
  package var eventsPerBlob: Int
  /// The size of one more blob of invented records, in bytes, roughly; 0 for none. It is made while
  /// it is served and never in memory as a whole.
  package var hugeBlobBytes: Int
  /// How far into the time to come blobs are spread: they show as the service's clock gets there.
  package var ahead: Duration
  /// Blobs on a page of a listing.
  package var pageSize: Int
  /// By how much the windows of listings may break the rules of 24 hours and seven days. Without
  /// any, even a window of exactly 24 hours is refused.
  package var windowSlack: Duration
  /// How many requests are taken before they are throttled; nil for any number.
  package var quota: RequestQuota?
  /// How they misbehave.
  package var faults: FaultPlan
  /// Codes of the login service, such as 7000222: each refuses one request for a token, in their
  /// order, before any is answered on its merits.
  package var loginRefusals: [Int] = []
  /// How long a token is good for.
  package var tokenLifetime: Duration
  /// Whether bodies are compressed when the client offers it.
  package var compression: Bool
  /// The address to listen at.
  package var host: String
  /// The port to listen at; 0 for any.
  package var port: Int
  /// What the service proves its name with over TLS; nil for plain HTTP.
  package var certificate: HTTPServer.Certificate?
  /// The origin that listings name, such as `https://127.0.0.1:8443`; nil for the simulator's own.
  /// For a proxy in front of it.
  package var publicOrigin: String?
  /// Threads that serve requests.
  package var threads: Int
  /// The time of the service.
  package var clock: any WallClock

  /// Options; the defaults give a well-behaved tenant with 1,000 invented records.
  package init(
    tenants: [SimulatedTenantOptions] = [SimulatedTenantOptions()],
    content: SimulatedContent = .generated(events: 1000, seed: 1), eventsPerBlob: Int = 100,
    hugeBlobBytes: Int = 0, ahead: Duration = .zero, pageSize: Int = 200,
    windowSlack: Duration = .zero,
    quota: RequestQuota? = nil, faults: FaultPlan = FaultPlan(),
    tokenLifetime: Duration = .seconds(3599),
    compression: Bool = true, host: String = "127.0.0.1", port: Int = 0,
    certificate: HTTPServer.Certificate? = nil, publicOrigin: String? = nil, threads: Int = 2,
    clock: any WallClock = SystemWallClock()
  ) {
    self.tenants = tenants
    self.content = content
    self.eventsPerBlob = eventsPerBlob
    self.hugeBlobBytes = hugeBlobBytes
    self.ahead = ahead
    self.pageSize = pageSize
    self.windowSlack = windowSlack
    self.quota = quota
    self.faults = faults
    self.tokenLifetime = tokenLifetime
    self.compression = compression
    self.host = host
    self.port = port
    self.certificate = certificate
    self.publicOrigin = publicOrigin
    self.threads = threads
    self.clock = clock
  }

  /// The codes that `loginRefusals` may hold, in order.
  package static var loginCodes: [Int] { LoginRefusal.table.keys.sorted() }

  /// Refuses what cannot be simulated.
  func validate() throws(SimulatorError) {
    guard !tenants.isEmpty else {
      throw SimulatorError(subject: "tenants", message: "none is given", hint: "give at least one")
    }
    for tenant in tenants {
      for id in [tenant.tenantID, tenant.clientID] where !isGUID(id) {
        throw SimulatorError(
          subject: "tenants", message: "\(id) is not a GUID", hint: "use the form 8-4-4-4-12")
      }
    }
    for tenant in tenants where !Self.isDomain(tenant.domain) {
      throw SimulatorError(
        subject: "tenants", message: "\(tenant.domain) is not a domain",
        hint: "use small letters, digits, hyphens and dots")
    }
    guard Set(tenants.map { $0.tenantID.lowercased() }).count == tenants.count else {
      throw SimulatorError(
        subject: "tenants", message: "one tenant is given twice", hint: "use different GUIDs")
    }
    guard eventsPerBlob > 0, pageSize > 0 else {
      throw SimulatorError(
        subject: "sizes", message: "blobs and pages hold at least one item",
        hint: "use a number above 0")
    }
    if case .records = content, hugeBlobBytes > 0 {
      throw SimulatorError(
        subject: "huge blob", message: "it is invented, and the records are given",
        hint: "leave out one of the two")
    }
    if case .generated(let events, _) = content, !(0...1_000_000_000).contains(events) {
      throw SimulatorError(
        subject: "events", message: "\(events) records cannot be invented",
        hint: "use a number from 0 to 1,000,000,000")
    }
  }
}

extension SimulatorOptions {
  /// Whether a text can stand in records and paths as it is.
  private static func isDomain(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }
}

/// A simulation that could not be set up.
package struct SimulatorError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What it is about: an option, a file, an address.
  package let subject: String
  /// What went wrong, in words for an operator.
  package let message: String
  /// What the operator can do about it.
  package let hint: String

  /// An error about `subject`.
  package init(subject: String, message: String, hint: String) {
    self.subject = subject
    self.message = message
    self.hint = hint
  }

  /// One line: subject, message, hint.
  package var description: String { "simulator: \(subject): \(message) (\(hint))" }
}
