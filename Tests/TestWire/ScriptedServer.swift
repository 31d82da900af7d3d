import Foundation
import MillraceRuntime
import Synchronization

/// A server on a real socket that sends exactly the bytes it is told to, right or wrong.
///
/// One thread for each connection; `stop` (or release) ends them all.
package final class ScriptedServer: Sendable {
  /// What is done about one request, in order. After the last step the connection is closed,
  /// unless that step says otherwise.
  package enum Step: Sendable {
    case send([UInt8])
    /// Closes with a TCP reset.
    case reset
    /// Does nothing until the other side closes.
    case hold
    /// Waits for the next request on this connection.
    case keepAlive

    package static func text(_ text: String) -> Step { .send(Array(text.utf8)) }
  }

  /// A request as it arrived.
  package struct Received: Sendable {
    package let connection: Int
    package let method: String
    package let target: String
    package let headerLines: [String]
    package let body: String

    package func header(_ name: String) -> String? {
      let start = name.lowercased() + ":"
      return headerLines.first { $0.lowercased().hasPrefix(start) }
        .map { $0.dropFirst(start.count).trimmingCharacters(in: .whitespaces) }
    }
  }

  private struct State: Sendable {
    var received: [Received] = []
    var open: Set<Int32> = []
    var connections = 0
    var openPeak = 0
    var closedByPeer = 0
    var isStopped = false
  }

  /// The listening socket. The thread that accepts closes it, and nobody touches it after that:
  /// its number may be another server's by then.
  private final class Listener: Sendable {
    let descriptor: Int32
    private let isOpen = Mutex(true)

    init(_ descriptor: Int32) {
      self.descriptor = descriptor
    }

    /// Ends a waiting `accept`.
    func wake() {
      isOpen.withLock { if $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    func close() {
      isOpen.withLock {
        $0 = false
        Glibc.close(descriptor)
      }
    }
  }

  /// What can be waited for.
  package struct Facts: Sendable {
    package let requests: Int
    package let closedByPeer: Int
  }

  package let url: String
  package let port: Int
  private let listener: Listener
  private let state = Mutex(State())
  private let changed = Pulse()
  private let answer: @Sendable (Received) async -> [Step]

  package init(
    unixPath: String? = nil, _ answer: @escaping @Sendable (Received) async -> [Step]
  ) {
    self.answer = answer
    let descriptor: Int32
    if let unixPath {
      descriptor = ScriptedServer.listenUnix(unixPath)
      port = 0
      url = "http://localhost"
    } else {
      (descriptor, port) = ScriptedServer.listenLoopback()
      url = "http://127.0.0.1:\(port)"
    }
    listener = Listener(descriptor)
    startThread(name: "test accept") { [weak self, listener] in
      while true {
        let descriptor = accept(listener.descriptor, nil, nil)
        guard descriptor >= 0 else { break }
        guard let server = self, let number = server.register(descriptor) else {
          close(descriptor)
          break
        }
        startThread(name: "test connection") { server.serve(descriptor, number) }
      }
      listener.close()
    }
  }

  deinit {
    listener.wake()
  }

  /// Ends all connections and takes no more.
  package func stop() {
    listener.wake()
    state.withLock {
      $0.isStopped = true
      for descriptor in $0.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }
  }

  package var received: [Received] { state.withLock { $0.received } }
  /// How many connections were open at the same time, at most.
  package var openPeak: Int { state.withLock { $0.openPeak } }

  /// Returns as soon as the condition holds, or the task is out of time.
  package func wait(for condition: @Sendable (Facts) -> Bool) async {
    while !Task.isCancelled {
      let seen = changed.count
      if condition(state.withLock { ScriptedServer.facts($0) }) { return }
      await changed.wait(beyond: seen)
    }
  }

  private static func facts(_ state: State) -> Facts {
    Facts(requests: state.received.count, closedByPeer: state.closedByPeer)
  }

  private func change(_ body: (inout State) -> Void) {
    state.withLock { body(&$0) }
    changed.beat()
  }

  private func register(_ descriptor: Int32) -> Int? {
    state.withLock {
      guard !$0.isStopped else { return nil }
      $0.open.insert(descriptor)
      $0.openPeak = max($0.openPeak, $0.open.count)
      $0.connections += 1
      return $0.connections
    }
  }

  // MARK: One connection

  private func serve(_ descriptor: Int32, _ number: Int) {
    defer {
      change { $0.open.remove(descriptor) }
      close(descriptor)
    }
    while let request = read(descriptor, number) {
      change { $0.received.append(request) }
      let steps = self.steps(for: request)
      for step in steps {
        switch step {
        case .send(let bytes): send(bytes, to: descriptor)
        case .hold: return waitForClose(descriptor)
        case .keepAlive: break
        case .reset:
          var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
          setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger,
            socklen_t(MemoryLayout.size(ofValue: linger)))
          return
        }
      }
      guard case .keepAlive? = steps.last else {
        // What the client still sends must not turn the close into a reset.
        shutdown(descriptor, Int32(SHUT_WR))
        waitForClose(descriptor)
        return
      }
    }
  }

  /// Waits on this thread, which is no part of the cooperative pool, for the scripted answer.
  private func steps(for request: Received) -> [Step] {
    let box = ConditionLock<[Step]?>(nil)
    Task {
      let steps = await answer(request)
      box.withLock { $0 = steps }
      box.signal()
    }
    return box.wait {
      $0 != nil
    } then: {
      $0 ?? []
    }
  }

  private func send(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private func waitForClose(_ descriptor: Int32) {
    var byte: UInt8 = 0
    while recv(descriptor, &byte, 1, 0) > 0 {}
    change { $0.closedByPeer += 1 }
  }

  private func read(_ descriptor: Int32, _ number: Int) -> Received? {
    var bytes: [UInt8] = []
    let mark = Array("\r\n\r\n".utf8)
    var chunk = [UInt8](repeating: 0, count: 4096)
    func more() -> Bool {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { return false }
      bytes += chunk[..<count]
      return true
    }
    var headEnd: Int?
    while headEnd == nil {
      guard more() else { return nil }
      headEnd = bytes.indices.first { bytes[$0...].starts(with: mark) }
    }
    guard let headEnd else { return nil }
    let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    let length =
      lines.first { $0.lowercased().hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
    while bytes.count < headEnd + 4 + length {
      guard more() else { return nil }
    }
    return Received(
      connection: number, method: words[0], target: words[1], headerLines: Array(lines[1...]),
      body: String(decoding: bytes[(headEnd + 4)...], as: UTF8.self))
  }

  // MARK: Listening

  private static func listenLoopback() -> (Int32, Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        precondition(bind(descriptor, address, size) == 0, "a free port")
        precondition(getsockname(descriptor, address, &size) == 0, "a bound port")
      }
      return Int(UInt16(bigEndian: pointer.pointee.sin_port))
    }
    precondition(listen(descriptor, 512) == 0, "a listening socket")
    return (descriptor, port)
  }

  private static func listenUnix(_ path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    precondition(code == 0 && listen(descriptor, 16) == 0, "a socket in a folder of ours")
    return descriptor
  }
}

/// What a body is written as in a test.
package protocol ScriptedBody {
  var bytes: [UInt8] { get }
}

extension String: ScriptedBody {
  package var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8]: ScriptedBody {
  package var bytes: [UInt8] { self }
}

/// A well-formed answer, after which the connection stays open.
package func reply(
  status: Int = 200, headers: [String] = [], _ body: some ScriptedBody
) -> [ScriptedServer.Step] {
  let bytes = body.bytes
  let head = ["HTTP/1.1 \(status) Scripted", "Content-Length: \(bytes.count)"] + headers
  return [.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + bytes), .keepAlive]
}
