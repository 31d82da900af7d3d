import Foundation
import MillraceHTTP
import Synchronization
import TestWire
import Testing

/// Bodies of answers that go to a file.
@Suite(.timeLimit(.minutes(10)))
struct HTTPClientSpillTests {
  @Test func `a body that is too large for memory is told of while it arrives`() async throws {
    let folder = NSTemporaryDirectory()
    let counts = Mutex<[Int]>([])
    let (arrivals, arrival) = AsyncStream<Void>.makeStream()
    let server = ScriptedServer { _ in
      [
        .text("HTTP/1.1 200 Scripted\r\nContent-Length: 1000000\r\n\r\n"),
        .send([UInt8](repeating: UInt8(ascii: "a"), count: 600_000)), .hold,
      ]
    }
    let spill = BodySpill(beyond: 10_000, folder: folder) { count in
      counts.withLock { $0.append(count) }
      if count > 500_000 { arrival.yield() }
    }
    let request = HTTPRequest(url: server.url, bodyBytesMax: 2_000_000, spill: spill)
    async let answer = send(request)
    // The answer has no end before the server is stopped.
    for await _ in arrivals { break }
    server.stop()
    guard case .failure = await answer else {
      Issue.record("a body that was cut is no answer")
      return
    }
    let seen = counts.withLock { $0 }
    #expect(seen.first ?? 0 > 10_000 && seen.last ?? .max <= 600_000)
    #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 })
  }
}
