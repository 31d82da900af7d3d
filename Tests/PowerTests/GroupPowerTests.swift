import MillraceCore
import MillraceRuntime
import Testing

@testable import MillraceStore

/// Several writers at once, whose commits share their syncs: nobody is told of a commit that power
/// then takes away.
@Suite(.serialized, .timeLimit(.minutes(240)))
struct GroupPowerTests {
  /// Which blobs were acknowledged as fetched.
  private typealias Acknowledged = ConditionLock<Set<Int>>

  private static let numbers = 1...(Tier.isNightly ? 48 : 24)

  private static func bytes(_ number: Int) -> [UInt8] {
    Workload.bytes(number % 5 * 7000, number: number, part: 0)
  }

  /// Each of four writers lists and fetches every fourth blob, and ends with the power.
  private func work(_ store: Store, _ acknowledged: Acknowledged) async throws {
    let feed = try Workload.feed(0)
    await withTaskGroup { group in
      for writer in 0..<4 {
        group.addTask { @concurrent in
          do throws(StoreError) {
            for number in GroupPowerTests.numbers where number % 4 == writer {
              let blob = Workload.blob(number, of: feed)
              _ = try await store.recordListing(of: feed, blobs: [blob], at: noon)
              let owed = try await store.owedContent(
                of: feed.tenant, types: [feed.contentType], now: noon, limit: 100, excluding: [])
              guard let content = owed.first(where: { $0.blob == blob }) else { return }
              let body = Workload.body(number % 5 * 7000, number: number, part: 0)
              let sequence = try await store.commitFetched(content, parts: [body], at: noon)
              if sequence != nil { acknowledged.withLock { _ = $0.insert(number) } }
            }
          } catch {
            return
          }
        }
      }
    }
  }

  /// One life until power ends at a sync; false when it did not.
  private func survives(_ cut: Cut) async throws -> Bool {
    let folder = try TemporaryFolder()
    let disk = try FaultyDisk()
    let acknowledged = Acknowledged([])
    let path = folder.path + "/store"
    disk.losePower(at: cut.sync, seed: cut.seed)
    do {
      let store = try Store(folder: path, files: disk.storeFiles(checkpointPages: 20))
      try await work(store, acknowledged)
      store.close()
    } catch {
      #expect(disk.isOff, "\(cut): \(error)")
    }
    let wasCut = disk.isOff
    #expect(wasCut || acknowledged.withLock { $0 } == Set(GroupPowerTests.numbers), "\(cut)")
    try await disk.reboot()
    let store = try Store(folder: path, files: disk.storeFiles())
    #expect(try await store.flaws() == [], "\(cut)")
    var found: Set<Int> = []
    for sequence in stride(from: 1, through: try await store.logExtent().last, by: 1) {
      let entry = try #require(try await store.logEntry(sequence))
      let number = try #require(Int(entry.blob.id.description.dropFirst(5)))
      #expect(entry.body.bytes == GroupPowerTests.bytes(number), "\(cut)")
      #expect(found.insert(number).inserted, "\(cut)")
    }
    #expect(acknowledged.withLock { $0 }.isSubset(of: found), "\(cut)")
    store.close()
    await disk.closed()
    return wasCut
  }

  @Test(arguments: Tier.seeds(quick: 1, nightly: 60))
  func `no writer of a group is told of what power then takes away`(seed: UInt64) async throws {
    var sync = 1
    while try await survives(Cut(sync: sync, seed: seed << 32 | UInt64(sync))) { sync += 1 }
    #expect(sync > 10)
  }
}
