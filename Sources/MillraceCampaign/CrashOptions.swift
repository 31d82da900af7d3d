import MillraceSimulator

/// How a campaign goes.
package struct CrashOptions: Sendable {
  /// The program that is killed.
  package var program: String
  /// Where the campaign's folder is made.
  package var parent: String
  /// Kills that must strike.
  package var kills = 50
  /// Records that the tenant sends.
  package var events = 20_000
  /// Records in a blob; few, so that there is much to be interrupted.
  package var eventsPerBlob = 20
  /// Decides everything that is random.
  package var seed: UInt64

  /// Options; the defaults take about half a minute.
  package init(program: String, parent: String, seed: UInt64) {
    self.program = program
    self.parent = parent
    self.seed = seed
  }

  /// A tenant in a bad mood: each fault strikes seldom, as the waits after failures are real.
  var simulator: SimulatorOptions {
    var options = SimulatorOptions()
    options.content = .generated(events: events, seed: seed)
    options.eventsPerBlob = eventsPerBlob
    options.pageSize = 40
    options.faults = FaultPlan(
      [
        .throttle403, .throttle429, .serverErrors, .cutBodies, .resets, .repeatedListings,
        .repeatedEvents,
      ], seed: seed, rate: 0.004)
    return options
  }
}

/// How far a campaign has come.
package struct CrashProgress: Sendable, Hashable {
  /// Kills that struck.
  package let kills: Int
  /// Kills that must strike.
  package let of: Int
}
