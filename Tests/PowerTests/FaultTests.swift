import CFaultyFiles
import Glibc
import MillraceCore
import MillraceSinks
import Testing

@testable import MillraceStore

/// Operations of a disk that fail, one after the other and several at once. A step that meets one
/// works all the same, or fails in words, without an effect, and works when it is tried again: with
/// the same store and the same sink, as a collector tries.
@Suite(.serialized, .timeLimit(.minutes(240)))
struct FaultTests {
  /// What fails, for how many times, and how.
  struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let operations: [faulty_operation]
    let width: Int
    let code: Int32

    var testDescription: String { "\(name), \(width) times, error \(code)" }
  }

  static let faults = [
    Fault(name: "writes", operations: [FAULTY_WRITE], width: 1, code: ENOSPC),
    Fault(name: "writes", operations: [FAULTY_WRITE], width: 5, code: EIO),
    Fault(name: "writes", operations: [FAULTY_WRITE], width: 1, code: EROFS),
    Fault(name: "writes", operations: [FAULTY_WRITE], width: 1, code: EDQUOT),
    Fault(name: "reads", operations: [FAULTY_READ], width: 1, code: EIO),
    Fault(name: "reads", operations: [FAULTY_READ], width: 9, code: EIO),
    Fault(name: "syncs", operations: [FAULTY_SYNC], width: 1, code: EIO),
    Fault(name: "syncs", operations: [FAULTY_SYNC], width: 3, code: ENOSPC),
    Fault(name: "cuts", operations: [FAULTY_CUT], width: 1, code: EIO),
    Fault(name: "opening", operations: [FAULTY_OPEN], width: 1, code: EIO),
    Fault(name: "removing", operations: [FAULTY_REMOVE], width: 1, code: EIO),
    Fault(name: "looking", operations: [FAULTY_LOOK], width: 1, code: EIO),
    Fault(name: "mapping", operations: [FAULTY_SHARED_MEMORY], width: 1, code: EIO),
    Fault(
      name: "everything",
      operations: [
        FAULTY_READ, FAULTY_WRITE, FAULTY_SYNC, FAULTY_CUT, FAULTY_OPEN, FAULTY_REMOVE,
        FAULTY_LOOK, FAULTY_SHARED_MEMORY,
      ], width: 30, code: EIO),
  ]

  @Test(arguments: faults)
  func `an operation that fails costs a delay and nothing else`(fault: Fault) async throws {
    let trial = try await PowerTrial(Workload(seed: 3, length: 18))
    var failures = 0
    var first = 1
    while true {
      let found = try await trial.persist(fault, first: first)
      if found.hits == 0 { break }
      failures += found.failures
      first += Tier.isNightly ? 1 : 1 + first / 4
    }
    print("faults: \(fault.testDescription): \(failures) steps failed, the last at \(first)")
    #expect(failures > 0 || fault.operations == [FAULTY_CUT], "\(fault.testDescription)")
  }

  @Test(arguments: Tier.seeds(quick: 1, nightly: 40))
  func `bytes whose sync failed are not taken for durable`(seed: UInt64) async throws {
    let trial = try await PowerTrial(Workload(seed: seed, length: 18))
    let fault = Fault(name: "syncs", operations: [FAULTY_SYNC], width: 1, code: EIO)
    for first in 1...trial.syncs {
      let cut = Cut(sync: 1 + first % 4, seed: seed << 32 | UInt64(first))
      _ = try await trial.persist(fault, first: first, then: cut)
    }
  }

  @Test func `calls that fall short or are interrupted are made again`() async throws {
    faulty_calls_fall_short(true)
    defer { faulty_calls_fall_short(false) }
    let trial = try await PowerTrial(Workload(seed: 4, length: 18))
    #expect(try await trial.survive([]).flaws == [])
  }
}

extension PowerTrial {
  /// Runs the workload to its end, trying again what fails. Gives how many operations failed, and
  /// how many steps for it.
  ///
  /// - Parameter cut: when power ends, counted from the first failure, whether anyone heard of it
  ///   or not.
  func persist(
    _ fault: FaultTests.Fault, first: Int, then cut: Cut? = nil
  ) async throws -> (hits: Int, failures: Int) {
    let folder = try TemporaryFolder()
    let place = Place(folder: folder.path, disk: try FaultyDisk())
    let context = "\(fault.testDescription), from operation \(first) on"
    place.disk.fail(fault.operations, first: first, count: fault.width, code: fault.code)
    if let cut { place.disk.losePower(at: first + cut.sync, seed: cut.seed) }
    var life: Life?
    var done = 0
    var failures = 0
    // Power may end in what follows the last commit, of which its writer hears nothing.
    while done < workload.steps.count || place.disk.isOff {
      do {
        if place.disk.isOff {
          await life?.close()
          life = nil
          try await place.disk.reboot()
        }
        if life == nil {
          life = try await Life(at: place)
          done = try await standing(of: #require(life), done, in: folder, context)
          continue
        }
        try await PowerTrial.take(workload.steps[done], &life, at: place)
        done += 1
      } catch {
        failures += 1
        try #require(failures < 4, "\(context): \(error)")
        if place.disk.isOff { continue }
        FaultTests.check(error, of: fault, context)
        place.disk.heal()
        guard let life else {
          await place.disk.closed()
          continue
        }
        done = try await standing(of: life, done, in: folder, context)
      }
    }
    let hits = place.disk.failureCount
    place.disk.heal()
    let store = try #require(life).store
    #expect(try await store.flaws() == [], "\(context)")
    let end = try await Standing(of: store, in: folder)
    #expect(end == standings.last, "\(context): \(end.difference(from: standings[done]))")
    await life?.close()
    await place.disk.closed()
    return (hits, failures)
  }

  /// How many steps are done, by what the store says: as many as before, or one more.
  private func standing(
    of life: Life, _ before: Int, in folder: TemporaryFolder, _ context: String
  ) async throws -> Int {
    let found = try await Standing(of: life.store, in: folder)
    let possible = before...min(before + 1, workload.steps.count)
    let index = possible.first { standings[$0].picture == found.picture }
    return try #require(index, "\(context): step \(before) is neither done nor not")
  }
}

extension FaultTests {
  /// An error names its place and what to do.
  static func check(_ error: any Error, of fault: Fault, _ context: String) {
    switch error {
    case let error as StoreError:
      #expect(error.isPassing, "\(context): \(error)")
      #expect(!error.hint.isEmpty && !error.operation.isEmpty, "\(context): \(error)")
      let systemWords = String(cString: strerror(fault.code))
      #expect(error.kind == .full || error.message.contains(systemWords), "\(context): \(error)")
      if fault.operations == [FAULTY_WRITE] {
        let isFull = [ENOSPC, EDQUOT].contains(fault.code)
        #expect((error.kind == .full) == isFull, "\(context): \(error)")
      }
    case let error as SinkError:
      #expect(!error.hint.isEmpty && !error.subject.isEmpty, "\(context): \(error)")
    default:
      Issue.record("\(context): \(error)")
    }
  }
}
