package import MillraceCore
import MillraceHTTP
import MillraceRuntime
package import MillraceSinks
import Synchronization

/// Header fields that say who asks, secrets among them; read anew for each request.
package typealias RequestIdentity =
  @Sendable () throws(SinkError) -> [(name: String, value: String)]

/// A sink that sends batches in HTTP requests, several at once, and says durable when all were
/// answered.
///
/// A batch that does not get through as a whole is thrown back, and what of it arrived is
/// remembered: when it comes again, the rest is sent. Requests that are too large are halved, and
/// an event that the receiver does not like is found and named, without its neighbours.
package final class HTTPSink: Sink {
  package var name: String { options.name }

  let options: HTTPSinkOptions
  let dialect: any ReceiverDialect
  let client: CurlClient
  let exchange: HTTPExchange
  private let settled = Mutex(SettledLines())
  private let size: Mutex<BodySize>

  init(_ options: HTTPSinkOptions, _ dialect: any ReceiverDialect) {
    self.options = options
    self.dialect = dialect
    // A client of its own: connections that show a certificate are nobody else's.
    client = CurlClient(
      name: "sink", maxConnectionsPerHost: options.concurrency, userAgent: options.userAgent)
    exchange = HTTPExchange(options, client: client, operation: dialect.operation)
    size = Mutex(BodySize(most: min(options.bytesMax, dialect.bodyBytesMax ?? .max)))
  }

  package func open(ledger: any SinkLedger) async throws(SinkError) {}

  package func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    guard !batch.lines.isEmpty else { return SinkReceipt() }
    // A task of its own: when the collector stops, what is under way is waited for a little, as it
    // would have to be sent again otherwise.
    let work = Task { await self.work(batch) }
    let run = await withTaskCancellationHandler {
      await work.value
    } onCancel: {
      Task {
        try? await Task.sleep(for: Limits.sinkStopGrace)
        work.cancel()
      }
    }
    do throws(SinkError) {
      let receipt = try run.receipt(subject: exchange.subject)
      settled.withLock { $0.forget(batch) }
      return receipt
    } catch {
      let fates =
        run.forgetsRefusals ? run.settled.filter { $0.value == .accepted } : run.settled
      settled.withLock { settled in
        settled.forget(batch)
        settled.remember(fates, of: batch)
      }
      throw error
    }
  }

  package func committed(_ receipt: SinkReceipt) async {}

  package func close() async {
    client.shutdown()
  }

  // MARK: Requests

  @concurrent
  private func work(_ batch: EventBatch) async -> DeliveryRun {
    let bytesMax = size.withLock { $0.now }
    var run = DeliveryRun(
      sink: name, batch: batch, settled: settled.withLock { $0.known(of: batch) },
      bodyBytesMax: dialect.bodyBytesMax
    ) { lines in
      Parcel.cut(
        lines, of: batch, eventsMax: options.eventsMax, bytesMax: bytesMax,
        around: dialect.bytesAroundEvent)
    }
    await withTaskGroup(of: (parcel: Parcel, verdict: Verdict).self) { group in
      var underWay = 0
      while true {
        while underWay < options.concurrency, !Task.isCancelled, let parcel = run.next() {
          underWay += 1
          group.addTask { (parcel, await self.send(parcel, of: batch)) }
        }
        guard underWay > 0, let answered = await group.next() else { break }
        underWay -= 1
        learn(from: answered.verdict, answered.parcel.bytes(of: batch))
        run.take(answered.verdict, of: answered.parcel)
      }
    }
    return run
  }

  private func learn(from verdict: Verdict, _ bytes: Int) {
    size.withLock { size in
      switch verdict {
      case .accepted: size.grow()
      case .tooLarge: size.shrink(below: bytes)
      default: break
      }
    }
  }

  private func send(_ parcel: Parcel, of batch: EventBatch) async -> Verdict {
    var body: [UInt8] = []
    body.reserveCapacity(
      parcel.bytes(of: batch) + parcel.lines.count * dialect.bytesAroundEvent + 2)
    dialect.write(parcel.lines, of: batch, into: &body)
    let packed = options.coding.packed(body)
    body = []
    let label = parcel.label(sink: name, of: batch)
    var verdict = await attempt(packed, label, lines: parcel.lines.count)
    if case .retry = verdict {
      verdict = await attempt(packed, label, lines: parcel.lines.count, isLast: true)
    }
    switch verdict {
    case .verdict(let verdict): return verdict
    case .retry(let error): return .failed(error)
    }
  }

  private enum Attempt {
    case verdict(Verdict)
    /// Who we are was refused, and has been renewed.
    case retry(SinkError)
  }

  private func attempt(
    _ body: [UInt8], _ label: ParcelLabel, lines: Int, isLast: Bool = false
  ) async -> Attempt {
    do throws(SinkError) {
      let (request, response) = try await exchange.send { origin throws(SinkError) in
        var request = try await self.dialect.request(to: origin, parcel: label)
        request.body = body
        if self.options.coding != .none {
          request.headers.append(("Content-Encoding", self.options.coding.rawValue))
        }
        return request
      }
      let verdict = await verdict(response, for: request, lines: lines)
      if case .identityRefused(let error) = verdict, !isLast,
        await dialect.renewIdentity(of: request)
      {
        return .retry(error)
      }
      return .verdict(verdict)
    } catch {
      return .verdict(.failed(error))
    }
  }

  private func verdict(
    _ response: HTTPResponse, for request: HTTPRequest, lines: Int
  ) async -> Verdict {
    if (200..<300).contains(response.status), response.status != 207 {
      return await dialect.verdict(response, for: request, lines: lines, exchange: exchange)
    }
    return dialect.verdict(ofRefusal: response, lines: lines, exchange: exchange)
      ?? exchange.verdict(ofRefusal: response)
  }
}

/// How large bodies may be: as configured, or as the receiver was found to take them.
struct BodySize {
  private let most: Int
  /// The most bytes of a body, for now.
  private(set) var now: Int
  private var successes = 0

  init(most: Int) {
    self.most = most
    now = most
  }

  /// A body of so many bytes was too large.
  mutating func shrink(below bytes: Int) {
    now = max(min(now, bytes / 2), min(most, Limits.learntBodyBytesMin))
    successes = 0
  }

  /// A body was taken.
  mutating func grow() {
    guard now < most else { return }
    successes += 1
    guard successes >= Limits.learntBodyPatience else { return }
    now = min(most, now * 2)
    successes = 0
  }
}
