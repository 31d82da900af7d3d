import Foundation
import Glibc
import TestChildren
import Testing

/// Disks that fill up in the middle of a run.
@Suite(
  .enabled(if: SmallDisk.isPossible, "mounting a small disk takes the superuser"),
  .timeLimit(.minutes(10)))
struct FullDiskTests {
  private func expectHelp(
    _ result: ChildResult, naming subject: String, advice: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let text = result.complaintText
    #expect(result.exitCode == 1, "\(text)", sourceLocation: sourceLocation)
    #expect(text.contains(subject), "\(text)", sourceLocation: sourceLocation)
    let advice = text.split(separator: "\n").filter { $0.contains(advice) }
    // Once when it happens, once in the summing up; another call may fail in other words.
    #expect((1...4).contains(advice.count), "\(text)", sourceLocation: sourceLocation)
    #expect(text.split(separator: "\n").count < 12, "\(text)", sourceLocation: sourceLocation)
  }

  @Test func `a store on a full disk says what to do, and goes on when there is room`() async throws
  {
    let place = try Workplace(events: 2000, eventsPerBlob: 20)
    try place.configure()
    let disk = try SmallDisk(in: place, "store", bytes: 1 << 20)
    let advice = "make room on the disk that holds store.path"
    let full = try await place.runOwing("--log-level", "error") { $0.contains(advice) }
    expectHelp(full, naming: "store", advice: advice)
    try disk.grow(to: 64 << 20)
    let done = try await place.run("run", "--once")
    #expect(done.exitCode == 0, "\(done.complaintText)")
    try place.expectEveryRecordOnce()
  }

  @Test func `a read-only disk under the store is a configuration to mend`() async throws {
    let place = try Workplace()
    try place.configure(store: "disk/store")
    let disk = try SmallDisk(in: place, "disk", bytes: 1 << 20)
    try disk.protect()
    let refused = try await place.run("run", "--once")
    #expect(refused.exitCode == 78)
    #expect(refused.complaintText.contains("disk/store: Read-only file system"))
    #expect(refused.complaintText.contains("store.path"))
    let check = try await place.run("check", "--offline")
    #expect(check.exitCode == 78)
    #expect(check.outputText.contains("failure  store: "), "\(check.outputText)")
  }

  @Test func `a sink on a full disk says what to do, and gets the rest when there is room`()
    async throws
  {
    let place = try Workplace(events: 1000, eventsPerBlob: 20)
    try place.configure(sinks: ["raw: {type: file, path: disk/raw.ndjson, format: raw}"])
    let disk = try SmallDisk(in: place, "disk", bytes: 128 << 10)
    let advice = "free space on this file system"
    let full = try await place.runOwing("--log-level", "error") { $0.contains(advice) }
    expectHelp(full, naming: "sink raw", advice: advice)
    try disk.grow(to: 64 << 20)
    let done = try await place.run("run", "--once")
    #expect(done.exitCode == 0, "\(done.complaintText)")
    try place.expectEveryRecordOnce(in: "disk/raw.ndjson")
  }
}
