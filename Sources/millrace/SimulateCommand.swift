import Glibc
import MillraceCore
import MillraceRuntime
import MillraceSimulator

/// `simulate`: serves a simulated tenant on loopback until it is told to stop.
enum SimulateCommand {
  static let contentOptions: [OptionDeclaration] = [
    .integer("events", in: 0...1_000_000_000, "how many records to invent", standard: 10_000),
    .integer(
      "seed", in: 0...Int.max, "the seed of what is invented, and of the faults", standard: 1),
    .integer("events-per-blob", in: 1...1_000_000, "records in a blob", standard: 100),
  ]

  /// The option that makes the tenant misbehave; which words it takes stands in the glossary.
  static let faultOption = OptionDeclaration(
    name: "fault", value: .choice(SimulatedFault.allCases.sorted().map(\.rawValue)),
    valueName: "FAULT", help: "misbehave in this way", isRepeatable: true)

  static let declaration = CommandDeclaration(
    name: "simulate",
    summary: "serve a simulated tenant on loopback",
    details: [
      "Serves a token endpoint and the Management Activity API. A configuration reaches it with "
        + "cloud: {login: URL, api: URL, resource: https://manage.office.com}; the URL, the tenant "
        + "and the credential are printed at the start."
    ],
    options: [
      .words(
        "records", "FILE", "serve the records of these files, one a line, in place of invented ones"
      )
    ] + contentOptions + [
      .integer("port", in: 0...65_535, "the port on 127.0.0.1; 0 takes any", standard: 8366),
      .size(
        "huge-blob", in: 0...(4 << 30), "serve one more blob of about this size", standard: "0"),
      .integer("page-size", in: 1...100_000, "blobs on a page of a listing", standard: 200),
      .duration(
        "token-lifetime", in: .seconds(1)...(.seconds(86_400)), "how long a token is good for",
        standard: "59m"),
      faultOption,
    ],
    examples: [
      ("simulate --events 200000", "invents records"),
      ("simulate --records audit.ndjson --fault throttle-403 --fault cut-bodies", "a bad day"),
    ],
    glossary: faults)

  /// The faults, for help.
  static let faults = (
    heading: "Faults", rows: SimulatedFault.catalogue.map { ($0.name, $0.summary) }
  )

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let seed = UInt64(arguments.integer("seed") ?? 1)
    var options = SimulatorOptions()
    let files = arguments.strings("records")
    options.content =
      files.isEmpty
      ? .generated(events: arguments.integer("events") ?? 0, seed: seed) : .records(files: files)
    options.eventsPerBlob = arguments.integer("events-per-blob") ?? options.eventsPerBlob
    options.hugeBlobBytes = Int(arguments.size("huge-blob") ?? 0)
    options.pageSize = arguments.integer("page-size") ?? options.pageSize
    options.tokenLifetime = arguments.duration("token-lifetime") ?? options.tokenLifetime
    options.faults = FaultPlan(
      Set(arguments.strings("fault").compactMap { SimulatedFault(rawValue: $0) }), seed: seed)
    options.port = arguments.integer("port") ?? 0
    let stopped = Pulse()
    Signals.watch { _ in stopped.beat() }
    let simulator: Simulator
    do throws(SimulatorError) {
      simulator = try Simulator(options)
      try simulator.start()
    } catch {
      throw CommandFailure(error.description, .failed)
    }
    defer { simulator.stop() }
    try Output.line(introduction(simulator, options.tenants[0]))
    await stopped.wait(beyond: 0)
    for line in lines(simulator.statistics) { Output.say(line) }
    return .done
  }

  /// What a configuration needs to reach the simulator, as YAML.
  private static func introduction(
    _ simulator: Simulator, _ tenant: SimulatedTenantOptions
  ) -> String {
    let offered = ProgressLine.grouped(simulator.oracle.offeredRecordCount)
    return """
      # \(offered) records in \(simulator.oracle.blobs.count) blobs; Ctrl-C ends it
      tenants:
        - id: \(tenant.tenantID)
          client_id: \(tenant.clientID)
          credential: {client_secret: \(tenant.clientSecret)}
          cloud:
            login: \(simulator.loginURL)
            api: \(simulator.baseURL)
            resource: https://manage.office.com
      """
  }

  private static func lines(_ statistics: SimulatorStatistics) -> [String] {
    var lines = [
      "served \(statistics.requestCount) requests: \(statistics.pagesServed) pages, "
        + "\(statistics.blobsServed) blobs with \(statistics.recordsServed) records; "
        + "\(statistics.tokensIssued) tokens; "
        + "\(statistics.requestsWithoutPublisher) requests without PublisherIdentifier"
    ]
    for (fault, count) in statistics.faults.sorted(by: { $0.key < $1.key }) {
      lines.append("fault \(fault.rawValue): \(count) times")
    }
    if statistics.foreignRequests > 0 {
      lines.append(
        "requests to the foreign origin: \(statistics.foreignRequests), "
          + "with a token: \(statistics.foreignRequestsWithToken)")
    }
    return lines
  }
}
