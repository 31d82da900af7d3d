package import MillraceCore
package import MillraceEvents
package import MillraceStore

/// A replay that goes to whoever reads, such as standard output: needs no lock, keeps no cursor,
/// and runs beside a collector.
package struct ReplayStream: Sendable {
  private let store: Store
  private let request: ReplayRequest
  private let workers: WorkerPool
  private let tenants: [TenantID: TenantFacts]
  private let places: (any PlaceFinder)?
  private let labels: EventLabels?

  /// - Parameters:
  ///   - store: opened to inspect.
  ///   - workers: how many workers parse and encode.
  ///   - tenants: what the configuration says of tenants.
  ///   - places: knows where addresses are; nil leaves that out.
  ///   - labels: what every event carries in `labels`.
  package init(
    _ store: Store, _ request: ReplayRequest, workers: Int, tenants: [TenantID: TenantFacts],
    places: (any PlaceFinder)? = nil, labels: EventLabels? = nil
  ) {
    self.store = store
    self.request = request
    self.workers = WorkerPool(width: workers)
    self.tenants = tenants
    self.places = places
    self.labels = labels
  }

  /// Sends all that is selected of what the log holds now.
  ///
  /// - Parameters:
  ///   - left: told of each body that is damaged and left out.
  ///   - progress: told how far it is after each piece.
  ///   - write: takes whole lines.
  /// - Returns: what was sent.
  package func run<Failure: Error>(
    left: (StoreError) -> Void, progress: (ReplayReport) -> Void,
    write: ([UInt8]) throws(Failure) -> Void
  ) async throws -> ReplayReport {
    let end = try await store.logExtent().firstUnindexed
    let extent = try await store.replayExtent(request.selection, before: end)
    var report = ReplayReport(request, extent)
    let route = ReplayRoute(
      store: store, selection: request.selection, operations: request.operations, end: end)
    let reader = EventReader(
      store: store, workers: workers, recent: RecentContent(bytesMax: 0), sink: nil,
      shape: request.shape(
        BatchShape(
          encoding: Encoding(format: .native, raw: .off, places: places, labels: labels),
          eventsMax: Limits.batchEventsMax,
          bytesMax: Limits.batchBytesMax)),
      tenants: tenants, route: route)
    var pace = Pace(rate: request.rate)
    var position = LogPosition(sequence: extent.first ?? end)
    while position < route.endPosition {
      let wave: [PositionedBatch]
      do throws(StoreError) {
        wave = try await reader.wave(after: position)
      } catch {
        guard error.kind == .damaged, let damaged = try await route.next(from: position) else {
          throw error
        }
        left(error)
        report.damagedBlobs += 1
        position = LogPosition(sequence: damaged.sequence + 1)
        continue
      }
      for batch in wave {
        guard await pace.wait() else { return report }
        if !batch.batch.bytes.isEmpty { try write(batch.batch.bytes) }
        pace.passed(batch.batch.lines.count)
        report.delivered += batch.batch.lines.count
        report.examined = min((report.examined ?? 0) + batch.examined, report.events)
        position = batch.upTo
        progress(report)
      }
      if wave.isEmpty { return report }
    }
    report.state = .done
    return report
  }
}

extension ReplayReport {
  /// A replay that no store remembers.
  fileprivate init(_ request: ReplayRequest, _ extent: ReplayExtent) {
    self.init(
      id: nil, state: .running, request: request, blobs: extent.blobs, events: extent.events,
      examined: 0, delivered: 0, goneBlobs: extent.goneBlobs, goneEvents: extent.goneEvents,
      damagedBlobs: 0, wasRunning: false, createdAt: nil, updatedAt: nil, problem: nil)
  }
}
