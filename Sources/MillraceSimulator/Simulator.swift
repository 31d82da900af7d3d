import MillraceCore
import MillraceHTTP
import MillraceRuntime
import Synchronization

/// A Microsoft 365 tenant on this machine: token endpoint and Management Activity API over plain
/// HTTP or TLS, with invented or given records, well-behaved or as faulty as one likes.
package final class Simulator: Sendable {
  /// Which blobs are offered, and what must become of them.
  package let oracle: SimulatorOracle

  private let options: SimulatorOptions
  private let service: SimulatedService
  private let servers = Mutex<Servers?>(nil)

  private struct Servers: Sendable {
    let own: HTTPServer
    let foreign: HTTPServer?
    let origins: ListingEndpoint.Origins
  }

  /// Lays out the tenants and their blobs, spread over the seven days before now.
  ///
  /// Throws `SimulatorError` for impossible options and for files that cannot be read.
  package init(_ options: SimulatorOptions = SimulatorOptions()) throws(SimulatorError) {
    try options.validate()
    var options = options
    for (fault, ahead) in [(SimulatedFault.clockAhead, 600), (.clockBehind, -600)]
    where options.faults.has(fault) {
      options.clock = ServiceClock(options.clock, ahead: .seconds(ahead))
    }
    self.options = options
    let tenants = try Self.tenants(options)
    service = SimulatedService(options, tenants: tenants)
    oracle = SimulatorOracle(tenants)
  }

  deinit {
    stop()
  }

  private static func tenants(
    _ options: SimulatorOptions
  ) throws(SimulatorError) -> [SimulatedTenant] {
    let now = options.clock.now()
    var tenants: [SimulatedTenant] = []
    for (number, tenant) in options.tenants.enumerated() {
      guard let id = TenantID(tenant.tenantID) else { continue }
      let source: any RecordSource
      switch options.content {
      case .generated(let events, let seed):
        // The first tenants take what does not divide evenly.
        let count = options.tenants.count
        source = GeneratedRecords(
          events: events / count + (number < events % count ? 1 : 0), seed: seed, tenant: id,
          domain: tenant.domain)
      case .records(let files):
        source = try FileRecords(paths: number == 0 ? files : [])
      }
      tenants.append(
        SimulatedTenant(
          id: id, options: tenant, source: source, eventsPerBlob: options.eventsPerBlob,
          hugeBlobBytes: number == 0 ? options.hugeBlobBytes : 0, ahead: options.ahead,
          faults: options.faults, now: now))
    }
    return tenants
  }

  // MARK: - Life

  /// Begins to listen.
  ///
  /// Throws `SimulatorError` when the address cannot be bound.
  package func start() throws(SimulatorError) {
    precondition(servers.withLock { $0 == nil }, "a simulator is started once")
    do throws(HTTPServerError) {
      let service = service
      let wantsForeign =
        [SimulatedFault.foreignContentURI, .foreignNextPage, .redirects].contains {
          options.faults.has($0)
        }
      let foreign =
        wantsForeign
        ? try HTTPServer(
          listen: .tcp(host: options.host, port: 0), threads: 1,
          certificate: options.certificate
        ) {
          service.answerAsStranger($0)
        } : nil
      let own = try HTTPServer(
        listen: .tcp(host: options.host, port: options.port), threads: options.threads,
        certificate: options.certificate
      ) { service.answer($0) }
      let origins = ListingEndpoint.Origins(
        own: options.publicOrigin ?? origin(own.port), foreign: origin(foreign?.port ?? own.port))
      service.setOrigins(origins)
      servers.withLock { $0 = Servers(own: own, foreign: foreign, origins: origins) }
    } catch {
      throw SimulatorError(
        subject: error.address, message: error.message, hint: error.hint)
    }
  }

  /// Ends every connection and stops listening. A second call does nothing.
  package func stop() {
    let running = servers.withLock { $0 }
    running?.own.stop()
    running?.foreign?.stop()
  }

  /// How much of the content is listed, 0 to 1; all of it unless this is called. What is not listed
  /// yet is of all ages. Blobs that are listed stay listed, as long as the share grows.
  package func show(share: Double) {
    service.show(share: share)
  }

  /// Tells every registered webhook of new content, as the service does once a blob is there, and
  /// blocks until all have answered; gives their statuses, nil where none came.
  package func notify() -> [Int?] { service.notify() }

  /// A token of an outside issuer, signed so that the login accepts it where a tenant trusts
  /// `identity`; what Kubernetes would write to a projected file.
  package func identityToken(
    _ identity: SimulatedFederation, life: Duration = .seconds(3600)
  ) -> String {
    service.issuer.token(identity, life: life)
  }

  /// Refuses the next requests for a token with a code such as 7000222.
  package func refuseLogins(with code: Int, times: Int = 1) {
    service.refusals.append(code, times: times)
  }

  private func origin(_ port: Int) -> String {
    let host =
      switch options.host {
      case "0.0.0.0", "::", "": "127.0.0.1"
      case let host where host.contains(":"): "[\(host)]"
      case let host: host
      }
    return "\(options.certificate == nil ? "http" : "https")://\(host):\(port)"
  }

  /// Where the API is: `http://127.0.0.1:PORT`. The simulator must have been started.
  package var baseURL: String {
    let running = servers.withLock { $0 }
    precondition(running != nil, "a simulator has an address once it is started")
    return running?.origins.own ?? ""
  }

  /// Where tokens are issued; the same origin.
  package var loginURL: String { baseURL }

  /// The port the tenant listens on. The simulator must have been started.
  package var port: Int {
    let running = servers.withLock { $0 }
    precondition(running != nil, "a simulator has a port once it is started")
    return running?.own.port ?? 0
  }

  /// What was asked and done so far.
  package var statistics: SimulatorStatistics {
    var statistics = service.statistics
    statistics.blobsOffered = oracle.blobs.count
    statistics.recordsOffered = oracle.offeredRecordCount
    return statistics
  }
}
