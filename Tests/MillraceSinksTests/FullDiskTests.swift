import Foundation
import MillraceCore
import MillraceSinks
import TestChildren
import Testing

@Suite(.enabled(if: SmallDisk.isPossible, "mounting a small disk takes the superuser"))
struct FullDiskTests {
  @Test func `a full disk delays events and neither loses nor doubles them`() async throws {
    let folder = try TemporaryFolder()
    let disk = try SmallDisk(at: folder.path, bytes: 128 << 10, keeping: folder)
    defer { withExtendedLifetime(disk) {} }
    try folder.write(String(repeating: "x", count: 96 << 10), to: "ballast")
    let sink = try fileSink(in: folder, "{tenant}.ndjson")
    let ledger = LedgerDouble()
    try await sink.open(ledger: ledger)
    func events(_ number: Int) -> EventBatch {
      let padding = String(repeating: "p", count: 3000)
      return batch(
        ["contoso", "fabrikam"].map { TestEvent(line: "\(number) \(padding)", tenant: $0) })
    }
    var number = 1
    var failures = 0
    while number <= 10 {
      do {
        try await deliver(events(number), to: sink, ledger)
        number += 1
      } catch {
        #expect(error.kind == .noSpace)
        #expect(error.code == "ENOSPC")
        #expect(error.isRetryable)
        // Nothing of the batch stays behind to fill the disk further.
        for entry in ledger.entries {
          let attributes = try FileManager.default.attributesOfItem(atPath: entry.path)
          #expect(attributes[.size] as? Int64 == entry.length)
        }
        failures += 1
        if failures == 2 { try folder.remove("ballast") }
        try #require(failures <= 2)
      }
    }
    #expect(failures == 2)
    for (name, text) in try folder.allTexts() {
      let numbers = text.split(separator: "\n").map { $0.prefix { $0 != " " } }
      #expect(numbers == (1...10).map { "\($0)"[...] }, "\(name)")
    }
    await sink.close()
  }
}
