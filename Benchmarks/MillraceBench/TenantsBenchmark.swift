import Foundation
import MillraceRuntime

/// Many tenants in one collector: until all are served, and what they cost when nothing is new.
enum TenantsBenchmark {
  /// Requests a minute of each tenant: little more than a first listing of seven days takes.
  private static let quota = 60
  private static let eventsPerTenant = 10

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let count = max(options.tenants, 1)
    let events = count * eventsPerTenant
    let source = try await SimulatedSource(
      events: events, eventsPerBlob: 2, tenants: count, quota: quota, options)
    let folder = try TemporaryFolder(in: options.folder)
    try folder.write(
      SimulatedSource.configuration(
        port: source.port, tenants: count, requestsPerMinute: quota), to: "millrace.yaml")
    let watch = Stopwatch()
    let child = try Programs.start(
      Programs.millrace(), ["run", "--log-level", "error"], folder: folder.path)
    let peak = PeakWatch(child)
    while child.isRunning, ((try? folder.lineCount(of: "events.ndjson")) ?? 0) < events {
      usleep(200_000)
    }
    guard child.isRunning else {
      let result = await child.end()
      throw ChildFailure(description: "run ended with \(result.ending): \(result.complaintText)")
    }
    let served = watch.sample.wallSeconds
    let used = processorSeconds(of: child.process)
    // What was young is fetched once more later; what is measured is polling alone.
    let idle: Double = options.isSmoke ? 1 : 180
    usleep(UInt32(idle * 1_000_000))
    let after = processorSeconds(of: child.process)
    let resident = residentBytes(of: child.process)
    child.signal(SIGTERM)
    let result = await child.end()
    guard result.ending == .exited(0) else {
      throw ChildFailure(description: "run ended with \(result.ending): \(result.complaintText)")
    }
    report.tenants = TenantsFigures(
      tenants: count, quota: quota, servedSeconds: served, servedProcessorSeconds: used,
      idleSeconds: idle, idleProcessorSeconds: after - used, idleResidentBytes: resident,
      residentBytesPeak: peak.bytes, counts: try await source.stopCounting())
  }

  /// Processor time of a process so far (proc(5), "stat": utime and stime).
  private static func processorSeconds(of process: Int32) -> Double {
    guard let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return 0 }
    let text = String(decoding: stat, as: UTF8.self)
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
      return 0
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static func residentBytes(of process: Int32) -> Int {
    guard let status = FileManager.default.contents(atPath: "/proc/\(process)/status") else {
      return 0
    }
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("VmRSS:")
    }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
}

/// What many tenants took.
struct TenantsFigures: Codable {
  let tenants: Int
  let quota: Int
  /// Until all that there was had been delivered.
  let servedSeconds: Double
  let servedProcessorSeconds: Double
  /// What the collector took afterwards, in a stretch without anything new.
  let idleSeconds: Double
  let idleProcessorSeconds: Double
  let idleResidentBytes: Int
  let residentBytesPeak: Int
  let counts: SimulatedCounts
}

extension ReportTables {
  static func tenants(_ figures: TenantsFigures) -> [String] {
    let rows = [
      ["", "s", "processor s", "MB"],
      [
        "until all are served", figure(figures.servedSeconds, 1),
        figure(figures.servedProcessorSeconds, 1), megabytes(figures.residentBytesPeak),
      ],
      [
        "idle", figure(figures.idleSeconds, 0), figure(figures.idleProcessorSeconds, 1),
        megabytes(figures.idleResidentBytes),
      ],
    ]
    return titled(
      "\(figures.tenants) tenants of \(figures.quota) requests a minute each: "
        + "\(figures.counts.requests) requests, \(figures.counts.beyondQuota) refused.", rows)
  }
}
