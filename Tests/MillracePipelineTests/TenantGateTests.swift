import MillraceCore
import Testing

@testable import MillracePipeline

struct TenantGateTests {
  @Test func `failures that come at once count as one, and begin one pause`() async {
    let gate = TenantGate(requestsPerMinute: 1000)
    let counts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<64 {
        group.addTask { gate.countFailure { .seconds(600 * $0) } }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts == [Int](repeating: 1, count: 64))
    #expect(gate.pausedUntil(.exchange) != nil)
  }

  @Test func `failures one after the other count up until one request succeeds`() {
    let gate = TenantGate(requestsPerMinute: 1000)
    #expect((0..<3).map { _ in gate.countFailure { _ in nil } } == [1, 2, 3])
    gate.countSuccess()
    #expect(gate.countFailure { _ in nil } == 1)
  }
}
