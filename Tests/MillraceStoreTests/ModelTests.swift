import MillraceCore
import Testing

/// Random runs of everything that can be done to a store, beside a model of what it should know.
@Suite(.serialized, .timeLimit(.minutes(60)))
struct ModelTests {
  /// Seeds of runs that once found a fault: whoever finds one adds it here, with what it was.
  private static let pastFailures: [UInt64] = []

  @Test(arguments: Array(Tier.seeds(quick: 10, nightly: 2000)) + pastFailures)
  func `the store and a plain model agree after every step`(seed: UInt64) async throws {
    try await ModelTrial(seed: seed).run(steps: Tier.isNightly ? 250 : 120)
  }
}
