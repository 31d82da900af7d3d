import CCurl
import MillraceCore
import MillraceRuntime

/// One request under way: its easy handle, and the answer as far as it has arrived.
///
/// Lives on the loop's thread alone. The easy handle points back at it (unretained) and is gone
/// before it: `CurlLoop` keeps a transfer for as long as its handle is in the multi handle.
final class CurlTransfer {
  let easy: UnsafeMutableRawPointer
  let job: CurlJob
  let target: CurlTarget
  /// Kept for libcurl, which does not copy them.
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var connectionList: UnsafeMutablePointer<curl_slist>?
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  private var head = CurlHead()
  private var body: [UInt8] = []
  /// What of the body is not in memory any more.
  private var spilled: SpillFile?
  private var receivedBytes = 0
  private var hasBodyBegun = false
  private var decoder: GzipDecoder?
  /// Why a callback ended the transfer.
  private var failure: (kind: HTTPError.Kind, message: String)?

  private init(_ job: CurlJob, target: CurlTarget) {
    guard let easy = curl_easy_init() else { preconditionFailure("libcurl gives an easy handle") }
    self.easy = easy
    self.job = job
    self.target = target
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    curl_slist_free_all(connectionList)
    errorText.deallocate()
  }

  /// A transfer ready to be added to the multi handle; fails when the request cannot be sent.
  static func make(
    _ job: CurlJob, target: CurlTarget, settings: CurlSettings
  ) -> Result<CurlTransfer, HTTPError> {
    let transfer = CurlTransfer(job, target: target)
    var options = CurlOptions(easy: transfer.easy)
    options.setRequest(job.request, target: target, settings: settings)
    transfer.headerList = options.headerList
    transfer.connectionList = options.connectionList
    options.note(millrace_curl_set_error_buffer(transfer.easy, transfer.errorText))
    options.note(
      millrace_curl_set_receivers(
        transfer.easy, receiveHeader, receiveBody, Unmanaged.passUnretained(transfer).toOpaque()))
    guard let problem = options.problem else { return .success(transfer) }
    return .failure(HTTPError(kind: .protocol, message: problem, url: job.request.url))
  }

  // MARK: What arrives

