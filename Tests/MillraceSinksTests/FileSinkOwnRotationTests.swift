import Foundation
import MillraceCore
import MillraceRuntime
import Testing

@testable import MillraceSinks

/// Rotation by size and time, what is kept, modes, and the signal to open files again.
@Suite(.timeLimit(.minutes(10)))
struct FileSinkOwnRotationTests {
  let folder: TemporaryFolder
  let ledger = LedgerDouble()
  let clock: SetClock

  init() throws {
    folder = try TemporaryFolder()
    clock = try SetClock("2026-03-04T08:15:30Z")
  }

  private func openSink(
    _ template: String = "out.ndjson", operations: FileOperations = .system,
    _ change: (inout FileSink.Options) -> Void
  ) async throws -> FileSink {
    let sink = try fileSink(in: folder, template, operations: operations) {
      $0.clock = clock
      // Tests say when: on a busy machine it would be in the middle of one.
      $0.upkeepInterval = nil
      change(&$0)
    }
    try await sink.open(ledger: ledger)
    return sink
  }

  /// Delivers, with a commit at the time of the clock.
  private func deliver(_ batch: EventBatch, to sink: FileSink) async throws {
    let receipt = try await sink.deliver(batch)
    // What is finished in one second is finished one after the other.
    let moment = clock.now() + .milliseconds(ledger.cursor)
    try ledger.commit(receipt, cursor: ledger.cursor + 1, at: moment)
    await sink.committed(receipt)
  }

  // MARK: By size

