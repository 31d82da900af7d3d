import Foundation
import MillraceCore
import MillraceRuntime
import TestChildren
import Testing

@testable import MillraceSinks

private enum Logrotate {
  /// What its program and its libraries stand below; nil when there is none to test with.
  static let root = ["", unpackedReceiver("logrotate")].first {
    FileManager.default.isExecutableFile(atPath: $0 + "/usr/sbin/logrotate")
  }
}

/// What the real logrotate does to the files, while events are delivered.
@Suite(
  .enabled(
    if: Logrotate.root != nil,
    "logrotate is neither installed nor unpacked: run packaging/install-test-receivers"),
  .timeLimit(.minutes(10)))
struct LogrotateTests {
  let folder: TemporaryFolder
  let ledger = LedgerDouble()

  init() throws {
    folder = try TemporaryFolder()
    // logrotate refuses folders that others may write to.
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: folder.path)
  }

  /// Rotates once, as its timer does.
  private func rotate(_ directives: [String]) async throws {
    let text =
      "\(folder.path)/out.ndjson {\n  rotate 9\n"
      + directives.map { "  \($0)\n" }.joined() + "}\n"
    let configuration = folder.path + "/logrotate.conf"
    try text.write(toFile: configuration, atomically: true, encoding: .utf8)
    let root = try #require(Logrotate.root)
    let libraries = ["x86_64", "aarch64"].map { "\(root)/usr/lib/\($0)-linux-gnu" }
    let result = try await ChildProcess(
      root + "/usr/sbin/logrotate",
      ["--force", "--state", folder.path + "/state", configuration],
      environment: [
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LD_LIBRARY_PATH": libraries.joined(separator: ":"),
      ], folder: folder.path, killedAfter: .seconds(120)
    ).end()
    #expect(result.exitCode == 0, "\(result.complaintText)")
  }

  /// What all files hold, oldest first.
  private func all() async throws -> String {
    var text = ""
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix("out.ndjson") }
    // A file without a number is the newest.
    let ordered = names.sorted { number($0) > number($1) }
    for name in ordered {
      text += try await CompressedFiles.text(
        of: folder.path + "/" + name, name.hasSuffix(".gz") ? .gzip : .none)
    }
    return text
  }

  private func number(_ name: String) -> Int {
    name.split(separator: ".").compactMap { Int($0) }.first ?? 0
  }

  @Test(arguments: [["create 0640"], ["nocreate"], ["create 0640", "compress", "delaycompress"]])
  func `renaming loses and doubles nothing, wherever a delivery stands`(
    directives: [String]
  ) async throws {
    var sink = try fileSink(in: folder, "out.ndjson")
    try await sink.open(ledger: ledger)
    var expected = ""
    for round in 0..<4 {
      for line in 0..<3 {
        try await deliver(batch("\(round) \(line)"), to: sink, ledger)
        expected += "\(round) \(line)\n"
      }
      // Written, and not committed when the file is renamed.
      _ = try await sink.deliver(batch("\(round) waits"))
      try await rotate(directives)
      if round % 2 == 0 {
        await sink.reopen()
      } else {
        // As if the program was killed just then.
        sink = try fileSink(in: folder, "out.ndjson")
        try await sink.open(ledger: ledger)
      }
      try await deliver(batch("\(round) waits"), to: sink, ledger)
      expected += "\(round) waits\n"
    }
    #expect(try await all() == expected)
    #expect(await sink.problems.isEmpty)
    await sink.close()
  }

  @Test func `compressing at once doubles what waited for its commit, and loses nothing`()
    async throws
  {
    let sink = try fileSink(in: folder, "out.ndjson")
    try await sink.open(ledger: ledger)
    try await deliver(batch("1"), to: sink, ledger)
    try await rotate(["create 0640", "compress"])
    try await deliver(batch("2"), to: sink, ledger)
    #expect(try await all() == "1\n2\n", "nothing waited")
    _ = try await sink.deliver(batch("3"))
    try await rotate(["create 0640", "compress"])
    try await deliver(batch("3"), to: sink, ledger)
    #expect(try await all() == "1\n2\n3\n3\n")
    await sink.close()
  }

  @Test(arguments: FileCompression.allCases)
  func `copytruncate is survived and said`(kind: FileCompression) async throws {
    let sink = try fileSink(in: folder, "out.ndjson") { $0.compression = kind }
    try await sink.open(ledger: ledger)
    for round in 0..<3 {
      try await deliver(batch("\(round) a"), to: sink, ledger)
      try await deliver(batch("\(round) b"), to: sink, ledger)
      try await rotate(["copytruncate"])
    }
    try await deliver(batch("end"), to: sink, ledger)
    var texts: [String] = []
    for name in ["out.ndjson.3", "out.ndjson.2", "out.ndjson.1", "out.ndjson"] {
      texts.append(try await CompressedFiles.text(of: folder.path + "/" + name, kind))
    }
    #expect(texts == ["0 a\n0 b\n", "1 a\n1 b\n", "2 a\n2 b\n", "end\n"])
    #expect(await sink.problems.map(\.kind) == [.emptied, .emptied, .emptied])
    await sink.close()
  }
}
