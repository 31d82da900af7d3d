import Foundation
import Glibc
import MillraceHTTP
import MillraceSimulator
import TestChildren
import Testing

/// `check` against a simulated tenant in good and in bad shape.
@Suite(.timeLimit(.minutes(10)))
struct CheckServiceTests {
  @Test func `a tenant that is set up is found sound, in every respect`() async throws {
    let place = try Workplace(events: 500)
    try place.configure()
    #expect(try await place.run("subscriptions", "start").exitCode == 0)
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 0)
    #expect(findings.at("failure").isEmpty, "\(findings)")
    for area in [
      "configuration", "secret", "store", "sink", "collector", "dns", "connection", "tls",
      "clock", "token", "subscription", "auditing", "throttling",
    ] {
      #expect(findings.at("ok").contains { $0.area == area }, "\(area)")
    }
    // How much room the disk has is not this test's affair.
    #expect(!findings.about("disk").isEmpty)
    #expect(findings.at("ok").about("subscription").count == 5)
    // The simulated application carries what many guides tell to grant.
    let warnings = findings.at("warning").filter { $0.area != "disk" }
    #expect(warnings.map(\.area) == ["token"], "\(warnings)")
    #expect(warnings.first?.message.contains("ServiceHealth.Read") == true)
    let token = try #require(findings.at("ok").about("token").first)
    for fact in [
      "https://manage.office.com", "41463f53-8812-40f4-890f-865bf6e35190", "ActivityFeed.Read",
      "minutes",
    ] {
      #expect(token.message.contains(fact), "\(token)")
    }
  }

  @Test func `it changes nothing: what is not subscribed stays so, and no file is made`()
    async throws
  {
    let place = try Workplace(events: 50)
    try place.configure()
    let before = try FileManager.default.contentsOfDirectory(atPath: place.folder).sorted()
    for _ in 0..<2 {
      let (findings, exitCode) = try await place.check()
      #expect(exitCode == 0)
      let waiting = findings.at("warning").about("subscription")
      #expect(waiting.count == 5 && waiting.allSatisfy { $0.message.contains("not subscribed") })
      #expect(waiting.allSatisfy { $0.command.hasPrefix("millrace subscriptions start --tenant") })
      #expect(findings.at("warning").about("auditing").count == 1, "not known yet")
    }
    let after = try FileManager.default.contentsOfDirectory(atPath: place.folder).sorted()
    #expect(after == before)
  }

  @Test func `a command that it names works as it stands`() async throws {
    let place = try Workplace(events: 50)
    try place.configure()
    rename(place.path("millrace.yaml"), place.path("other name.yaml"))
    let first = try await place.check("--config", "other name.yaml")
    let command = try #require(first.findings.about("subscription").first?.command)
    #expect(command.hasSuffix("--config 'other name.yaml'"), "\(command)")
    let words = command.replacing("'", with: "").split(separator: " ").dropFirst().map(String.init)
    // The shell would take the quotes away, and so does this.
    let asked = words.dropLast(2) + ["other name.yaml"]
    let made = await (try place.start(Array(asked))).end()
    #expect(made.exitCode == 0, "\(made.complaintText)")
    let second = try await place.check("--config", "other name.yaml")
    #expect(second.findings.at("ok").about("subscription").count == 1, "\(second.findings)")
  }

  @Test func `a wrong secret is told, and never shown`() async throws {
    let place = try Workplace()
    try place.configure(secret: "not-the-secret-of-this-application")
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 77)
    let failure = try #require(findings.at("failure").first)
    #expect(failure.area == "token" && failure.message.contains("AADSTS7000215"), "\(failure)")
    #expect(failure.fix.contains("value"), "\(failure)")
    #expect(!findings.contains { "\($0)".contains("not-the-secret") })
  }

  @Test func `permissions that were not granted are told, with the command that does`()
    async throws
  {
    let place = try Workplace(faults: [.noRoles])
    try place.configure()
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 77)
    let failure = try #require(findings.at("failure").first)
    #expect(failure.message.contains("ActivityFeed.Read"), "\(failure)")
    #expect(failure.command.contains("594c1fb6-4f81-4475-ae41-0c394909246c=Role"), "\(failure)")
  }

  @Test func `audit logging that is off is recognised in the service's mangled words`()
    async throws
  {
    let place = try Workplace(faults: [.auditingOff])
    try place.configure()
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 1)
    let failure = try #require(findings.at("failure").first)
    #expect(failure.area == "auditing", "\(failure)")
    #expect(failure.command.contains("-UnifiedAuditLogIngestionEnabled $true"), "\(failure)")
  }

  @Test(arguments: [SimulatedFault.emptyPages, .hugePages])
  func `content is found behind empty pages, and when there is more than a page may hold`(
    fault: SimulatedFault
  ) async throws {
    let place = try Workplace(events: 500, faults: [fault])
    try place.configure()
    #expect(try await place.run("subscriptions", "start").exitCode == 0)
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 0, "\(findings.at("failure"))")
    #expect(findings.at("ok").about("auditing").count == 1, "\(findings)")
  }

  @Test func `a subscription that was stopped, or does not work yet, is a warning`() async throws {
    let place = try Workplace(events: 50, faults: [.disabledSubscription])
    try place.configure()
    #expect(try await place.run("subscriptions", "start").exitCode == 0)
    let stopped = try await place.run("subscriptions", "stop", "--content-type", "Audit.Exchange")
    #expect(stopped.exitCode == 0)
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 0, "\(findings.at("failure"))")
    let warnings = findings.at("warning").about("subscription")
    #expect(warnings.contains { $0.subject == "contoso/Audit.Exchange" }, "\(warnings)")
    #expect(warnings.contains { $0.message.contains("AF20023") }, "\(warnings)")
  }

  @Test func `a host that takes no connections, and one that has no address, are told apart`()
    async throws
  {
    let place = try Workplace()
    // Nobody listens at this port, which is for the superuser.
    try place.configure(address: "http://127.0.0.1:1")
    let refused = try await place.check()
    #expect(refused.exitCode == 69)
    #expect(refused.findings.at("failure").map(\.area) == ["connection"], "\(refused.findings)")
    #expect(refused.findings.about("token").isEmpty, "what cannot be reached is not asked")
    try place.configure(address: "https://nowhere.invalid")
    let unknown = try await place.check()
    #expect(unknown.exitCode == 69)
    let failure = try #require(unknown.findings.at("failure").first)
    // A machine whose resolver does not answer cannot know that there is no such name.
    #expect(["dns", "connection"].contains(failure.area), "\(failure)")
  }

  @Test func `the collector that runs is asked how it fares`() async throws {
    let place = try Workplace(events: 50)
    try place.configure()
    let collector = try place.start(["run"])
    var found: [CheckFinding] = []
    repeat {
      found = try await place.check().findings.about("collector")
    } while !found.contains { $0.message.contains("runs since") } && collector.isRunning
    #expect(found.contains { $0.message.contains("runs since") }, "\(found)")
    collector.signal(SIGTERM)
    #expect(await collector.end().exitCode == 0)
  }

  @Test(arguments: [-600.0, 600.0])
  func `a clock that is wrong is told, with which way`(by seconds: Double) async throws {
    let place = try Workplace()
    let server = try HTTPServer(listen: .tcp(host: "127.0.0.1", port: 0)) { _ in
      let style = DateFormatter()
      style.locale = Locale(identifier: "en_US_POSIX")
      style.timeZone = TimeZone(identifier: "GMT")
      style.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
      let date = style.string(from: Date().addingTimeInterval(seconds))
      return ServerResponse(status: 404, headers: [("Date", date)], body: .bytes([]))
    }
    defer { server.stop() }
    try place.configure(address: "http://127.0.0.1:\(server.port)")
    let warning = try #require(try await place.check().findings.at("warning").about("clock").first)
    #expect(warning.message.contains(seconds > 0 ? "behind" : "ahead"), "\(warning)")
    #expect(warning.command == "timedatectl set-ntp true")
  }
}

