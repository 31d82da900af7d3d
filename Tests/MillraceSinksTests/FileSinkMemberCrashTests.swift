import Foundation
import MillraceCore
import Testing

@testable import MillraceSinks

/// Every step of a run over compressed files that are rotated, spoiled once in every way: in the
/// end each line stands exactly once, and after each start every file is one that others can read.
@Suite(.timeLimit(.minutes(10)))
struct FileSinkMemberCrashTests {
  /// Each second delivery to a file finds it full.
  private static let events: [[TestEvent]] = (0..<4).map { number in
    ["contoso", "fabrikam"].prefix(number == 2 ? 1 : 2).map { tenant in
      TestEvent(line: "\(number) of \(tenant) " + noise(number), tenant: tenant)
    }
  }

  /// What does not compress.
  private static func noise(_ seed: Int) -> String {
    var generator = SeededGenerator(seed: UInt64(seed))
    return (0..<20).map { _ in "\(generator.next())" }.joined()
  }

  private static let stamp = "20260304T081530Z"

  private static func line(_ number: Int, _ tenant: String) -> String {
    "\(number) of \(tenant) \(noise(number))\n"
  }

  private static let expected = [
    "contoso.\(stamp).gz": line(0, "contoso"), "contoso.\(stamp)-2.gz": line(1, "contoso"),
    "contoso.\(stamp)-3.gz": line(2, "contoso"), "contoso.gz": line(3, "contoso"),
    "fabrikam.\(stamp).gz": line(0, "fabrikam"), "fabrikam.\(stamp)-2.gz": line(1, "fabrikam"),
    "fabrikam.gz": line(3, "fabrikam"),
  ]

  /// A campaign over one kind of compression.
  private struct Campaign {
    let kind: FileCompression
    let fault: Trial.Fault
    let loss: FragileDisk.Loss
    /// Whether the commands of gzip and Zstandard read what the libraries read otherwise.
    let usesCommands: Bool
    let clock: SetClock

    func sink(in folder: TemporaryFolder, _ disk: FragileDisk, _ trial: Trial) throws -> FileSink {
      try fileSink(in: folder, "{tenant}.gz", operations: disk.operations(trial)) {
        $0.compression = kind
        $0.rotation = FileRotation(bytesMax: 400)
        $0.openFilesMax = 2
        $0.clock = clock
      }
    }

    /// Opens, delivers what is owed, closes; `whenOpen` looks at the files in between.
    func live(
      _ sink: FileSink, _ ledger: LedgerDouble, whenOpen: () async throws -> Void
    ) async throws {
      do throws(SinkError) { try await sink.open(ledger: ledger) } catch { throw error }
      try await whenOpen()
      while ledger.cursor < events.count {
        let receipt = try await sink.deliver(batch(events[ledger.cursor]))
        try ledger.pass("before commit")
        try ledger.commit(receipt, cursor: ledger.cursor + 1)
        try ledger.pass("after commit")
        await sink.committed(receipt)
      }
      await sink.close()
    }

    /// A life that dies at a step, and one that does not; gives the step's name.
    func survive(death step: Int) async throws -> [String] {
      let folder = try TemporaryFolder(inMemory: true)
      let disk = FragileDisk()
      let trial = Trial(fault, at: step..<step + 1)
      let first = LedgerDouble(trial: trial)
      do {
        try await live(try sink(in: folder, disk, trial), first) {}
      } catch {
        #expect(trial.isDead, "only the injected crash ends a life: \(error)")
      }
      if trial.isDead { try disk.losePower(loss) }
      for entry in first.entries {
        let path = try folder.path(of: entry)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let committed = CompressedFiles.members(Array(bytes.prefix(Int(entry.length))), kind)
        #expect(committed.sound == Int(entry.length), "what counts is whole members")
      }
      let ledger = LedgerDouble(copying: first, trial: Trial())
      try await live(try sink(in: folder, disk, Trial()), ledger) {
        if usesCommands { _ = try await texts(in: folder, ledger) }
      }
      #expect(
        try await texts(in: folder, ledger) == expected,
        "\(kind) \(fault) \(loss) at step \(step): \(trial.spoiled)")
      return trial.spoiled
    }

    private func texts(
      in folder: TemporaryFolder, _ ledger: LedgerDouble
    ) async throws -> [String: String] {
      let entered = ledger.entries.map(\.inode)
      var texts: [String: String] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        let path = folder.path + "/" + name
        // Made a moment before the crash, and not entered: empty until something comes for it.
        let facts = try FileOperations.system.look(path)
        if facts.size == 0 && !entered.contains(facts.inode) { continue }
        texts[name] =
          usesCommands
          ? try await CompressedFiles.text(of: path, kind)
          : String(decoding: try CompressedFiles.unpacked(path, kind), as: UTF8.self)
      }
      return texts
    }
  }

  private func run(_ campaign: Campaign, every stride: Int = 1) async throws {
    var crossed: Set<String> = []
    var step = 1
    while true {
      let names = try await campaign.survive(death: step)
      if names.isEmpty { break }
      crossed.formUnion(names)
      step += stride
    }
    #expect(step > 50)
    if stride == 1 {
      #expect(crossed.isSuperset(of: ["rename", "synchronize", "write", "enter", "commit"]))
    }
  }

  @Test(arguments: [Trial.Fault.crashBefore, .crashAfter], FragileDisk.Loss.allCases)
  func `a crash at any step leaves whole members, each line once`(
    fault: Trial.Fault, loss: FragileDisk.Loss
  ) async throws {
    let clock = try SetClock("2026-03-04T08:15:30Z")
    // Where members end is all that differs: each step of the one, some of the other.
    for (kind, stride) in [(FileCompression.gzip, 1), (.zstd, 5)] {
      try await run(
        Campaign(kind: kind, fault: fault, loss: loss, usesCommands: false, clock: clock),
        every: stride)
    }
  }

  @Test(arguments: [FileCompression.gzip, .zstd])
  func `the commands of others read every file after every start`(
    kind: FileCompression
  ) async throws {
    let clock = try SetClock("2026-03-04T08:15:30Z")
    try await run(
      Campaign(kind: kind, fault: .crashAfter, loss: .short, usesCommands: true, clock: clock),
      every: 5)
  }
}

extension TemporaryFolder {
  /// Where a file of the ledger is now: a rename that was not committed yet left its entry behind.
  fileprivate func path(of entry: SinkFile) throws -> String {
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let found = path + "/" + name
      if try FileOperations.system.look(found).inode == entry.inode { return found }
    }
    return entry.path
  }
}
