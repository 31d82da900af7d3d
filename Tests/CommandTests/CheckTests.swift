import Foundation
import Glibc
import MillraceHTTP
import TestChildren
import Testing

@testable import MillraceReceivers

/// `check --offline`.
struct CheckTests {
  @Test func `a sound configuration is found sound`() async throws {
    let place = try Workplace()
    try place.configure()
    let result = try await place.run("check", "--offline")
    #expect(result.exitCode == 0)
    let lines = result.outputText.split(separator: "\n")
    // How much room the disk has is not this test's affair.
    let sound = lines.dropLast().filter { !$0.contains("disk of") && !$0.hasPrefix(" ") }
    #expect(sound.count >= 4 && sound.allSatisfy { $0.hasPrefix("ok ") }, "\(result.outputText)")
    #expect(lines.last?.hasSuffix("0 failures") == true)
    #expect(!result.outputText.contains("\u{1B}"), "colours are for terminals")
    #expect(!FileManager.default.fileExists(atPath: place.path("store")), "it changes nothing")
  }

  @Test func `a secret that others can read is warned about`() async throws {
    let place = try Workplace()
    try place.configure()
    chmod(place.path("client.secret"), 0o644)
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 0)
    let warning = try #require(findings.at("warning").about("secret").first)
    #expect(warning.message.contains("client.secret"), "\(warning)")
    #expect(warning.message.contains("0644"), "\(warning)")
    #expect(warning.command == "chmod 600 client.secret")
  }

  @Test func `a secret that is missing is a failure`() async throws {
    let place = try Workplace()
    try place.configure()
    unlink(place.path("client.secret"))
    let result = try await place.run("check", "--offline")
    #expect(result.exitCode == 78)
    #expect(
      (result.outputText + result.complaintText).contains("client.secret"), "\(result.outputText)")
  }

  @Test(arguments: [
    ("ca_file: nope.pem", "ca_file"), ("ca_file: millrace.yaml", "ca_file"),
    ("proxy: {url: 'https://127.0.0.1:9', ca_file: nope.pem}", "proxy.ca_file"),
    ("proxy: {url: 'https://127.0.0.1:9', certificate: nope.pem}", "proxy.certificate"),
  ])
  func `a file of the way to the service that cannot be used is a failure, told once`(
    line: String, key: String
  ) async throws {
    let place = try Workplace()
    try place.configure(more: line)
    let problem = line.contains("nope") ? "nope.pem: No such file" : "-----BEGIN"
    for (findings, exitCode) in [try await place.check("--offline"), try await place.check()] {
      #expect(exitCode == 78, "\(findings)")
      let failures = findings.at("failure")
      #expect(failures.map(\.subject) == [key], "\(failures)")
      #expect(failures.first?.message.contains(problem) == true, "\(failures)")
    }
  }

  @Test func `the console's address is free, the running collector's, or someone else's`()
    async throws
  {
    let place = try Workplace()
    // Kept for this test alone, listened at or not.
    let reserved = try ReservedPort(0)
    defer { withExtendedLifetime(reserved) {} }
    let port = reserved.number
    try place.configure(more: "console: {listen: '127.0.0.1:\(port)'}")
    let free = try await place.check("--offline")
    #expect(free.exitCode == 0)
    #expect(free.findings.at("ok").contains { $0.subject == "console" })
    let collector = try place.start(["run"])
    try #require(await collector.complains("subscription started"))
    #expect(try await place.check("--offline").exitCode == 0)
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
    let server = try HTTPServer(listen: .tcp(host: "127.0.0.1", port: port)) { _ in
      ServerResponse(text: "someone else")
    }
    defer { server.stop() }
    let taken = try await place.check("--offline")
    #expect(taken.exitCode == 78)
    let failure = try #require(taken.findings.at("failure").first { $0.subject == "console" })
    #expect(failure.message.contains("127.0.0.1:\(port)") && failure.command.contains(":\(port)"))
  }

  @Test func `a database of places that is not there is warned about`() async throws {
    let place = try Workplace()
    try place.configure(more: "location: {city: none.mmdb}")
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 0)
    let warning = try #require(findings.at("warning").about("location").first)
    #expect(warning.subject == "location.city" && warning.message.contains("none.mmdb"))
  }

  @Test func `a key of pseudonyms that is there is never made anew`() async throws {
    let place = try Workplace()
    let sink = { (keys: String) in
      "raw: {type: file, path: out.ndjson, pseudonymise: {\(keys)}}"
    }
    try place.write("kX3mT0v9sQ2fYp7LrW8eZcB1nH5uJ6aDgE4oVtIwMbo=\n", to: "first.key")
    try place.configure(sinks: [sink("key: file:first.key, reveal_key: file:first.key")])
    let same = try await place.check("--offline").0.at("failure")
    #expect(same.count == 1 && same.allSatisfy { $0.command.isEmpty }, "\(same)")
    try place.configure(sinks: [sink("key: file:first.key, reveal_key: file:second.key")])
    let missing = try await place.check("--offline").0.at("failure")
    #expect(
      missing.map(\.command) == ["(umask 077; openssl rand -base64 32 > second.key)"],
      "\(missing)")
  }

  @Test func `every failure is found in one go`() async throws {
    let place = try Workplace()
    try place.write("a file\n", to: "occupied")
    try place.configure(
      store: "occupied/store", sinks: ["raw: {type: file, path: occupied/raw.ndjson}"])
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 78)
    let failures = findings.at("failure")
    #expect(failures.map(\.subject) == ["store", "sink raw"])
    #expect(failures.allSatisfy { $0.message.contains("occupied") }, "\(failures)")
  }

  @Test func `a folder where a sink's file goes is a failure`() async throws {
    let place = try Workplace()
    try FileManager.default.createDirectory(
      atPath: place.path("taken"), withIntermediateDirectories: false)
    try place.configure(sinks: [
      "raw: {type: file, path: taken}", "null: {type: file, path: /dev/null}",
    ])
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 78)
    let failures = findings.at("failure")
    #expect(failures.map(\.subject) == ["sink raw", "sink null"], "\(failures)")
    #expect(failures.first?.message.hasSuffix("taken is a folder") == true, "\(failures)")
    #expect(failures.last?.message == "/dev/null is no regular file", "\(failures)")
  }

  @Test func `settings of files that do something else than they look like are told`() async throws
  {
    let place = try Workplace()
    try place.configure(sinks: [
      "plain: {type: file, path: out.ndjson, compression: gzip}",
      "named: {type: file, path: 'out/{date}.ndjson.zst'}",
      "kept: {type: file, path: kept.ndjson, keep: {age: 30d}}",
      "right: {type: file, path: right.ndjson.gz, compression: gzip, rotate: {every: 1h}, "
        + "keep: {files: 9}}",
      "out: {type: stdout}",
    ])
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 0)
    let warnings = findings.at("warning").about("sink")
    #expect(warnings.map(\.subject) == ["sink plain", "sink named", "sink kept"], "\(warnings)")
    #expect(warnings.allSatisfy { !$0.fix.isEmpty && !$0.meaning.isEmpty })
    let fine = findings.at("ok").about("sink").map(\.subject)
    #expect(fine == ["plain", "named", "kept", "right", "out"].map { "sink " + $0 }, "\(findings)")
  }

  @Test func `what is wrong in the file is a finding with its place, also in JSON`() async throws {
    let place = try Workplace()
    try place.write("tenants: []\nsinks: {}\nstroe: {}\n", to: "millrace.yaml")
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 78)
    #expect(findings.count >= 2 && findings.allSatisfy { $0.level == "failure" }, "\(findings)")
    #expect(findings.contains { $0.subject.hasPrefix("millrace.yaml:3:1") }, "\(findings)")
  }

  @Test func `a store that is damaged is a failure, and one open to others is told`() async throws {
    let place = try Workplace()
    try place.configure()
    mkdir(place.path("store"), 0o755)
    try place.write(String(repeating: "no database ", count: 1000), to: "store/millrace.db")
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 1)
    #expect(findings.at("failure").map(\.area) == ["store"], "\(findings)")
    let modes = findings.at("warning").about("store")
    #expect(modes.contains { $0.command == "chmod go-rwx store" }, "\(modes)")
  }
}

