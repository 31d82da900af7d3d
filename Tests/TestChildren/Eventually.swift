import MillraceRuntime

/// A state that did not come.
package struct Impatience: Error, CustomStringConvertible {
  /// Which one.
  package let description: String
}

/// Waits until something holds, looking again and again; throws `Impatience` after two minutes.
package func eventually(
  _ what: String, _ holds: @Sendable () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(120)
  let never = Pulse()
  while try await !holds() {
    guard .now < end else { throw Impatience(description: "in vain: \(what)") }
    await never.wait(beyond: never.count, atMost: .milliseconds(10))
  }
}
