import MillraceSinks
package import MillraceStore

/// Which sink a command means.
package struct SinkOrder: Codable, Hashable, Sendable {
  /// Its name.
  package var name: String

  /// The sink of this name.
  package init(name: String) {
    self.name = name
  }
}

/// What became of an order to forget a sink.
package struct SinkOutcome: Codable, Hashable, Sendable {
  /// Whether the store knew it.
  package var dropped: Bool
}

/// Forgets sinks that are configured no more: their cursors, which are kept until someone says so.
package struct SinkDesk: Sendable {
  private let store: Store
  private let configured: Set<String>

  /// - Parameters:
  ///   - store: opened to collect.
  ///   - configured: the sinks of the configuration, which cannot be forgotten.
  package init(store: Store, configured: Set<String>) {
    self.store = store
    self.configured = configured
  }

  /// Forgets a sink. Its dead letters stay.
  ///
  /// - Throws: `ControlError` of status 409 for a sink that is configured.
  package func drop(_ order: SinkOrder) async throws(ControlError) -> SinkOutcome {
    guard !configured.contains(order.name) else {
      throw ControlError(
        409,
        "sink \(order.name) is configured: it would begin anew at once; remove it from the"
          + " configuration first, and restart the collector if one runs")
    }
    do throws(StoreError) {
      return SinkOutcome(dropped: try await store.dropSink(order.name))
    } catch {
      throw ControlError(error)
    }
  }
}

extension ControlRoute {
  /// `sinks drop`.
  static let dropSink = ControlRoute("/sinks/drop") { (request, collector) throws(ControlError) in
    let desk = SinkDesk(
      store: collector.store, configured: Set(collector.deliveries.map(\.sink.name)))
    return try await desk.drop(try request.read(SinkOrder.self))
  }
}
