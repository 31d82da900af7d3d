import Foundation
import MillraceRuntime
import MillraceSimulator

/// A backlog of seven days: how well a quota is used, and how fast blobs come where there is none,
/// beside curl fetching the same addresses.
enum BacklogBenchmark {
  /// What the service documents for a tenant.
  private static let quota = 2000
  private static let eventsPerBlob = 10

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let blobs = options.isSmoke ? 50 : 5000
    let limited = try await collect(blobs, quota: quota, options)
    var figures = BacklogFigures(blobs: limited.counts.blobs, quota: quota)
    figures.withQuota = limited.run
    figures.counts = limited.counts
    for _ in 0..<min(options.rounds, 3) {
      figures.withoutQuota.append(try await collect(blobs, quota: 0, options).run)
      do {
        figures.curl.append(try await curl(blobs, options))
      } catch let failure as ChildFailure {
        report.notes.append(failure.description)
      }
    }
    report.backlog = figures
  }

  private static func collect(
    _ blobs: Int, quota: Int, _ options: BenchOptions
  ) async throws -> (run: ProgramRun, counts: SimulatedCounts) {
    let source = try await SimulatedSource(
      events: blobs * eventsPerBlob, eventsPerBlob: eventsPerBlob, quota: quota, options)
    let folder = try TemporaryFolder(in: options.folder)
    try folder.write(
      SimulatedSource.configuration(
        port: source.port, requestsPerMinute: quota > 0 ? quota : 100_000),
      to: "millrace.yaml")
    let (run, _) = try await Programs.run(
      Programs.millrace(), ["run", "--once", "--log-level", "error"], folder: folder.path)
    let lines = try folder.lineCount(of: "events.ndjson")
    guard lines == blobs * eventsPerBlob else {
      throw ChildFailure(description: "\(lines) of \(blobs * eventsPerBlob) events were delivered")
    }
    return (run, try await source.stopCounting())
  }

  /// Fetches every blob into a file of its own, eight at a time as the collector does. Tells of no
  /// failures, stores nothing durably, and is told the addresses.
  private static func curl(_ blobs: Int, _ options: BenchOptions) async throws -> ProgramRun {
    guard let program = Programs.find("curl") else {
      throw ChildFailure(description: "curl is not installed: left out")
    }
    let folder = try TemporaryFolder(in: options.folder)
    let source = try await SimulatedSource(
      events: blobs * eventsPerBlob, eventsPerBlob: eventsPerBlob,
      addresses: folder.path + "/addresses", options)
    let tenant = SimulatedTenantOptions()
    let origin = "http://127.0.0.1:\(source.port)"
    let (_, answer) = try await Programs.run(
      program,
      [
        "-sf", "\(origin)/\(tenant.tenantID)/oauth2/v2.0/token",
        "-d", "grant_type=client_credentials&client_id=\(tenant.clientID)",
        "-d", "client_secret=\(tenant.clientSecret)",
        "-d", "scope=https%3A%2F%2Fmanage.office.com%2F.default",
      ])
    let issued = try JSONDecoder().decode(IssuedToken.self, from: Data(answer.outputText.utf8))
    let token = issued.accessToken
    let feeds = "\(origin)/api/v1.0/\(tenant.tenantID)/activity/feed/subscriptions"
    for type in ["AzureActiveDirectory", "Exchange", "SharePoint", "General"] {
      _ = try await Programs.run(
        program,
        [
          "-s", "-X", "POST", "-d", "", "-H", "Authorization: Bearer \(token)",
          "\(feeds)/start?contentType=Audit.\(type)",
        ])
    }
    _ = try await Programs.run(
      program,
      [
        "-s", "-X", "POST", "-d", "", "-H", "Authorization: Bearer \(token)",
        "\(feeds)/start?contentType=DLP.All",
      ])
    let (run, _) = try await Programs.run(
      program,
      [
        "-sf", "--parallel", "--parallel-max", "8", "-H",
        "Authorization: Bearer \(token)", "-K", "addresses",
      ], folder: folder.path)
    let counts = try await source.stopCounting()
    guard counts.fetches == counts.blobs else {
      throw ChildFailure(
        description: "curl fetched \(counts.fetches) of \(counts.blobs) blobs")
    }
    return run
  }
}

/// What a token endpoint answers.
private struct IssuedToken: Decodable {
  let accessToken: String

  private enum CodingKeys: String, CodingKey {
    case accessToken = "access_token"
  }
}

/// What a backlog took.
struct BacklogFigures: Codable {
  let blobs: Int
  let quota: Int
  var withQuota: ProgramRun?
  var counts: SimulatedCounts?
  var withoutQuota: [ProgramRun] = []
  var curl: [ProgramRun] = []

  /// The share of the quota that was used while the backlog lasted.
  var share: Double {
    guard let withQuota, let counts else { return 0 }
    return Double(counts.requests) / (Double(quota) * max(withQuota.wallSeconds / 60, 1))
  }
}

extension ReportTables {
  static func backlog(_ figures: BacklogFigures) -> [String] {
    var rows = [["", "s", "blobs/s", "peak MB"]]
    func row(_ name: String, _ run: ProgramRun) {
      rows.append([
        name, figure(run.wallSeconds, 1), figure(Double(figures.blobs) / run.wallSeconds, 0),
        megabytes(run.residentBytesPeak),
      ])
    }
    if let run = figures.withQuota { row("\(figures.quota) requests a minute", run) }
    for run in figures.withoutQuota { row("no quota", run) }
    for run in figures.curl { row("curl --parallel, no quota", run) }
    let counts = figures.counts
    let needed = figures.blobs + (counts.map { $0.requests - $0.fetches } ?? 0)
    return titled(
      "A backlog of \(figures.blobs) blobs: \(counts?.requests ?? 0) requests, \(needed) needed "
        + "(\(counts?.listings ?? 0) listings); \(figure(figures.share * 100, 1)) % of the quota "
        + "used, \(counts?.beyondQuota ?? 0) refused.", rows)
  }
}
