import CMicroHTTPD
import Glibc
import MillraceCore

/// What the callbacks of one server share.
final class ServerService: Sendable {
  let bodyBytesMax: Int
  /// How much of a body that is too large is read, so that its sender gets an answer.
  var droppedBytesMax: Int { 8 * bodyBytesMax }
  let handler: HTTPServer.Handler
  let pauses = PauseTimer()

  init(bodyBytesMax: Int, handler: @escaping HTTPServer.Handler) {
    self.bodyBytesMax = bodyBytesMax
    self.handler = handler
  }
}

/// One request on its way through the callbacks; touched by its connection's thread alone.
private final class ServerExchange {
  let target: String
  var hasBegun = false
  var body: [UInt8] = []
  var bodyBytes = 0
  /// The answer that waits for its delay to pass.
  var answer: ServerResponse?

  init(target: String) {
    self.target = target
  }
}

// MARK: - Callbacks

/// Called with the request line, before libmicrohttpd decodes it.
func beginRequest(
  _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?,
  _ connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
  let exchange = ServerExchange(target: target.map { String(cString: $0) } ?? "")
  return Unmanaged.passRetained(exchange).toOpaque()
}

/// Called when a request is over, however it ended.
func endRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
  guard let state, let pointer = state.pointee else { return }
  Unmanaged<ServerExchange>.fromOpaque(pointer).release()
  state.pointee = nil
}

/// Called when the headers are read, for every piece of the body, at its end, and once more after
/// a delay.
func answerRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?,
  _ dataCount: UnsafeMutablePointer<Int>?,
  _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context, let connection, let method, let dataCount, let pointer = state?.pointee
  else { return .NO }
  let service = Unmanaged<ServerService>.fromOpaque(context).takeUnretainedValue()
  let exchange = Unmanaged<ServerExchange>.fromOpaque(pointer).takeUnretainedValue()
  if !exchange.hasBegun {
    exchange.hasBegun = true
    let header = MHD_lookup_connection_value(connection, .HEADER_KIND, "Content-Length")
    guard let header else { return .YES }
    let length = Int(String(cString: header)) ?? Int.max
    guard length > service.bodyBytesMax else {
      exchange.body.reserveCapacity(length)
      return .YES
    }
    // Who sends already finds the connection closed in place of an answer that comes before the
    // body's end, so a body is read and dropped unless it is beyond all measure or waits for leave.
    let waits = MHD_lookup_connection_value(connection, .HEADER_KIND, "Expect") != nil
    guard waits || length > service.droppedBytesMax else { return .YES }
    return send(tooLarge(service), on: connection, of: service)
  }
  if dataCount.pointee > 0 {
    return take(data, count: dataCount, for: exchange, of: service)
  }
  if let answer = exchange.answer {
    // A stopping server drops what it holds back: an answer sent early would be a lie.
    return service.pauses.isOver ? .NO : send(answer, on: connection, of: service)
  }
  let answer: ServerResponse
  if exchange.bodyBytes > service.bodyBytesMax {
    answer = tooLarge(service)
  } else {
    answer = service.handler(
      ServerRequest(
        method: String(cString: method), target: exchange.target,
        headers: headers(of: connection), body: exchange.body))
  }
  if let delay = answer.delay {
    exchange.answer = answer
    return service.pauses.pause(connection, milliseconds: delay.milliseconds) ? .YES : .NO
  }
  return send(answer, on: connection, of: service)
}

/// Keeps a piece of a body, up to the bound; behind it the rest is read and dropped, as an answer
/// can only follow a whole body. A client that goes on and on is cut off.
private func take(
  _ data: UnsafePointer<CChar>?, count: UnsafeMutablePointer<Int>, for exchange: ServerExchange,
  of service: ServerService
) -> MHD_Result {
  exchange.bodyBytes += count.pointee
  if exchange.bodyBytes <= service.bodyBytesMax {
    exchange.body += UnsafeRawBufferPointer(start: data, count: count.pointee)
  } else {
    exchange.body = []
  }
  count.pointee = 0
  return exchange.bodyBytes > service.droppedBytesMax ? .NO : .YES
}