/// `check` on disks of its own.
@Suite(
  .enabled(if: SmallDisk.isPossible, "mounting a small disk takes the superuser"))
struct CheckDiskTests {
  @Test func `a disk without room is a failure, and one that ends before the store a warning`()
    async throws
  {
    let place = try Workplace()
    try place.configure(store: "disk/store", maxSize: "1GiB")
    let disk = try SmallDisk(in: place, "disk", bytes: 8 << 20)
    let full = try await place.check("--offline")
    #expect(full.exitCode == 1)
    #expect(full.findings.at("failure").map(\.area) == ["disk"], "\(full.findings)")
    try disk.grow(to: 128 << 20)
    let small = try await place.check("--offline")
    #expect(small.exitCode == 0)
    let warning = try #require(small.findings.at("warning").about("disk").first)
    #expect(warning.message.contains("may still grow"), "\(warning)")
  }

  @Test func `a sink on a disk that is read-only is a failure`() async throws {
    let place = try Workplace()
    try place.configure(sinks: ["raw: {type: file, path: disk/raw.ndjson}"])
    let disk = try SmallDisk(in: place, "disk", bytes: 128 << 20)
    try disk.protect()
    let (findings, exitCode) = try await place.check("--offline")
    #expect(exitCode == 78)
    let failure = try #require(findings.at("failure").first)
    #expect(failure.subject == "sink raw" && failure.message.contains("read-only"), "\(failure)")
  }
}