  /// Takes one header line; false ends the transfer.
  fileprivate func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    // Fields after the body (trailers) tell nothing that is asked for.
    if hasBodyBegun { return true }
    head.take(line)
    return head.bytes <= Limits.answerHeadBytesMax
      || fail(.protocol, "the answer's head is larger than \(Limits.answerHeadBytesMax) bytes")
  }

  /// Takes a piece of the body as sent; false ends the transfer.
  fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if !hasBodyBegun {
      hasBodyBegun = true
      guard prepareBody() else { return false }
    }
    receivedBytes += bytes.count
    let bytesMax = job.request.bodyBytesMax - (spilled?.count ?? 0)
    guard let decoder else {
      guard bytes.count <= bytesMax - body.count else { return failTooLarge() }
      body.append(contentsOf: bytes)
      return spillIfLarge()
    }
    do throws(GzipDecoder.Failure) {
      try decoder.decode(bytes, into: &body, bytesMax: bytesMax)
      return spillIfLarge()
    } catch .tooLarge {
      return failTooLarge()
    } catch {
      return fail(.encoding, "the body is announced as gzip and is not")
    }
  }

  /// Moves the body to a file when it has become too large for memory.
  private func spillIfLarge() -> Bool {
    guard let spill = job.request.spill, body.count > (spilled == nil ? spill.beyond : 0) else {
      return true
    }
    do throws(SpillFile.Failure) {
      let file: SpillFile
      if let spilled { file = spilled } else { file = try SpillFile(folder: spill.folder) }
      spilled = file
      let result: Result<Void, SpillFile.Failure> = body.withUnsafeBytes { bytes in
        do throws(SpillFile.Failure) {
          try file.append(bytes)
          return .success(())
        } catch {
          return .failure(error)
        }
      }
      try result.get()
      body.removeAll(keepingCapacity: true)
      spill.arrived?(file.count)
      return true
    } catch {
      return fail(.storage, "the body is too large for memory, and the disk refused it: \(error)")
    }
  }

  private func prepareBody() -> Bool {
    switch head.contentEncoding {
    case nil, "identity":
      if let announced = head.contentLength {
        guard announced <= job.request.bodyBytesMax else { return failTooLarge() }
        let kept = min(announced, job.request.spill?.beyond ?? announced)
        body.reserveCapacity(min(kept, Limits.bodyReserveBytesMax) + PaddedBytes.slackBytes)
      }
    case "gzip", "x-gzip":
      decoder = GzipDecoder()
    case .some:
      return fail(.encoding, "the body comes in an encoding that was not offered")
    }
    return true
  }

  private func failTooLarge() -> Bool {
    fail(.tooLarge, "the body is larger than \(job.request.bodyBytesMax) bytes")
  }

  private func fail(_ kind: HTTPError.Kind, _ message: String) -> Bool {
    failure = (kind, message)
    return false
  }

  // MARK: The end

  /// What the caller gets, now that libcurl is done.
  func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
    let url = job.request.url
    if let failure {
      return .failure(HTTPError(kind: failure.kind, message: failure.message, url: url))
    }
    guard code == CURLE_OK else {
      let tunnel = millrace_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE)
      if tunnel >= 300 { return .failure(HTTPError(proxyStatus: tunnel, url: url)) }
      let text = String(cString: errorText)
      return .failure(
        HTTPError(
          curl: code, text: text.isEmpty ? String(cString: curl_easy_strerror(code)) : text,
          hasHead: head.isComplete, url: url))
    }
    if let problem = incompleteness() {
      return .failure(HTTPError(kind: problem.kind, message: problem.message, url: url))
    }
    if body.capacity - body.count < PaddedBytes.slackBytes {
      body.reserveCapacity(body.count + PaddedBytes.slackBytes)
    }
    defer {
      body = []
      spilled = nil
    }
    return .success(
      HTTPResponse(
        status: millrace_curl_get_long(easy, CURLINFO_RESPONSE_CODE), headers: head.fields,
        body: body, spilled: spilled,
        httpVersion: versionName(millrace_curl_get_long(easy, CURLINFO_HTTP_VERSION))))
  }

  /// What libcurl overlooks: contradictory lengths, and compressed bodies cut at a place where the
  /// length agrees.
  private func incompleteness() -> (kind: HTTPError.Kind, message: String)? {
    if head.hasContradictoryLengths {
      return (.protocol, "the answer states several lengths")
    }
    let status = millrace_curl_get_long(easy, CURLINFO_RESPONSE_CODE)
    guard job.request.method != "HEAD", status != 204, status != 304 else { return nil }
    if let announced = head.contentLength, receivedBytes != announced {
      return (.truncated, "the body has \(receivedBytes) of \(announced) announced bytes")
    }
    if let decoder, !decoder.isComplete {
      return (.truncated, "the compressed body ends in its middle")
    }
    // Refusals are sent with an empty body whatever their header says; content is not.
    if decoder == nil, receivedBytes == 0, (200..<300).contains(status),
      let encoding = head.contentEncoding, encoding != "identity"
    {
      return (.truncated, "the body is announced as compressed and is empty")
    }
    return nil
  }

  private func versionName(_ version: Int) -> String {
    switch version {
    case Int(CURL_HTTP_VERSION_1_0): "1.0"
    case Int(CURL_HTTP_VERSION_2_0): "2"
    case Int(CURL_HTTP_VERSION_3): "3"
    default: "1.1"
    }
  }
}

// MARK: - Callbacks

// Plain functions: libcurl calls them on the loop's thread, from within `curl_multi_perform`.

private func receiveHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
  let length = size * count
  return transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: length)) ? length : 0
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
  let length = size * count
  guard length > 0 else { return 0 }
  return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: length)) ? length : 0
}