/// `check` against a server with a certificate that nobody vouches for.
@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"),
    "the openssl command makes the other side"), .timeLimit(.minutes(10)))
struct CheckTLSTests {
  @Test func `a certificate that signed itself is refused, and said to be one`() async throws {
    let place = try Workplace()
    func openssl(_ words: [String]) throws -> ChildProcess {
      try ChildProcess(
        "/usr/bin/openssl", words, environment: ["HOME": place.folder], folder: place.folder,
        keeping: place)
    }
    let making = try openssl([
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out",
      "server.pem", "-days", "30", "-subj", "/CN=proxy.example.com", "-addext",
      "subjectAltName=IP:127.0.0.1",
    ])
    try #require(await making.end().exitCode == 0)
    let server = try openssl([
      "s_server", "-accept", "127.0.0.1:0", "-cert", "server.pem", "-key", "server.key", "-www",
    ])
    try #require(await server.says("ACCEPT 127.0.0.1:"))
    // The line has come to its end once the port has as many digits as it will have.
    var port = ""
    repeat {
      let line = server.outputText.split(separator: "\n", omittingEmptySubsequences: false)
      port =
        line.dropLast().first { $0.hasPrefix("ACCEPT") }?.split(separator: ":").last
        .map(String.init) ?? ""
      await Pulse().wait(beyond: 0, atMost: .milliseconds(10))
    } while port.isEmpty && server.isRunning
    try place.configure(address: "https://127.0.0.1:\(port)")
    let (findings, exitCode) = try await place.check()
    #expect(exitCode == 69)
    let failure = try #require(findings.at("failure").first)
    #expect(failure.area == "tls", "\(failure)")
    #expect(failure.message.contains("signed itself"), "\(failure)")
    #expect(failure.message.contains("proxy.example.com"), "\(failure)")
    #expect(failure.command.hasPrefix("openssl s_client -connect 127.0.0.1:\(port)"))
    #expect(findings.about("token").isEmpty, "nothing is sent there")
    server.signal(SIGKILL)
  }
}
