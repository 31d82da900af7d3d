import Foundation
import Glibc
import MillraceSimulator
import TestChildren
import Testing

/// Disks that make trouble under a collector that goes on, and what it says of that.
@Suite(
  .enabled(if: SmallDisk.isPossible, "mounting a small disk takes the superuser"),
  .timeLimit(.minutes(10)))
struct DiskTroubleTests {
  /// Asks the collector until a text stands in its status; how a test waits for what it does.
  private func waitFor(_ text: String, in place: Workplace) async throws {
    var status = ""
    repeat {
      // A test that is out of time must not ask for ever.
      try Task.checkCancellation()
      status = try await place.run("status", "--json").outputText
    } while !status.contains(text)
  }

  /// Waits until the collector has brought everything to its one sink.
  private func waitForDelivery(of events: Int, in place: Workplace) async throws {
    try await waitFor("\"delivered_events\":\(events)", in: place)
  }

  @Test func `collecting pauses while the disk of the store is full, and resumes by itself`()
    async throws
  {
    let place = try Workplace(events: 3000, eventsPerBlob: 10)
    try place.configure(store: "disk/store")
    let disk = try SmallDisk(in: place, "disk", bytes: 3 << 20)
    let collector = try place.start(["run"])
    try #require(await collector.complains("make room on the disk that holds store.path"))
    // It lives, answers, and says what is the matter; between two failures a small write may fit.
    try await waitFor("make room on the disk", in: place)
    try disk.grow(to: 128 << 20)
    try await waitForDelivery(of: 3000, in: place)
    #expect(await collector.complains("recovered"))
    try await waitFor("\"problems\":[]", in: place)
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    try place.expectEveryRecordOnce()
  }

  @Test func `a sink pauses while its disk is full, and resumes by itself`() async throws {
    let place = try Workplace(events: 1000, eventsPerBlob: 20)
    try place.configure(sinks: ["raw: {type: file, path: disk/raw.ndjson, format: raw}"])
    let disk = try SmallDisk(in: place, "disk", bytes: 128 << 10)
    let collector = try place.start(["run"])
    try #require(await collector.complains("free space on this file system"))
    try disk.grow(to: 64 << 20)
    try await waitForDelivery(of: 1000, in: place)
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    try place.expectEveryRecordOnce(in: "disk/raw.ndjson")
  }

  @Test func `a file that is deleted while it is written to is told, with how to have it again`()
    async throws
  {
    let place = try Workplace(events: 1000, eventsPerBlob: 5)
    try place.configure(sinks: ["raw: {type: file, path: disk/raw.ndjson, format: raw}"])
    let disk = try SmallDisk(in: place, "disk", bytes: 640 << 10)
    // A fifth fits, so that something stands in the file whatever the size of a write.
    place.simulator.show(share: 0.2)
    let first = try await place.run("run", "--once")
    #expect(first.exitCode == 0, "\(first.complaintText)")
    place.simulator.show(share: 1)
    let collector = try place.start(["run", "--once", "--patience", "10m"])
    try #require(await collector.complains("free space on this file system"))
    // Kept open: what is still written to it until its end is seen counts as lost with it.
    let deleted = try FileHandle(forReadingFrom: URL(filePath: place.path("disk/raw.ndjson")))
    // What a person in a hurry does about a full disk.
    unlink(place.path("disk/raw.ndjson"))
    #expect(await collector.complains("a file was deleted while it was written to"))
    try disk.grow(to: 64 << 20)
    let result = await collector.end()
    #expect(result.exitCode == 0)
    #expect(result.complaintText.contains("millrace replay"), "\(result.complaintText)")
    #expect(result.complaintText.contains("path=disk/raw.ndjson"))
    let before = String(decoding: try deleted.readToEnd() ?? Data(), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    let after = try place.lines(of: "disk/raw.ndjson")
    #expect(!before.isEmpty && after.count < 1000 && Set(after).count == after.count)
    #expect(Set(before).union(after).count >= 1000)
    // Deleted while nobody writes to it: told at the next start.
    unlink(place.path("disk/raw.ndjson"))
    let next = try await place.run("run", "--once")
    #expect(next.exitCode == 0)
    #expect(next.complaintText.contains("a file was deleted or moved away"))
    #expect(next.complaintText.contains("millrace replay"))
  }
}

/// A disk that turns read-only under a collector.
@Suite(
  .enabled("mounting a disk that can fail takes the superuser, ext4 and loop devices") {
    await BreakableDisk.isPossible()
  }, .timeLimit(.minutes(10)))
struct ReadOnlyDiskTests {
  /// A workplace whose tenant has brought half of its content and will bring the rest.
  private func halfwayPlace() async throws -> Workplace {
    let place = try Workplace(events: 600, eventsPerBlob: 10)
    place.simulator.show(share: 0.5)
    return place
  }

  @Test func `a store whose disk turns read-only says so, and loses nothing`() async throws {
    let place = try await halfwayPlace()
    try place.configure(store: "disk/store")
    let disk = try await BreakableDisk(in: place, "disk", mebibytes: 32)
    #expect(try await place.run("run", "--once").exitCode == 0)
    let collector = try place.start(["run"])
    var status = ""
    repeat {
      // A test that is out of time must not ask for ever.
      try Task.checkCancellation()
      status = try await place.run("status").outputText
    } while !status.hasPrefix("collecting since ")
    try disk.fail()
    // With the next listing, a second later.
    try #require(await collector.complains("Read-only file system"))
    try #require(
      await collector.complains("mount the file system that holds store.path read-write"))
    #expect(try await place.run("status").outputText.contains("Read-only file system"))
    // Only taking the disk away mends it, and the collector stands on it.
    collector.signal(SIGKILL)
    _ = await collector.end()
    let refused = try await place.run("run", "--once")
    #expect(refused.exitCode == 78, "\(refused.complaintText)")
    #expect(refused.complaintText.contains("Read-only file system"), "\(refused.complaintText)")
    try await disk.repair()
    place.simulator.show(share: 1)
    let done = try await place.run("run", "--once")
    #expect(done.exitCode == 0, "\(done.complaintText)")
    try place.expectEveryRecordOnce()
  }

  @Test func `a sink whose disk turns read-only says so, and gets the rest when it is mended`()
    async throws
  {
    let place = try await halfwayPlace()
    try place.configure(sinks: ["raw: {type: file, path: disk/raw.ndjson, format: raw}"])
    let disk = try await BreakableDisk(in: place, "disk", mebibytes: 32)
    #expect(try await place.run("run", "--once").exitCode == 0)
    try disk.fail()
    place.simulator.show(share: 1)
    let owing = try await place.runOwing { $0.contains("sink raw: ") && $0.contains("EROFS") }
    #expect(owing.exitCode == 1)
    let text = owing.complaintText
    #expect(text.contains("sink raw: ") && text.contains("EROFS"), "\(text)")
    #expect(text.contains("mount the file system read-write"), "\(text)")
    try await disk.repair()
    let done = try await place.run("run", "--once")
    #expect(done.exitCode == 0, "\(done.complaintText)")
    try place.expectEveryRecordOnce(in: "disk/raw.ndjson")
  }
}
