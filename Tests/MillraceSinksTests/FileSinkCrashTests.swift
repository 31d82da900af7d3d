import Foundation
import MillraceCore
import MillraceSinks
import Testing

/// Every step of a run spoiled once, in every way: in the end each line stands exactly once.
struct FileSinkCrashTests {
  static let template = "{tenant}/{date}.ndjson"

  /// Three batches over four files in two folders, one file foreign, with few descriptors.
  static let events: [[TestEvent]] = [
    [
      TestEvent(line: "first of contoso"),
      TestEvent(line: "first of fabrikam", tenant: "fabrikam"),
      TestEvent(line: "second of contoso"),
    ],
    [
      TestEvent(line: "third of contoso"),
      TestEvent(line: "a late one", time: "2026-03-03T23:59:59Z"),
      TestEvent(line: "second of fabrikam", tenant: "fabrikam"),
    ],
    [TestEvent(line: "to a foreign file", time: "2026-03-05T00:00:00Z")],
  ]

  static let expected = [
    "contoso/2026-03-04.ndjson": "first of contoso\nsecond of contoso\nthird of contoso\n",
    "contoso/2026-03-03.ndjson": "a late one\n",
    "contoso/2026-03-05.ndjson": "foreign\nto a foreign file\n",
    "fabrikam/2026-03-04.ndjson": "first of fabrikam\nsecond of fabrikam\n",
    "bystander.ndjson": "untouched",
  ]

  static func prepare(_ folder: TemporaryFolder) throws {
    try folder.write("untouched", to: "bystander.ndjson")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/contoso", withIntermediateDirectories: false)
    try folder.write("foreign", to: "contoso/2026-03-05.ndjson")
  }

  /// One life of a process: opens, delivers what the cursor says is owed, closes.
  static func live(_ sink: FileSink, _ ledger: LedgerDouble) async throws(SinkError) {
    try await sink.open(ledger: ledger)
    while ledger.cursor < events.count {
      let receipt = try await sink.deliver(batch(events[ledger.cursor]))
      try ledger.pass("before commit")
      try ledger.commit(receipt, cursor: ledger.cursor + 1)
      try ledger.pass("after commit")
      await sink.committed(receipt)
      try ledger.pass("confirmed")
    }
    await sink.close()
  }

