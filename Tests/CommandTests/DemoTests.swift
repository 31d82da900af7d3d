import Foundation
import Glibc
import MillraceHTTP
import TestChildren
import Testing

/// `demo` and `simulate`: what a newcomer meets first.
struct DemoTests {
  private func expectEvents(
    _ place: Workplace, _ count: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let lines = try place.lines(of: "demo/events.ndjson")
    #expect(lines.count == count, sourceLocation: sourceLocation)
    for line in lines {
      let event: [String: Any] = try json(line)
      #expect(event["schema"] as? String == "millrace/1.0", sourceLocation: sourceLocation)
    }
  }

  @Test func `a demo leaves events, and a second one begins anew`() async throws {
    let place = try Workplace()
    for count in [500, 300] {
      let result = try await place.run(
        "demo", "--events", "\(count)", "--folder", "demo", "--port", "0")
      #expect(result.exitCode == 0, "\(result.complaintText)")
      #expect(result.complaintText.contains("\(count) events from "))
      try expectEvents(place, count)
    }
    let status = try await place.run("status", "--config", "demo/millrace.yaml", "--json")
    let report: [String: Any] = try json(status.outputText)
    #expect(report["events"] as? Int == 300)
  }

  @Test func `a folder with something of one's own is left alone`() async throws {
    let place = try Workplace()
    try FileManager.default.createDirectory(
      atPath: place.path("mine"), withIntermediateDirectories: false)
    try place.write("precious\n", to: "mine/events.ndjson")
    let result = try await place.run("demo", "--events", "5", "--folder", "mine", "--port", "0")
    #expect(result.exitCode == 1)
    #expect(result.complaintText.contains("name another --folder"))
    #expect(try place.lines(of: "mine/events.ndjson") == ["precious"])
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path("mine"))
    #expect(names == ["events.ndjson"])
  }

  @Test func `a demo that is stopped has not done its work`() async throws {
    let place = try Workplace()
    let demo = try place.start([
      "demo", "--events", "500000", "--folder", "demo", "--port", "0", "--log-level", "info",
    ])
    // Only then is there something to stop.
    try #require(await demo.complains("subscription started"))
    demo.signal(SIGTERM)
    let result = await demo.end()
    #expect(result.exitCode == 1)
    #expect(result.complaintText.contains("stopped before all there is was delivered"))
  }

  @Test func `the status page answers while a demo is kept open`() async throws {
    let place = try Workplace()
    let demo = try place.start([
      "demo", "--events", "50", "--folder", "demo", "--port", "0", "--keep",
    ])
    try #require(await demo.complains("stays open"))
    let listen = try #require(try place.lines(of: "demo/millrace.yaml").last)
    let address = try #require(listen.split(separator: " ").last)
    let client = CurlClient(name: "test", userAgent: "test")
    defer { client.shutdown() }
    func get(_ path: String) async throws -> (status: Int, text: String) {
      let response = try await client.send(
        HTTPRequest(method: "GET", url: "http://\(address)\(path)"))
      return (response.status, String(decoding: response.body, as: UTF8.self))
    }
    #expect(try await get("/healthz") == (200, "ok\n"))
    let page = try await get("/")
    #expect(page.status == 200 && page.text.hasPrefix("<!doctype html>"))
    #expect(page.text.contains("contoso"))
    let report: [String: Any] = try json(try await get("/status.json").text)
    #expect(report["events"] as? Int == 50)
    #expect(try await get("/nothing").status == 404)
    demo.signal(SIGINT)
    #expect(await demo.end().exitCode == 0)
  }

  @Test func `what simulate prints is what a configuration needs`() async throws {
    let place = try Workplace()
    let tenant = try place.start(["simulate", "--events", "120", "--port", "0"])
    try #require(await tenant.says("resource: https://manage.office.com\n"))
    #expect(tenant.outputText.hasPrefix("# 120 records in "))
    try place.write(
      tenant.outputText
        + "store: {path: store}\nsinks: {raw: {type: file, path: raw.ndjson, format: raw}}\n",
      to: "millrace.yaml")
    let run = try await place.run("run", "--once")
    #expect(run.exitCode == 0, "\(run.complaintText)")
    #expect(try place.lines(of: "raw.ndjson").count == 120)
    tenant.signal(SIGTERM)
    let result = await tenant.end()
    #expect(result.exitCode == 0)
    #expect(result.complaintText.contains("blobs with 120 records"), "\(result.complaintText)")
  }
}
