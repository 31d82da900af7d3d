import CFaultyFiles
import Foundation
import MillraceCore
import MillraceSinks
import Testing

@testable import MillraceStore

/// How much of a campaign is run: all of it where time does not matter.
enum Tier {
  static let isNightly = ProcessInfo.processInfo.environment["MILLRACE_TIER"] == "nightly"

  /// How files are stored; one way to compress them stands for the other.
  static let compressions: [FileCompression] = [.none, .gzip] + (isNightly ? [.zstd] : [])

  /// The seeds of a campaign's runs.
  static func seeds(quick: Int, nightly: Int) -> ClosedRange<UInt64> {
    1...UInt64(isNightly ? nightly : quick)
  }
}

/// Power ends at the first sync of the store and its file sink, at the second, at the third, until
/// a workload survives whole: each time what was acknowledged is there, nothing is there by half,
/// and the files agree with the cursors.
@Suite(.serialized, .timeLimit(.minutes(240)))
struct PowerTests {
  private static let length = Tier.isNightly ? 40 : 18

  @Test(arguments: Tier.seeds(quick: 2, nightly: 100))
  func `whenever power ends, what was acknowledged is there and nothing is by half`(
    seed: UInt64
  ) async throws {
    let trial = try await PowerTrial(Workload(seed: seed, length: PowerTests.length))
    var sync = 1
    var unheardCount = 0
    while true {
      let cut = Cut(sync: sync, seed: seed << 32 | UInt64(sync))
      let outcome = try await trial.survive([cut])
      #expect(outcome.flaws == [], "seed \(seed), \(cut)")
      unheardCount += outcome.unheardCount
      if outcome.lossCount == 0 { break }
      sync += 1
    }
    print("power: seed \(seed): \(sync - 1) losses, \(unheardCount) in an answer")
    // Which connection closes last, and moves the write-ahead log then, differs from run to run.
    #expect(sync * 10 > trial.syncs * 9, "every sync was cut")
    #expect(unheardCount > 0, "some losses fall between a commit and its answer")
  }

  @Test(arguments: Tier.compressions, Tier.seeds(quick: 1, nightly: 30))
  func `whenever power ends, files that are compressed and rotated can be read, and hold all once`(
    compression: FileCompression, seed: UInt64
  ) async throws {
    let trial = try await PowerTrial(
      Workload(seed: seed + 10, length: PowerTests.length), compression: compression,
      rotatedAt: compression == .none ? 20 : 1)
    let names = trial.fileNames
    #expect(names.contains { $0.contains("Z.ndjson") }, "files are rotated: \(names)")
    var sync = 1
    while true {
      let cut = Cut(sync: sync, seed: seed << 32 | UInt64(sync))
      let outcome = try await trial.survive([cut])
      #expect(outcome.flaws == [], "seed \(seed), \(cut)")
      if outcome.lossCount == 0 { break }
      sync += 1
    }
    #expect(sync * 10 > trial.syncs * 9, "every sync was cut")
  }

  @Test(arguments: Tier.seeds(quick: 1, nightly: 40))
  func `power that ends again while a store recovers takes nothing more`(
    seed: UInt64
  ) async throws {
    let trial = try await PowerTrial(Workload(seed: seed, length: PowerTests.length))
    var generator = SeededGenerator(seed: seed)
    var deepest = 0
    for run in 0..<(Tier.isNightly ? 100 : 20) {
      let cuts = (0..<4).map { index in
        // Early in a life: in the midst of what opening does.
        let most = index == 0 ? trial.syncs : 6
        return Cut(
          sync: Int.random(in: 1...most, using: &generator),
          seed: UInt64.random(in: 0 ... .max, using: &generator))
      }
      let outcome = try await trial.survive(cuts)
      #expect(outcome.flaws == [], "seed \(seed), run \(run): \(cuts)")
      deepest = max(deepest, outcome.lossCount)
    }
    #expect(deepest == 4, "some runs lost power every time")
  }

  /// What a cut left of a rollback journal once kept everyone out of the store for good.
  @Test func `a store whose making was cut short is made again`() async throws {
    var unreadable = 0
    for seed in 1...(Tier.isNightly ? 200 : 10) as ClosedRange<UInt64> {
      var wasCut = true
      var sync = 1
      while wasCut {
        let folder = try TemporaryFolder()
        let disk = try FaultyDisk()
        disk.losePower(at: sync, seed: seed << 32 | UInt64(sync))
        do {
          let store = try Store(folder: folder.path + "/store", files: disk.storeFiles())
          _ = try await store.registerSink("archive", from: .start, at: noon)
          store.close()
        } catch {
          #expect(disk.isOff, "seed \(seed), sync \(sync): \(error)")
        }
        wasCut = disk.isOff
        try await disk.reboot()
        // Whoever only looks cannot clear it away, and says who can.
        do throws(StoreError) {
          try Store(folder: folder.path + "/store", access: .inspect, files: disk.storeFiles())
            .close()
        } catch {
          if error.hint.contains("millrace run") { unreadable += 1 }
        }
        let store = try Store(folder: folder.path + "/store", files: disk.storeFiles())
        #expect(try await store.flaws() == [], "seed \(seed), sync \(sync)")
        store.close()
        await disk.closed()
        sync += 1
      }
    }
    #expect(unreadable > 0, "some cuts leave a rollback journal")
  }

  // MARK: What shows that these tests can fail

  @Test(arguments: [FAULTY_DATABASE, FAULTY_FILES, FAULTY_FOLDERS])
  func `a disk that lies about its syncs is found out`(syncs: faulty_sync) async throws {
    let trial = try await PowerTrial(Workload(seed: 1, length: 24))
    var sync = trial.syncs
    var flaws: [String] = []
    while flaws.isEmpty && sync > 0 {
      let cut = Cut(sync: sync, seed: UInt64(sync))
      flaws = try await trial.survive([cut], spoil: { $0.lie(about: syncs) }).flaws
      sync -= 1
    }
    print("power: a lie was found out at sync \(sync + 1) of \(trial.syncs): \(flaws)")
    #expect(!flaws.isEmpty)
  }
}
