import MillraceCore
package import MillraceHTTP
import MillraceRuntime
import MillraceStore
import Synchronization

/// The status page and its data over HTTP: on the console's address for people, and on the control
/// socket in the store's folder for commands.
///
/// The console only shows, and takes the service's hints where a webhook is configured; it listens
/// where the configuration says, by default on loopback. The socket is for its owner alone (0600),
/// and commands that change something ask there, as the store has one writer: see `ControlRoute`.
package final class Console: Sendable {
  private let server: HTTPServer
  private let work: Work

  /// Serves the collector's status on `address`; on a socket, also what changes something.
  package init(collector: Collector, on address: HTTPServer.Listen) throws(HTTPServerError) {
    let work = Work()
    self.work = work
    let webhooks = address.isControlSocket ? nil : WebhookReceiver(collector.contexts)
    // Threads wait for handlers: more than usual, so that `status` is answered meanwhile.
    server = try HTTPServer(
      listen: address, threads: address.isControlSocket ? 4 : 2,
      bodyBytesMax: address.isControlSocket
        ? Limits.controlRequestBytesMax : Limits.serverRequestBytesMax
    ) { request in
      if let answer = webhooks?.answer(request) { return answer }
      return request.method == "POST" && address.isControlSocket
        ? Console.change(request, collector, work) : Console.show(request, collector, work)
    }
  }

  /// The port listened on; 0 for a socket.
  package var port: Int { server.port }

  /// The path of the control socket of a store.
  package static func socketPath(folder: String) -> String { folder + "/control.sock" }

  /// Stops listening; handlers that are at work are cancelled and waited for.
  package func stop() {
    work.cancel()
    server.stop()
  }

  // MARK: Answers

  private static func show(
    _ request: ServerRequest, _ collector: Collector, _ work: Work
  ) -> ServerResponse {
    guard request.method == "GET" || request.method == "HEAD" else {
      return ServerResponse(status: 405, text: "only GET is served here\n")
    }
    switch request.path {
    case "/healthz":
      return ServerResponse(text: "ok\n")
    case "/readyz", "/", "/status.json", "/metrics":
      return status(collector, work) { report in
        switch request.path {
        case "/": ServerResponse(text: StatusPage.html(report), type: "text/html; charset=utf-8")
        case "/metrics": ServerResponse(text: Metrics.text(report), type: Metrics.type)
        case "/readyz": ready(report)
        default: ServerResponse(text: report.json + "\n", type: "application/json")
        }
      }
    default:
      return ServerResponse(
        status: 404, text: "nothing here; try /, /status.json, /metrics, /healthz or /readyz\n")
    }
  }

  /// Whether it collects: not while the store is full.
  private static func ready(_ report: StatusReport) -> ServerResponse {
    report.storeIsFull == true
      ? ServerResponse(status: 503, text: "the store is full, fetching pauses\n")
      : ServerResponse(text: "ok\n")
  }

  private static func status(
    _ collector: Collector, _ work: Work, _ render: (StatusReport) -> ServerResponse
  ) -> ServerResponse {
    let made: Result<StatusReport, StoreError>? = work.wait { () throws(StoreError) in
      try await collector.status()
    }
    switch made {
    case .success(let report):
      return render(report)
    case .failure(let error):
      return ServerResponse(status: 503, text: error.description + "\n")
    case nil:
      return ServerResponse(status: 503, text: "stopping\n")
    }
  }

  private static func change(
    _ request: ServerRequest, _ collector: Collector, _ work: Work
  ) -> ServerResponse {
    guard let route = ControlRoute.at(request.path) else {
      return refusal(
        ControlError(404, "the running collector is of another version; restart it"))
    }
    let asked = ControlRequest(
      query: Dictionary(
        request.query.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last }),
      body: request.body)
    let made: Result<String, ControlError>? = work.wait { () throws(ControlError) in
      ReportJSON.text(try await route.handler(asked, collector))
    }
    switch made {
    case .success(let answer):
      return ServerResponse(text: answer + "\n", type: "application/json")
    case .failure(let error):
      return refusal(error)
    case nil:
      return refusal(ControlError(503, "the collector is stopping; try again in a moment"))
    }
  }

  private static func refusal(_ error: ControlError) -> ServerResponse {
    ServerResponse(
      status: error.status, text: ReportJSON.text(error) + "\n", type: "application/json")
  }
}

/// The tasks that threads of the server wait for.
private final class Work: Sendable {
  private struct State: Sendable {
    var next = 0
    var cancels: [Int: @Sendable () -> Void] = [:]
    var isOver = false
  }

  private let state = Mutex(State())

  /// Blocks this thread, one of the server's own, which may wait, until `body` has ended; nil when
  /// the server is stopping.
  func wait<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () async throws(Failure) -> Value
  ) -> Result<Value, Failure>? {
    let answer = ConditionLock<Result<Value, Failure>?>(nil)
    // Begun under the lock, so that `cancel` misses none.
    let number: Int? = state.withLock { state in
      if state.isOver { return nil }
      let task = Task {
        let made: Result<Value, Failure>
        do throws(Failure) { made = .success(try await body()) } catch { made = .failure(error) }
        answer.withLock { $0 = made }
        answer.signal()
      }
      state.next += 1
      state.cancels[state.next] = { task.cancel() }
      return state.next
    }
    guard let number else { return nil }
    let made = answer.wait {
      $0 != nil
    } then: {
      $0
    }
    state.withLock { state in state.cancels[number] = nil }
    return made
  }

  func cancel() {
    let cancels = state.withLock { state in
      state.isOver = true
      return Array(state.cancels.values)
    }
    for cancel in cancels { cancel() }
  }
}

extension HTTPServer.Listen {
  /// Whether only the owner of the store's folder can ask here.
  fileprivate var isControlSocket: Bool {
    if case .unixSocket = self { true } else { false }
  }
}

extension StatusReport {
  /// The report as one JSON object with sorted snake_case keys.
  package var json: String { ReportJSON.text(self) }

  /// Reads what `json` wrote.
  package init(json: [UInt8]) throws {
    self = try ReportJSON.read(StatusReport.self, from: json)
  }
}
