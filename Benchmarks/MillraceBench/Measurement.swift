import Foundation

/// What one round of a workload cost.
struct Sample: Sendable {
  var wallSeconds: Double
  /// Of all threads of the processes that worked.
  var processorSeconds: Double
}

/// Measures a stretch of work of this process.
struct Stopwatch {
  private let wall = Stopwatch.read(CLOCK_MONOTONIC)
  private let processor = Stopwatch.read(CLOCK_PROCESS_CPUTIME_ID)

  /// What was used since the stopwatch was made.
  var sample: Sample {
    Sample(
      wallSeconds: Stopwatch.read(CLOCK_MONOTONIC) - wall,
      processorSeconds: Stopwatch.read(CLOCK_PROCESS_CPUTIME_ID) - processor)
  }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// One contender: the same work each time it is run.
struct Workload {
  let name: String
  /// How much input one round goes through.
  let bytes: Int
  let events: Int
  /// Slow contenders take part in the first rounds only.
  var roundsMax = Int.max
  let run: () async throws -> Sample

  /// Work of this process, which is timed from outside.
  static func timed(
    name: String, bytes: Int, events: Int, roundsMax: Int = .max,
    _ work: @escaping () throws -> Void
  ) -> Workload {
    Workload(name: name, bytes: bytes, events: events, roundsMax: roundsMax) {
      let watch = Stopwatch()
      try work()
      return watch.sample
    }
  }
}

/// The median of a workload's rounds.
struct Measured: Codable {
  let name: String
  let bytes: Int
  let events: Int
  let rounds: Int
  let wallSeconds: Double
  let processorSeconds: Double

  init(_ workload: Workload, _ samples: [Sample]) {
    name = workload.name
    bytes = workload.bytes
    events = workload.events
    rounds = samples.count
    wallSeconds = Self.median(samples.map(\.wallSeconds))
    processorSeconds = Self.median(samples.map(\.processorSeconds))
  }

  var megabytesPerProcessorSecond: Double { Double(bytes) / 1e6 / processorSeconds }
  var eventsPerProcessorSecond: Double { Double(events) / processorSeconds }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// Runs contenders by turns, so that what disturbs one disturbs all.
enum Rounds {
  static func run(_ workloads: [Workload], rounds: Int) async throws -> [Measured] {
    var samples = [[Sample]](repeating: [], count: workloads.count)
    for round in 0..<rounds {
      for (index, workload) in workloads.enumerated() where round < workload.roundsMax {
        samples[index].append(try await workload.run())
      }
    }
    return zip(workloads, samples).map { Measured($0, $1) }
  }
}
