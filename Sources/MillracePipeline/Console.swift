import FoundationEssentials
package import MillraceHTTP
import MillraceRuntime
import MillraceStore
import Synchronization

/// The status page and its data over HTTP: on the console's address for people, and on the control
/// socket in the store's folder for commands.
///
/// Read-only. Answers are made by the running collector; nothing of them is secret, yet the socket
/// is for its owner alone (0600) and the console listens where the configuration says, by default
/// on loopback.
package final class Console: Sendable {
  private let server: HTTPServer

  /// Serves the collector's status on `address`.
  package init(collector: Collector, on address: HTTPServer.Listen) throws(HTTPServerError) {
    server = try HTTPServer(listen: address) { request in
      Console.answer(request, collector)
    }
  }

  /// The port listened on; 0 for a socket.
  package var port: Int { server.port }

  /// The path of the control socket of a store.
  package static func socketPath(folder: String) -> String { folder + "/control.sock" }

  /// Stops listening.
  package func stop() {
    server.stop()
  }

  private static func answer(_ request: ServerRequest, _ collector: Collector) -> ServerResponse {
    guard request.method == "GET" || request.method == "HEAD" else {
      return ServerResponse(status: 405, text: "only GET is served here\n")
    }
    switch request.path {
    case "/healthz":
      return ServerResponse(text: "ok\n")
    case "/readyz", "/", "/status.json", "/metrics":
      return status(collector) { report in
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
    _ collector: Collector, _ render: (StatusReport) -> ServerResponse
  ) -> ServerResponse {
    // This is one of the server's own threads, which may wait; the collector's tasks may not.
    let answer = ConditionLock<Result<StatusReport, StoreError>?>(nil)
    Task {
      let made: Result<StatusReport, StoreError>
      do throws(StoreError) { made = .success(try await collector.status()) } catch {
        made = .failure(error)
      }
      answer.withLock { $0 = made }
      answer.signal()
    }
    let made = answer.wait {
      $0 != nil
    } then: {
      $0
    }
    switch made {
    case .success(let report):
      return render(report)
    case .failure(let error):
      return ServerResponse(status: 503, text: error.description + "\n")
    case nil:
      return ServerResponse(status: 503, text: "no status\n")
    }
  }
}

extension StatusReport {
  /// The report as one JSON object with sorted snake_case keys.
  package var json: String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      preconditionFailure("a report of strings and finite numbers is encodable: \(error)")
    }
  }

  /// Reads what `json` wrote.
  package init(json: [UInt8]) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(StatusReport.self, from: Data(json))
  }
}
