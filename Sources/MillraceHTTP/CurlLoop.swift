import CCurl
import Glibc

/// The loop of a client's thread: takes commands, drives the transfers, hands out results.
///
/// Each request is in exactly one place until its caller is resumed: in the inbox, in `waiting`,
/// or in `transfers`. Whoever removes it from there resumes the caller.
final class CurlLoop {
  private let multi: CurlMulti
  private let inbox: CurlInbox
  private let settings: CurlSettings
  /// Under way, by the address of their easy handle.
  private var transfers: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  /// Not begun because their host is busy, oldest first, by host.
  private var waiting: [String: [CurlJob]] = [:]
  /// Requests under way, by host.
  private var running: [String: Int] = [:]

  init(multi: CurlMulti, inbox: CurlInbox, settings: CurlSettings) {
    self.multi = multi
    self.inbox = inbox
    self.settings = settings
    _ = millrace_curl_multi_set_long(
      multi.handle, CURLMOPT_MAXCONNECTS, max(16, settings.requestsPerHostMax * 4))
  }

  /// Works until the inbox is closed.
  func run() {
    blockBrokenPipeSignal()
    while true {
      let (commands, isClosed) = inbox.take()
      for command in commands {
        switch command {
        case .start(let job): accept(job)
        case .cancel(let id): cancel(id)
        }
      }
      if isClosed { return end() }
      var runningCount: Int32 = 0
      check(curl_multi_perform(multi.handle, &runningCount))
      if finishDoneTransfers() { continue }
      check(curl_multi_poll(multi.handle, nil, 0, 60_000, nil))
    }
  }

  /// A write to a connection that the peer closed must not end the process.
  private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  private func accept(_ job: CurlJob) {
    switch CurlTarget.read(job.request) {
    case .failure(let error):
      job.finish(.failure(error))
    case .success(let target):
      if running[target.host, default: 0] < settings.requestsPerHostMax {
        begin(job, target)
      } else {
        waiting[target.host, default: []].append(job)
      }
    }
  }

  private func begin(_ job: CurlJob, _ target: CurlTarget) {
    let transfer: CurlTransfer
    switch CurlTransfer.make(job, target: target, settings: settings) {
    case .failure(let error): return job.finish(.failure(error))
    case .success(let made): transfer = made
    }
    transfers[transfer.easy] = transfer
    running[target.host, default: 0] += 1
    check(curl_multi_add_handle(multi.handle, transfer.easy))
  }

  /// Takes a transfer out of the loop; its host's next request begins.
  private func remove(_ easy: UnsafeMutableRawPointer) -> CurlTransfer? {
    guard let transfer = transfers.removeValue(forKey: easy) else { return nil }
    check(curl_multi_remove_handle(multi.handle, easy))
    let host = transfer.target.host
    running[host, default: 1] -= 1
    if running[host] == 0 { running[host] = nil }
    return transfer
  }

  private func beginNext(of host: String) {
    while running[host, default: 0] < settings.requestsPerHostMax,
      let job = waiting[host]?.first
    {
      waiting[host]?.removeFirst()
      accept(job)
    }
    if waiting[host]?.isEmpty == true { waiting[host] = nil }
  }

  /// Resumes the callers of all transfers that ended; false when none did.
  private func finishDoneTransfers() -> Bool {
    var hasFinished = false
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(multi.handle, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
        continue
      }
      // The message dies with the removal of its handle.
      let code = message.pointee.data.result
      guard let transfer = remove(easy) else { continue }
      hasFinished = true
      transfer.job.finish(transfer.result(code))
      beginNext(of: transfer.target.host)
    }
    return hasFinished
  }

  private func cancel(_ id: UInt64) {
    if let (easy, _) = transfers.first(where: { $0.value.job.id == id }) {
      guard let transfer = remove(easy) else { return }
      transfer.job.cancel("the caller gave up")
      beginNext(of: transfer.target.host)
      return
    }
    for host in waiting.keys {
      guard let index = waiting[host]?.firstIndex(where: { $0.id == id }) else { continue }
      waiting[host]?.remove(at: index).cancel("the caller gave up")
      return
    }
  }

  private func end() {
    for jobs in waiting.values {
      for job in jobs { job.cancel("the client is shut down") }
    }
    waiting = [:]
    for easy in Array(transfers.keys) {
      remove(easy)?.job.cancel("the client is shut down")
    }
    inbox.markEnded()
    curl_multi_cleanup(multi.handle)
  }

  private func check(_ code: CURLMcode) {
    precondition(
      code == CURLM_OK,
      "calls on a valid multi handle succeed: \(String(cString: curl_multi_strerror(code)))")
  }
}
