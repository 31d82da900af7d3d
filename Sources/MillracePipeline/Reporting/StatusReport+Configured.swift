package import MillraceConfiguration
import MillraceCore
package import MillraceStore

extension StatusReport {
  /// Adds the configured feeds and sinks that the store does not know yet, as nothing was listed
  /// for them so far, or delivered to them.
  package mutating func add(
    _ configuration: Configuration, of store: Store
  ) async throws(StoreError) {
    for tenant in configuration.tenants {
      for type in tenant.contentTypes.map(\.rawValue) {
        let isKnown = feeds.contains { $0.tenant == tenant.name && $0.contentType == type }
        if !isKnown { feeds.append(FeedReport(tenant: tenant.name, contentType: type)) }
      }
    }
    feeds.sort { ($0.tenant, $0.contentType) < ($1.tenant, $1.contentType) }
    for sink in configuration.sinks where !sinks.contains(where: { $0.name == sink.name }) {
      let position = try await sink.from.position(in: store)
      sinks.append(SinkReport(name: sink.name, position: position, bodies: bodies))
    }
    sinks.sort { $0.name < $1.name }
  }
}

extension StatusReport.FeedReport {
  /// A feed of which nothing was ever listed.
  fileprivate init(tenant: String, contentType: String) {
    self.init(
      tenant: tenant, contentType: contentType, owed: 0, fetched: 0, expired: 0, dead: 0,
      records: 0, events: 0, repeats: 0, changedRepeats: 0)
  }
}

extension StatusReport.SinkReport {
  /// A sink that has not begun: where it will, and what of the log it will get.
  fileprivate init(name: String, position: LogPosition, bodies: Int) {
    self.init(
      name: name, deliveredEvents: 0, position: position.description,
      pendingBodies: max(bodies + 1 - Int(position.sequence), 0), refusedEvents: 0)
  }
}
