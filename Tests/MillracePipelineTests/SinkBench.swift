import Foundation
import MillraceConfiguration
import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSinks
import Synchronization
import Testing

@testable import MillracePipeline
@testable import MillraceStore

/// A store with content and a collector that fetches nothing: index step, live delivery and replays
/// to sinks of the test.
final class SinkBench: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("millrace-sinks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    // The folder is in the system's temporary folder: one that stays costs room, nothing else.
    try? FileManager.default.removeItem(at: folder)
  }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// A collector over the store, which has no tenant to ask.
  func collector(
    _ sinks: [any Sink], format: EventFormat = .raw, batchEventsMax: Int = 100,
    window: Duration? = .seconds(8 * 86_400), retention: Duration = .seconds(86_400),
    change: (inout Delivery) -> Void = { _ in }
  ) throws -> Collector {
    let clock = SystemWallClock()
    let deliveries = sinks.map { sink in
      var delivery = Delivery(
        sink: sink, encoding: Encoding(format: format, raw: .off), from: .oldest,
        batchEventsMax: batchEventsMax, batchBytesMax: Limits.batchBytesMax,
        retryFirst: .milliseconds(1), retryMost: .milliseconds(2))
      change(&delivery)
      return delivery
    }
    return Collector(
      store: try Store(folder: path("store")), contexts: [], deliveries: deliveries,
      activity: Activity(log: .silent, clock: clock), workers: 2, window: window,
      policy: Housekeeper.Policy(
        retention: retention, maxSize: 1 << 40, dropsUndelivered: false),
      clock: clock, log: .silent)
  }

  /// A sink that writes to a file.
  func fileSink(_ name: String) throws -> FileSink {
    FileSink(
      name: name, template: try PathTemplate(NameTemplate(path("\(name).ndjson")), sink: name),
      log: .silent)
  }

  func lines(_ name: String) throws -> [String] {
    let text = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: path("\(name).ndjson"))), as: UTF8.self)
    #expect(text.isEmpty || text.hasSuffix("\n"), "the file ends with a whole line")
    return text.split(separator: "\n").map(String.init)
  }

  /// Opens a collector, has it deliver all there is, and closes it.
  @discardableResult
  func deliverAll(
    _ sinks: [any Sink], window: Duration? = .seconds(8 * 86_400),
    before: (Collector) async throws -> Void = { _ in }
  ) async throws -> StatusReport {
    let collector = try collector(sinks, window: window)
    defer { collector.close() }
    try await before(collector)
    let outcome = await collector.run(.once(patience: .seconds(120)))
    #expect(outcome.ending == .complete, "\(outcome.owed)")
    return try await collector.status()
  }
}

extension Collector {
  /// Puts a body into the log, as an import does.
  func add(_ body: String, created: String? = nil) async throws {
    let tenant = try #require(TenantID(IndexBench.tenants[0]))
    _ = try await store.commitImport(
      ImportedContent(
        feed: Feed(tenant: tenant, contentType: .exchange),
        body: PackedBody(PaddedBytes(Array(body.utf8)))),
      at: created.flatMap { Timestamp($0) } ?? clock.now())
    committed.beat()
  }

  /// Waits until a replay is over.
  func end(ofReplay id: Int64) async throws -> ReplayReport {
    while true {
      let report = try #require(try await replays.report(of: id))
      if report.state != .running { return report }
      await Pulse().wait(beyond: 0, atMost: .milliseconds(10))
    }
  }

  /// Sends what a command would send.
  func ask<Body: Encodable>(_ path: String, _ body: Body) async throws -> any Encodable & Sendable {
    let route = try #require(ControlRoute.at(path))
    return try await route.handler(
      ControlRequest(body: Array(ReportJSON.text(body).utf8)), self)
  }
}

/// A file that takes so many batches and fails from then on, until it recovers: what is delivered
/// to it is not over before.
actor TiringSink: Sink {
  nonisolated let name: String
  private let file: FileSink
  private var batchesLeft: Int

  init(_ file: FileSink, batches: Int) {
    name = file.name
    self.file = file
    batchesLeft = batches
  }

  func recover() { batchesLeft = .max }

  func open(ledger: any SinkLedger) async throws(SinkError) { try await file.open(ledger: ledger) }

  func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    guard batchesLeft > 0 else {
      throw SinkError(
        sink: name, operation: "send", subject: "receiver", message: "not now", kind: .other)
    }
    batchesLeft -= 1
    return try await file.deliver(batch)
  }

  func committed(_ receipt: SinkReceipt) async { await file.committed(receipt) }

  func close() async { await file.close() }
}

/// A receiver that refuses for good what it was told to, and can be told to fail.
actor PickySink: Sink {
  nonisolated let name: String
  private var refuses: @Sendable (String) -> Bool
  private var failures = 0
  private(set) var received: [String] = []
  private var pending: [String] = []
  private var isBusy = false

  init(name: String, refuses: @escaping @Sendable (String) -> Bool = { _ in false }) {
    self.name = name
    self.refuses = refuses
  }

  func accept() { refuses = { _ in false } }

  func fail(times: Int) { failures = times }

  func open(ledger: any SinkLedger) async throws(SinkError) {}

  func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    precondition(!isBusy, "the calls of a sink do not overlap")
    isBusy = true
    defer { isBusy = false }
    // Others would come in here, if nothing kept them out.
    await Task.yield()
    if failures > 0 {
      failures -= 1
      throw SinkError(
        sink: name, operation: "send", subject: "receiver", message: "not now", kind: .other)
    }
    var receipt = SinkReceipt()
    pending = []
    for line in batch.lines {
      let text = String(decoding: batch.bytes[line.range], as: UTF8.self)
      if refuses(text) {
        receipt.refused.append(
          RefusedEvent(position: line.position, reason: "400: unknown field"))
      } else {
        pending.append(String(text.dropLast()))
      }
    }
    return receipt
  }

  func committed(_ receipt: SinkReceipt) async {
    precondition(!isBusy, "the calls of a sink do not overlap")
    received += pending
    pending = []
  }

  func close() async {}
}
