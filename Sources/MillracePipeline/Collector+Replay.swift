import MillraceCore
import MillraceSinks
import MillraceStore

/// What commands ask a running collector about replays, over the control socket.
extension ControlRoute {
  /// Starts a replay, or finds the same one that runs already.
  static let startReplay = ControlRoute("/replay/start") {
    (request, collector) throws(ControlError) in
    let asked = try request.read(ReplayRequest.self)
    if let problem = asked.problem { throw ControlError(400, problem) }
    guard let delivery = collector.deliveries.first(where: { $0.sink.name == asked.sink }) else {
      throw ControlError(
        404, "the running collector has no sink \(asked.sink): restart it, if it is new")
    }
    guard asked.suits(delivery.encoding) else {
      throw ControlError(400, SinkFactory.recordRefusal(asked.sink))
    }
    do throws(StoreError) { return try await collector.replays.start(asked) } catch {
      throw ControlError(error)
    }
  }

  /// How far a replay is.
  static let showReplay = ControlRoute("/replay/show") {
    (request, collector) throws(ControlError) in
    try await collector.replay(try request.read(ReplayNumber.self).id)
  }

  /// Ends a replay.
  static let cancelReplay = ControlRoute("/replay/cancel") {
    (request, collector) throws(ControlError) in
    let id = try request.read(ReplayNumber.self).id
    let isCancelled: Bool
    do throws(StoreError) { isCancelled = try await collector.replays.cancel(id) } catch {
      throw ControlError(error)
    }
    let report = try await collector.replay(id)
    guard isCancelled else { throw ControlError(409, "replay \(id) is \(report.state.rawValue)") }
    return report
  }
}

extension Collector {
  var replays: ReplayDesk {
    ReplayDesk(store: store, board: replayBoard, activity: activity, clock: clock)
  }

  fileprivate func replay(_ id: Int64) async throws(ControlError) -> ReplayReport {
    let report: ReplayReport?
    do throws(StoreError) { report = try await replays.report(of: id) } catch {
      throw ControlError(error)
    }
    guard let report else {
      throw ControlError(404, "there is no replay \(id); \"millrace replay --list\" shows them")
    }
    return report
  }
}

/// A request about one replay.
package struct ReplayNumber: Codable, Sendable {
  /// The replay's number.
  package var id: Int64

  /// About the replay of this number.
  package init(id: Int64) {
    self.id = id
  }
}
