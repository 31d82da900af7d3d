import MillraceCore
import MillraceEvents
import MillraceHTTP
import MillraceSinks

/// Asks whether what was sent has been indexed ("About HTTP Event Collector Indexer
/// Acknowledgment"): success alone says that the collector has it in memory.
struct SplunkAcknowledgement {
  let id: Int
  let origin: String
  let channel: String
  /// Of the request that is to be acknowledged.
  let headers: [(name: String, value: String)]
  let patience: Duration
  let firstWait: Duration

  /// Asks until it is, or until patience ends. A collector that went away does not remember what
  /// it was asked for: then all is sent again, rather sooner than at the end of patience.
  func verdict(_ exchange: HTTPExchange) async -> Verdict {
    let start = ContinuousClock.now
    var wait = firstWait
    var trouble: SinkError?
    while ContinuousClock.now - start < patience {
      do throws(SinkError) {
        if try await isIndexed(exchange) { return .accepted }
        trouble = nil
      } catch {
        guard error.kind == .busy || error.kind == .other else { return .failed(error) }
        trouble = error
      }
      do { try await Task.sleep(for: wait) } catch { break }
      wait = min(wait * 2, max(firstWait, Limits.acknowledgementMostWait))
    }
    return .failed(
      trouble
        ?? exchange.error(
          .unreachable,
          "no acknowledgement of its indexers within \(patience.components.seconds) s",
          hint: "see whether Splunk's indexers are up and their queues move; the events are sent"
            + " again"))
  }

  private func isIndexed(_ exchange: HTTPExchange) async throws(SinkError) -> Bool {
    let kept = headers.filter { ["Authorization", "X-Splunk-Request-Channel"].contains($0.name) }
    let response = try await exchange.ask(
      HTTPRequest(
        method: "POST", url: "\(origin)/services/collector/ack?channel=\(channel)",
        headers: kept + [("Content-Type", "application/json")],
        body: Array("{\"acks\":[\(id)]}".utf8)))
    guard response.status == 200 else {
      let verdict =
        SplunkAnswer(response.body)?.verdict(lines: 1, status: response, exchange: exchange)
        ?? exchange.verdict(ofRefusal: response)
      throw error(verdict, response, exchange)
    }
    guard let acks = JSONDocument(response.body)?.root["acks"], acks.isObject,
      let member = acks.members.first(where: { $0.name == "\(id)" }),
      let isIndexed = member.value.bool
    else {
      throw exchange.error(
        .other, "the acknowledgements cannot be read: " + exchange.words(response),
        hint: "see whether a proxy answers in the collector's place")
    }
    return isIndexed
  }

  private func error(
    _ verdict: Verdict, _ response: HTTPResponse, _ exchange: HTTPExchange
  ) -> SinkError {
    switch verdict {
    case .failed(let error), .identityRefused(let error): error
    case .accepted, .items, .tooLarge, .malformed:
      exchange.error(.other, "acknowledgements are not told: " + exchange.words(response))
    }
  }
}
