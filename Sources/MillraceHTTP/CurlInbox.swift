import CCurl
import Synchronization

/// A multi handle of libcurl.
///
/// Sound as `@unchecked Sendable`: every call on it is made by the loop's thread, but for
/// `curl_multi_wakeup`, which libcurl allows from any thread while the handle exists; `CurlInbox`
/// calls it under its lock, and only until the loop has said, under the same lock, that it ends.
struct CurlMulti: @unchecked Sendable {
  let handle: UnsafeMutableRawPointer

  /// Initializes libcurl once for the process, as its lazy way is not safe with threads.
  private static let globalInit = millrace_curl_global_init()

  init() {
    precondition(CurlMulti.globalInit == CURLE_OK, "libcurl initializes")
    guard let handle = curl_multi_init() else {
      preconditionFailure("libcurl gives a multi handle")
    }
    self.handle = handle
  }
}

/// A request on its way to the loop, with the continuation that waits for its result.
struct CurlJob: Sendable {
  let id: UInt64
  let request: HTTPRequest
  let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>

  /// Resumes the waiting caller; whoever takes a job out of the loop's tables calls it once.
  func finish(_ result: Result<HTTPResponse, HTTPError>) {
    continuation.resume(returning: result)
  }

  /// Resumes the waiting caller with `.cancelled`.
  func cancel(_ message: String) {
    finish(.failure(HTTPError(kind: .cancelled, message: message, url: request.url)))
  }
}

/// The commands on their way to the loop's thread.
final class CurlInbox: Sendable {
  /// What the loop is told to do.
  enum Command: Sendable {
    case start(CurlJob)
    case cancel(UInt64)
  }

  private struct State: Sendable {
    var commands: [Command] = []
    var lastID: UInt64 = 0
    /// No more requests are taken; the loop fails what is pending and ends.
    var isClosed = false
    /// The loop no longer uses the multi handle.
    var hasEnded = false
  }

  private let multi: CurlMulti
  private let state = Mutex(State())

  init(_ multi: CurlMulti) {
    self.multi = multi
  }

  /// A number no other request of this client has.
  func makeID() -> UInt64 {
    state.withLock {
      $0.lastID += 1
      return $0.lastID
    }
  }

  /// Hands a request to the loop, or cancels it when the client is shut down.
  func start(_ job: CurlJob) {
    let isTaken = put(.start(job))
    if !isTaken { job.cancel("the client is shut down") }
  }

  /// Ends the request with that number, if it is still pending.
  func cancel(_ id: UInt64) {
    _ = put(.cancel(id))
  }

  /// Tells the loop to end.
  func close() {
    state.withLock {
      $0.isClosed = true
      if !$0.hasEnded { curl_multi_wakeup(multi.handle) }
    }
  }

  /// Everything put in since the last call, and whether the loop has to end.
  func take() -> (commands: [Command], isClosed: Bool) {
    state.withLock { state in
      defer { state.commands = [] }
      return (state.commands, state.isClosed)
    }
  }

  /// Says that the multi handle is about to go.
  func markEnded() {
    state.withLock { $0.hasEnded = true }
  }

  private func put(_ command: Command) -> Bool {
    state.withLock {
      guard !$0.isClosed else { return false }
      $0.commands.append(command)
      curl_multi_wakeup(multi.handle)
      return true
    }
  }
}