  /// Runs lives that die at the given steps, then one that does not; gives the steps they died at.
  static func survive(
    deaths: [Int], _ fault: Trial.Fault, _ loss: FragileDisk.Loss
  ) async throws -> [String] {
    let folder = try TemporaryFolder(inMemory: true)
    try prepare(folder)
    let disk = FragileDisk()
    var ledger = LedgerDouble()
    var crossed: [String] = []
    for step in deaths.map(Optional.some) + [nil] {
      let trial = step.map { Trial(fault, at: $0..<$0 + 1) } ?? Trial()
      ledger = LedgerDouble(copying: ledger, trial: trial)
      let sink = try fileSink(in: folder, template, operations: disk.operations(trial)) {
        $0.openFilesMax = 2
      }
      do {
        try await live(sink, ledger)
      } catch {
        #expect(trial.isDead, "only the injected crash ends a life: \(error)")
      }
      crossed += trial.spoiled
      guard trial.isDead else { continue }
      try disk.losePower(loss)
      for entry in ledger.entries {
        let facts = try FileOperations.system.look(entry.path)
        #expect(facts.size >= entry.length, "what the ledger counts is durable")
      }
    }
    #expect(
      try folder.allTexts() == expected, "\(fault) \(loss) at steps \(deaths): \(crossed)")
    #expect(ledger.cursor == events.count)
    return crossed
  }

  @Test(arguments: [Trial.Fault.crashBefore, .crashAfter], FragileDisk.Loss.allCases)
  func `a crash at any step neither loses nor doubles a line`(
    fault: Trial.Fault, loss: FragileDisk.Loss
  ) async throws {
    var crossed: Set<String> = []
    var step = 1
    while true {
      let names = try await FileSinkCrashTests.survive(deaths: [step], fault, loss)
      if names.isEmpty { break }
      crossed.formUnion(names)
      step += 1
    }
    #expect(step > 50)
    #expect(
      crossed.isSuperset(of: [
        "create", "make folder", "synchronize", "enter", "write", "synchronize data",
        "before commit", "commit", "after commit", "confirmed",
      ]))
  }

  @Test(arguments: [Trial.Fault.crashBefore, .crashAfter])
  func `a crash while recovering from a crash is survived as well`(
    fault: Trial.Fault
  ) async throws {
    var cuts = 0
    for first in stride(from: 20, through: 95, by: 5) {
      var second = 1
      while second < 12 {
        let names = try await FileSinkCrashTests.survive(deaths: [first, second], fault, .short)
        if names.last == "cut" { cuts += 1 }
        second += 1
      }
    }
    #expect(cuts > 0, "some lives died while cutting off a tail")
  }

  @Test func `foreign bytes are durable before the ledger counts them`() async throws {
    var step = 1
    var crossed: [String] = []
    while crossed.last != "write" {
      let folder = try TemporaryFolder(inMemory: true)
      try folder.write("foreign\n", to: "out.ndjson")
      let disk = FragileDisk()
      disk.makeVolatile(folder.path + "/out.ndjson")
      let trial = Trial(.crashBefore, at: step..<step + 1)
      let ledger = LedgerDouble(trial: trial)
      let sink = try fileSink(in: folder, "out.ndjson", operations: disk.operations(trial))
      await #expect(throws: SinkError.self) {
        try await FileSinkCrashTests.live(sink, ledger)
      }
      try disk.losePower(.short)
      for entry in ledger.entries {
        #expect(try FileOperations.system.look(entry.path).size >= entry.length)
      }
      crossed += trial.spoiled
      step += 1
    }
    #expect(crossed.contains("enter"))
  }

  @Test(arguments: [
    (Trial.Fault.failBefore, 1, ENOSPC), (.failBefore, 2, EIO), (.failBefore, 7, ENOSPC),
    (.failAfter, 1, ENOSPC), (.failAfter, 3, EIO), (.short, 1, EIO), (.short, 200, EIO),
  ])
  func `failing calls cost a delay and nothing else`(
    fault: Trial.Fault, width: Int, code: Int32
  ) async throws {
    var step = 1
    while true {
      let folder = try TemporaryFolder(inMemory: true)
      try FileSinkCrashTests.prepare(folder)
      let trial = Trial(fault, at: step..<step + width, code: code)
      let ledger = LedgerDouble(trial: trial)
      let disk = FragileDisk()
      let operations = disk.operations(trial)
      let sink = try fileSink(in: folder, FileSinkCrashTests.template, operations: operations) {
        $0.openFilesMax = 2
      }
      try await FileSinkCrashTests.persist(sink, ledger, in: folder, attempts: width + 1)
      #expect(
        try folder.allTexts() == FileSinkCrashTests.expected, "step \(step): \(trial.spoiled)")
      #expect(disk.openCount == 0)
      if trial.spoiled.isEmpty { break }
      step += 1
    }
    #expect(step > 50)
  }

  /// Delivers everything with one sink, trying again whatever fails.
  private static func persist(
    _ sink: FileSink, _ ledger: LedgerDouble, in folder: TemporaryFolder, attempts: Int
  ) async throws {
    var left = attempts
    func failed(_ error: SinkError) throws {
      left -= 1
      if left < 0 { throw error }
    }
    while true {
      do throws(SinkError) {
        try await sink.open(ledger: ledger)
        break
      } catch {
        try failed(error)
      }
    }
    while ledger.cursor < events.count {
      do throws(SinkError) {
        let receipt = try await sink.deliver(batch(events[ledger.cursor]))
        try ledger.commit(receipt, cursor: ledger.cursor + 1)
        await sink.committed(receipt)
      } catch {
        try failed(error)
      }
      // Whatever happened: what is committed stands.
      for entry in ledger.entries {
        let attributes = try FileManager.default.attributesOfItem(atPath: entry.path)
        #expect(try #require(attributes[.size] as? Int64) >= entry.length)
      }
    }
    await sink.close()
  }
}