private func tooLarge(_ service: ServerService) -> ServerResponse {
  ServerResponse(status: 413, text: "The body is larger than \(service.bodyBytesMax) bytes.\n")
}

// MARK: - Request headers

private final class HeaderList {
  var fields: [(name: String, value: String)] = []
}

private func headers(of connection: OpaquePointer) -> [(name: String, value: String)] {
  let list = HeaderList()
  MHD_get_connection_values(
    connection, .HEADER_KIND, addHeader, Unmanaged.passUnretained(list).toOpaque())
  return list.fields
}

private func addHeader(
  _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let context, let name else { return .NO }
  let list = Unmanaged<HeaderList>.fromOpaque(context).takeUnretainedValue()
  list.fields.append((String(cString: name), value.map { String(cString: $0) } ?? ""))
  return .YES
}

// MARK: - Answers

private func send(
  _ answer: ServerResponse, on connection: OpaquePointer, of service: ServerService
) -> MHD_Result {
  let response: OpaquePointer?
  switch answer.body {
  case .reset:
    // With a linger time of zero the kernel sends a reset in place of an orderly end.
    var immediately = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      millrace_http_socket(connection), SOL_SOCKET, SO_LINGER, &immediately,
      socklen_t(MemoryLayout<linger>.size))
    return .NO
  case .bytes(let bytes):
    response = bytes.withUnsafeBytes {
      MHD_create_response_from_buffer(
        $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
    }
  case .unannounced(let bytes):
    response = reading(BodyReader(bytes), announced: millrace_http_size_unknown)
  case .streamed(let begin):
    response = streaming(begin())
  case .cut(let bytes, let announced):
    response = reading(BodyReader(bytes), announced: UInt64(max(announced, bytes.count)))
  case .slow(let bytes, let piece, let pause):
    let reader = BodyReader(
      bytes, piece: max(piece, 1), pause: pause, timer: service.pauses, connection: connection)
    response = reading(reader, announced: UInt64(bytes.count))
  }
  guard let response else { return .NO }
  defer { MHD_destroy_response(response) }
  for header in answer.headers
  where MHD_add_response_header(response, header.name, header.value) != .YES {
    // A name or value that cannot stand in a header is a fault of the handler; a client must not
    // take the answer for whole without it.
    return .NO
  }
  return MHD_queue_response(connection, UInt32(answer.status), response)
}

/// A body that is handed out piece by piece; touched by its connection's thread alone.
private final class BodyReader {
  private let bytes: [UInt8]
  private let piece: Int
  private let pause: Duration
  private let timer: PauseTimer?
  private let connection: OpaquePointer?
  private var isRested = false

  init(
    _ bytes: [UInt8], piece: Int = .max, pause: Duration = .zero, timer: PauseTimer? = nil,
    connection: OpaquePointer? = nil
  ) {
    self.bytes = bytes
    self.piece = piece
    self.pause = pause
    self.timer = timer
    self.connection = connection
  }

  /// Copies what comes at `position`; nil at the end, 0 when the connection was put to rest.
  func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    guard position < bytes.count else { return nil }
    if let timer, let connection, !isRested {
      isRested = timer.pause(connection, milliseconds: pause.milliseconds)
      if isRested { return 0 }
    }
    isRested = false
    let count = min(buffer.count, piece, bytes.count - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    return count
  }
}

private func reading(_ reader: BodyReader, announced: UInt64) -> OpaquePointer? {
  let context = Unmanaged.passRetained(reader).toOpaque()
  let response = MHD_create_response_from_callback(
    announced, 32 << 10, readBody, context, releaseBody)
  if response == nil { releaseBody(context) }
  return response
}

private func readBody(
  _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?,
  _ capacity: Int
) -> Int {
  guard let context else { return millrace_http_end_with_error }
  let reader = Unmanaged<BodyReader>.fromOpaque(context).takeUnretainedValue()
  let target = UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
  // For a body that announced more than it has, the end of the stream drops the connection.
  return reader.read(at: Int(position), into: target) ?? millrace_http_end_of_stream
}

private func releaseBody(_ context: UnsafeMutableRawPointer?) {
  guard let context else { return }
  Unmanaged<BodyReader>.fromOpaque(context).release()
}
