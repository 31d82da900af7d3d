import Glibc
import MillraceRuntime
import MillraceStreams
import TestChildren
import Testing

/// What came of an attempt to connect and to do something.
private func outcome(
  _ endpoint: Endpoint, timeout: Duration = .seconds(60),
  _ body: @escaping @Sendable (StreamConnection) throws(StreamError) -> Void = { _ in }
) async -> StreamError.Kind? {
  await blocking {
    do throws(StreamError) {
      try body(try StreamConnection.open(endpoint, timeout: timeout))
      return nil
    } catch {
      return error.kind
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct `A connection in the clear` {
  @Test(arguments: [AF_INET, AF_INET6])
  func `brings everything, whichever family the host answers in`(family: Int32) async throws {
    let brought = Brought()
    let listener = Listener(family: family) { brought.read($0) }
    // The name has addresses of both families on most machines; one of them refuses.
    let isFound = await outcome(.host("localhost", port: listener.port)) {
      (connection) throws(StreamError) in
      for _ in 0..<8 { try connection.write([UInt8](repeating: 7, count: 1 << 20)) }
      try connection.awaitAcknowledgement()
      #expect(connection.finish(within: .seconds(60)))
    }
    if isFound == .unreachable, family == AF_INET6 {
      try Test.cancel("localhost has no address of IPv6 here")
    }
    #expect(isFound == nil)
    try await eventually("the server has read to the end") { !brought.all.isEmpty }
    #expect(brought.all == [[UInt8](repeating: 7, count: 8 << 20)])
  }

  @Test func `is refused where nobody listens, and does not find itself`() async {
    // A port of the kind that the kernel gives to clients.
    let port = Listener { _ in }.port
    for _ in 0..<50 {
      #expect(await outcome(.host("127.66.6.6", port: port)) == .unreachable)
    }
    #expect(await outcome(.host("no-such-host.invalid", port: 1)) == .unresolved)
    #expect(await outcome(.path("/nonexistent/socket")) == .unreachable)
  }

  @Test func `notices a peer that takes nothing`() async {
    let gate = ConditionLock(false)
    let listener = Listener { _ in gate.wait({ $0 }, then: { _ in }) }
    let kind = await outcome(.host("127.0.0.1", port: listener.port)) {
      (connection) throws(StreamError) in
      while true {
        try connection.write([UInt8](repeating: 0, count: 1 << 20), stallTime: .milliseconds(200))
      }
    }
    #expect(kind == .stalled)
    gate.withLock { $0 = true }
    gate.signal()
  }

  @Test func `notices an end without being asked to write`() async throws {
    let listener = Listener { _ in }
    let end = await blocking { () -> StreamEnd? in
      let connection = try? StreamConnection.open(.host("127.0.0.1", port: listener.port))
      return connection?.watch(for: .seconds(120))
    }
    #expect(end?.isClean == true)
    #expect(end?.error.kind == .ended)
  }

  @Test func `tells a peer that left something unread from one that read all`() async throws {
    let mayClose = ConditionLock(false)
    let listener = Listener { _ in mayClose.wait({ $0 }, then: { _ in }) }
    let result = await blocking { () -> Bool? in
      do {
        let connection = try StreamConnection.open(.host("127.0.0.1", port: listener.port))
        try connection.write([1, 2, 3])
        // The kernel of the peer has it, its program never will.
        try connection.awaitAcknowledgement()
        mayClose.withLock { $0 = true }
        mayClose.signal()
        return connection.finish(within: .seconds(120))
      } catch {
        return nil
      }
    }
    #expect(result == false)
  }
}

@Suite(.timeLimit(.minutes(10))) struct `Datagrams` {
  @Test func `are refused where nobody listens, as far as that shows`() async {
    let kinds = await blocking { () -> [StreamError.Kind?] in
      [Endpoint.host("127.66.6.7", port: 9), .path("/nonexistent/socket")].map { endpoint in
        do throws(StreamError) {
          let way = try DatagramConnection(endpoint)
          try way.send([1, 2, 3])
          try way.settle()
          return nil
        } catch {
          return error.kind
        }
      }
    }
    #expect(kinds == [.unreachable, .unreachable])
  }

  @Test func `larger than a datagram may be are told apart from other trouble`() async {
    let kind = await blocking { () -> StreamError.Kind? in
      do throws(StreamError) {
        let way = try DatagramConnection(.host("127.66.6.8", port: 9))
        try way.send([UInt8](repeating: 0, count: 70_000))
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(kind == .tooLarge)
  }
}