  @Test func `a file is full before it grows beyond its size`() async throws {
    let sink = try await openSink { $0.rotation = FileRotation(bytesMax: 8) }
    for line in ["1", "2", "three", "4", "fifth event is long", "6"] {
      try await deliver(batch(line), to: sink)
    }
    #expect(
      try folder.allTexts() == [
        "out.20260304T081530Z.ndjson": "1\n2\n", "out.20260304T081530Z-2.ndjson": "three\n4\n",
        "out.20260304T081530Z-3.ndjson": "fifth event is long\n", "out.ndjson": "6\n",
      ])
    #expect(ledger.entries.map(\.path) == [folder.path + "/out.ndjson"])
    #expect(await sink.problems.isEmpty)
    await sink.close()
  }

  @Test func `a name that somebody has is left to them`() async throws {
    try folder.write("not ours", to: "out.20260304T081530Z.ndjson")
    let sink = try await openSink { $0.rotation = FileRotation(bytesMax: 2) }
    for line in ["1", "2"] { try await deliver(batch(line), to: sink) }
    #expect(
      try folder.allTexts() == [
        "out.20260304T081530Z.ndjson": "not ours", "out.20260304T081530Z-2.ndjson": "1\n",
        "out.ndjson": "2\n",
      ])
    await sink.close()
  }

  @Test func `a file that cannot be renamed is written on to`() async throws {
    var operations = FileOperations.system
    let refusals = ConditionLock(0)
    operations.rename = { (_, _) throws(SystemFailure) in
      refusals.withLock { $0 += 1 }
      throw SystemFailure(code: EACCES)
    }
    let sink = try await openSink(operations: operations) {
      $0.rotation = FileRotation(bytesMax: 2)
    }
    for line in ["1", "2", "3"] { try await deliver(batch(line), to: sink) }
    #expect(try folder.allTexts() == ["out.ndjson": "1\n2\n3\n"])
    #expect(refusals.withLock { $0 } == 2)
    await sink.close()
  }

  // MARK: By time

  @Test func `a file holds what was written between two full hours`() async throws {
    let sink = try await openSink { $0.rotation = FileRotation(every: .seconds(3600)) }
    try await deliver(batch("1"), to: sink)
    try clock.set("2026-03-04T08:59:59Z")
    try await deliver(batch("2"), to: sink)
    try clock.set("2026-03-04T09:00:00Z")
    try await deliver(batch("3"), to: sink)
    #expect(
      try folder.allTexts() == [
        "out.20260304T090000Z.ndjson": "1\n2\n", "out.ndjson": "3\n",
      ])
    await sink.close()
  }

  @Test func `a file whose time is over goes though nothing comes`() async throws {
    let sink = try await openSink { $0.rotation = FileRotation(every: .seconds(3600)) }
    try await deliver(batch("1"), to: sink)
    await sink.keepUp()
    #expect(try folder.allTexts() == ["out.ndjson": "1\n"])
    try clock.set("2026-03-04T09:00:01Z")
    await sink.keepUp()
    await sink.keepUp()
    #expect(try folder.allTexts() == ["out.20260304T090001Z.ndjson": "1\n"])
    try await deliver(batch("2"), to: sink)
    #expect(
      try folder.allTexts() == ["out.20260304T090001Z.ndjson": "1\n", "out.ndjson": "2\n"])
    #expect(ledger.entries.map(\.path) == [folder.path + "/out.ndjson"])
    await sink.close()
  }

  @Test func `what waits for its commit is not rotated meanwhile`() async throws {
    let sink = try await openSink { $0.rotation = FileRotation(every: .seconds(3600)) }
    try await deliver(batch("1"), to: sink)
    let receipt = try await sink.deliver(batch("2"))
    try clock.set("2026-03-04T09:00:01Z")
    await sink.keepUp()
    #expect(try folder.allTexts() == ["out.ndjson": "1\n2\n"])
    try ledger.commit(receipt, cursor: 2)
    await sink.committed(receipt)
    await sink.keepUp()
    #expect(try folder.allTexts() == ["out.20260304T090001Z.ndjson": "1\n2\n"])
    await sink.close()
  }

  // MARK: What is kept

  private func fill(_ sink: FileSink, days: ClosedRange<Int>) async throws {
    for day in days {
      try clock.set("2026-03-0\(day)T12:00:00Z")
      try await deliver(batch("day \(day)"), to: sink)
    }
  }

  private func openKeeping(_ retention: FileRetention) async throws -> FileSink {
    try await openSink {
      $0.rotation = FileRotation(every: .seconds(86_400))
      $0.retention = retention
    }
  }

  @Test(arguments: [
    (FileRetention(filesMax: 2), ["0305", "0306"]),
    (FileRetention(bytesMax: 14), ["0305", "0306"]),
    (FileRetention(ageMax: .seconds(86_400 * 3)), ["0304", "0305", "0306"]),
    (FileRetention(ageMax: .seconds(86_400 * 3), filesMax: 1), ["0306"]),
    (FileRetention(ageMax: .seconds(86_400 * 100)), ["0302", "0303", "0304", "0305", "0306"]),
  ])
  func `the oldest files go first, and the one written to stays`(
    retention: FileRetention, left: [String]
  ) async throws {
    let others = ["out.20200101T000000Z.ndjson", "out.ndjson.1", "zebra"]
    for name in others { try folder.write("not ours", to: name) }
    let sink = try await openKeeping(retention)
    try await fill(sink, days: 1...6)
    try clock.set("2026-03-06T18:00:00Z")
    await sink.keepUp()
    let kept = left.map { "out.2026\($0)T120000Z.ndjson" } + ["out.ndjson"] + others
    #expect(Set(try folder.allTexts().keys) == Set(kept))
    #expect(ledger.finished.count == left.count)
    await sink.close()
  }

  @Test func `a file that others changed, replaced or moved is not removed`() async throws {
    let sink = try await openKeeping(FileRetention(filesMax: 1))
    try await fill(sink, days: 1...5)
    try folder.append("changed", to: "out.20260302T120000Z.ndjson")
    try folder.remove("out.20260303T120000Z.ndjson")
    try folder.write("replaced", to: "out.20260303T120000Z.ndjson")
    try folder.rename("out.20260304T120000Z.ndjson", to: "archived")
    await sink.keepUp()
    #expect(
      Set(try folder.allTexts().keys) == [
        "out.20260302T120000Z.ndjson", "out.20260303T120000Z.ndjson", "archived",
        "out.20260305T120000Z.ndjson", "out.ndjson",
      ])
    #expect(ledger.finished.count == 1, "what is not ours any more is forgotten")
    await sink.close()
  }

  @Test func `a finished file that is written to again is not removed`() async throws {
    let sink = try await openSink("{date}.ndjson") {
      $0.retention = FileRetention(ageMax: .seconds(60))
      $0.idleDeliveriesMax = 1
    }
    func event(_ day: Int) -> EventBatch {
      batch([TestEvent(line: "of day \(day)", time: "2026-03-0\(day)T08:00:00Z")])
    }
    for day in [1, 2, 2, 2] { try await deliver(event(day), to: sink) }
    #expect(ledger.finished.map(\.file.path) == [folder.path + "/2026-03-01.ndjson"])
    try await deliver(event(1), to: sink)
    #expect(ledger.finished.isEmpty)
    try clock.set("2026-03-05T00:00:00Z")
    await sink.keepUp()
    #expect(
      try folder.allTexts() == [
        "2026-03-01.ndjson": "of day 1\nof day 1\n",
        "2026-03-02.ndjson": "of day 2\nof day 2\nof day 2\n",
      ])
    await sink.close()
  }

  @Test func `files of days past are finished by the clock, where deliveries are few`()
    async throws
  {
    // Each delivery is a run of its own.
    for day in 1...4 {
      try clock.set("2026-03-0\(day)T08:00:00Z")
      let sink = try await openSink("{date}.ndjson") {
        $0.retention = FileRetention(filesMax: 1)
      }
      let event = TestEvent(line: "of day \(day)", time: "2026-03-0\(day)T08:00:00Z")
      try await deliver(batch([event]), to: sink)
      let path = folder.path + "/2026-03-0\(day).ndjson"
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: Double(clock.now().milliseconds) / 1000)],
        ofItemAtPath: path)
      await sink.keepUp()
      await sink.close()
    }
    #expect(
      Set(try folder.allTexts().keys)
        == ["2026-03-02", "2026-03-03", "2026-03-04"].reduce(
          into: Set<String>(), { $0.insert($1 + ".ndjson") }))
    #expect(ledger.finished.map(\.file.path) == [folder.path + "/2026-03-02.ndjson"])
  }

  @Test func `a sink that is never idle keeps no more than a few files too many`() async throws {
    let sink = try await openSink {
      $0.rotation = FileRotation(bytesMax: 2)
      $0.retention = FileRetention(filesMax: 1)
    }
    for number in 0..<40 {
      try await deliver(batch("\(number % 10)"), to: sink)
      #expect(try folder.allTexts().count <= Limits.filesFinishedUnseen + 2)
    }
    await sink.close()
    #expect(try folder.allTexts().count == 2, "the one that is kept, and the one written to")
  }

  @Test func `a removal that fails is made up for`() async throws {
    let isFailing = ConditionLock(true)
    var operations = FileOperations.system
    operations.remove = { (path) throws(SystemFailure) in
      if isFailing.withLock({ $0 }) { throw SystemFailure(code: EACCES) }
      try FileOperations.system.remove(path)
    }
    let sink = try await openSink(operations: operations) {
      $0.rotation = FileRotation(bytesMax: 2)
      $0.retention = FileRetention(filesMax: 1)
    }
    for line in ["1", "2", "3"] { try await deliver(batch(line), to: sink) }
    await sink.keepUp()
    #expect(try folder.allTexts().count == 3)
    isFailing.withLock { $0 = false }
    await sink.keepUp()
    #expect(
      try folder.allTexts() == ["out.20260304T081530Z-2.ndjson": "2\n", "out.ndjson": "3\n"])
    await sink.close()
  }

  @Test func `a file rotated just before a crash is known and removed later`() async throws {
    let retention = FileRetention(filesMax: 1)
    var sink = try await openSink {
      $0.rotation = FileRotation(bytesMax: 2)
      $0.retention = retention
    }
    try await deliver(batch("1"), to: sink)
    // Rotated, and never committed.
    _ = try await sink.deliver(batch("2"))
    await sink.close()
    sink = try await openSink {
      $0.rotation = FileRotation(bytesMax: 2)
      $0.retention = retention
    }
    try await deliver(batch("2"), to: sink)
    #expect(ledger.finished.map(\.file.length) == [2])
    try await deliver(batch("3"), to: sink)
    await sink.keepUp()
    #expect(
      try folder.allTexts() == ["out.20260304T081530Z-2.ndjson": "2\n", "out.ndjson": "3\n"])
    await sink.close()
  }

  // MARK: Modes

  @Test func `files and folders get exactly the modes they are to have`() async throws {
    let sink = try await openSink("a/b/out.ndjson") {
      ($0.fileMode, $0.isFileModeExact) = (0o666, true)
      ($0.folderMode, $0.isFolderModeExact) = (0o777, true)
    }
    try await deliver(batch("1"), to: sink)
    func mode(_ name: String) throws -> Int {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)
      return try #require(attributes[.posixPermissions] as? Int)
    }
    #expect(try mode("a/b/out.ndjson") == 0o666)
    #expect(try mode("a/b") == 0o777 && mode("a") == 0o777)
    await sink.close()
  }

  // MARK: The signal

  @Test(arguments: [true, false])
  func `a renamed file is let go of when the signal comes, not with the next event`(
    isRemoved: Bool
  ) async throws {
    let disk = FragileDisk()
    let sink = try await openSink(operations: disk.operations()) { _ in }
    try await deliver(batch("1"), to: sink)
    if isRemoved {
      try folder.remove("out.ndjson")
    } else {
      try folder.rename("out.ndjson", to: "out.ndjson.1")
    }
    #expect(disk.openCount == 1)
    await sink.reopen()
    #expect(disk.openCount == 0)
    #expect(await sink.problems.map(\.kind) == (isRemoved ? [.deleted] : []))
    try await deliver(batch("2"), to: sink)
    #expect(try folder.text("out.ndjson") == "2\n")
    #expect(ledger.entries.count == 1)
    await sink.close()
  }

  @Test func `the signal waits for the commit of a delivery under way`() async throws {
    let disk = FragileDisk()
    let sink = try await openSink(operations: disk.operations()) { _ in }
    let receipt = try await sink.deliver(batch("1"))
    await sink.reopen()
    #expect(disk.openCount == 1)
    try ledger.commit(receipt, cursor: 1)
    await sink.committed(receipt)
    #expect(disk.openCount == 0)
    try await deliver(batch("2"), to: sink)
    #expect(try folder.text("out.ndjson") == "1\n2\n")
    await sink.close()
  }
}
