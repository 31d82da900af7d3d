import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillracePipeline
import MillraceStore

/// The way of a command to the collector that runs on the same store, over its control socket.
struct ControlClient {
  /// The store's folder.
  let folder: String

  init(_ configuration: Configuration) {
    folder = configuration.store.path
  }

  /// Asks the running collector to change something; nil when none runs, and then the command may
  /// take the store's lock and do it itself.
  func send<Answer: Decodable>(
    _ path: String, query: [(name: String, value: String)] = [], body: some Encodable & Sendable,
    answer: Answer.Type
  ) async throws(CommandFailure) -> Answer? {
    try await send(
      path, query: query, bytes: Array(ReportJSON.text(body).utf8), answer: answer)
  }

  /// The same with a body that is no JSON.
  func send<Answer: Decodable>(
    _ path: String, query: [(name: String, value: String)] = [], bytes: [UInt8],
    answer: Answer.Type
  ) async throws(CommandFailure) -> Answer? {
    // Asked first whether anyone is there: once the request is on its way, a connection that breaks
    // is not the same as none.
    switch await ask("/healthz", within: Limits.requestIdleTimeout) {
    case .answer: break
    case .nobody: return nil
    case .silence:
      throw CommandFailure(
        "\(holder) holds the store and does not answer: nothing was done", .failed)
    }
    let fields = query.map { "\($0.name)=\(URLText.encoded($0.value))" }
    let target = path + (fields.isEmpty ? "" : "?" + fields.joined(separator: "&"))
    var request = request("POST", target)
    request.body = bytes
    request.timeouts.idle = Limits.controlAnswerTimeout
    request.timeouts.total = Limits.controlAnswerTimeout
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await exchange(request)
    } catch {
      throw CommandFailure(
        "the running collector did not answer, and may have done what was asked: \(error.message)",
        .failed)
    }
    return try ControlClient.read(response, as: answer)
  }

  /// What comes of asking.
  enum Reply {
    case answer(HTTPResponse)
    /// Someone listens and says nothing: stopped, or so busy that it amounts to that.
    case silence
    /// No collector runs.
    case nobody
  }

  /// What the running collector shows at a path.
  func ask(_ path: String, within time: Duration = Limits.controlLookTimeout) async -> Reply {
    var request = request("GET", path)
    request.timeouts.idle = time
    request.timeouts.total = time
    do throws(HTTPError) {
      return .answer(try await exchange(request))
    } catch {
      // Otherwise there is no socket, or one that a dead collector left.
      return error.kind == .timeout ? .silence : .nobody
    }
  }

  /// Whether a process collects into the store, whatever it says.
  func isCollecting() async -> Bool {
    if case .nobody = await ask("/healthz") { false } else { true }
  }

  /// Who holds the store, as far as it says so.
  var holder: String { FolderLock.holder(of: folder) ?? "a process" }

  private func request(_ method: String, _ target: String) -> HTTPRequest {
    var request = HTTPRequest(method: method, url: "http://localhost" + target)
    request.unixSocketPath = Console.socketPath(folder: folder)
    return request
  }

  private func exchange(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let client = CurlClient(name: "control", userAgent: Version.userAgent)
    defer { client.shutdown() }
    return try await client.send(request)
  }

  private static func read<Answer: Decodable>(
    _ response: HTTPResponse, as type: Answer.Type
  ) throws(CommandFailure) -> Answer {
    do {
      if response.status == 200 { return try ReportJSON.read(type, from: response.body) }
      throw CommandFailure(
        try ReportJSON.read(ControlError.self, from: response.body).error, .failed)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(
        "the running collector's answer cannot be read (HTTP \(response.status)); it may be of "
          + "another version: restart it", .failed)
    }
  }
}
