import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import MillraceSimulator

/// `simulate`: serves simulated tenants on loopback until it is told to stop.
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
    summary: "serve simulated tenants on loopback",
    details: [
      "Serves a token endpoint and the Management Activity API. A configuration reaches it with "
        + "cloud: {login: URL, api: URL, resource: https://manage.office.com}; the URL, the tenant "
        + "and the credential are printed at the start.",
      "A plan file says which fault strikes when, and whom; docs/simulator.md describes it. Faults "
        + "given with --fault strike everybody, all the time.",
    ],
    options: [
      .words(
        "records", "FILE", "serve the records of these files, one a line, in place of invented ones"
      )
    ] + contentOptions + serviceOptions + credentialOptions + [faultOption],
    examples: [
      ("simulate --events 200000", "invents records"),
      ("simulate --records audit.ndjson --fault throttle-403 --fault cut-bodies", "a bad day"),
      ("simulate --receiver splunk_hec --receiver elasticsearch", "with places to deliver to"),
      ("simulate --tenants 20 --plan outage.yaml", "an outage for some of twenty tenants"),
    ],
    glossary: faults)

  private static let serviceOptions: [OptionDeclaration] = [
    .text("plan", "FILE", "do what this plan says, in YAML or JSON"),
    .integer("tenants", in: 1...10_000, "how many tenants share the records", standard: 1),
    .integer("port", in: 0...65_535, "the port on 127.0.0.1; 0 takes any", standard: 8366),
    .size(
      "huge-blob", in: 0...(4 << 30), "serve one more blob of about this size", standard: "0"),
    .duration(
      "ahead", in: .zero...(.seconds(7 * 86_400)),
      "how far into the time to come blobs are spread, to show one by one", standard: "0s"),
    .integer("page-size", in: 1...100_000, "blobs on a page of a listing", standard: 200),
    .duration(
      "token-lifetime", in: .seconds(1)...(.seconds(86_400)), "how long a token is good for",
      standard: "59m"),
    .integer("quota", in: 0...1_000_000, "requests a minute that each tenant may make"),
    .integer(
      "clock-speed", in: 1...100_000, "how many times as fast the service's clock runs",
      standard: 1),
    .text("certificate", "FILE", "speak TLS with this certificate chain, in PEM; needs --key"),
    .text("key", "FILE", "the certificate's private key, in PEM, without a password"),
    .text("public-url", "URL", "the origin that listings name, with a proxy in front"),
    OptionDeclaration(
      name: "receiver",
      value: .choice(SimulatedReceivers.Kind.allCases.map(\.rawValue)), valueName: "TYPE",
      help: "serve a receiver for sinks of this type, too", isRepeatable: true),
  ]

  /// The faults, for help.
  static let faults = (
    heading: "Faults", rows: SimulatedFault.catalogue.map { ($0.name, $0.summary) }
  )

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let options = try options(invoked)
    let receivers = try SimulatedReceivers(
      invoked.arguments.strings("receiver").compactMap { SimulatedReceivers.Kind(rawValue: $0) })
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
    try writeIdentityToken(invoked.arguments, of: simulator)
    let introduction =
      [introduction(simulator, options.tenants)] + receivers.introduction
    try Output.line(introduction.joined(separator: "\n"))
    await stopped.wait(beyond: 0)
    for line in lines(simulator.statistics) + receivers.summary { Output.say(line) }
    return .done
  }

  private static func options(_ invoked: Invoked) throws(CommandFailure) -> SimulatorOptions {
    let arguments = invoked.arguments
    let seed = UInt64(arguments.integer("seed") ?? 1)
    var options = SimulatorOptions()
    let files = arguments.strings("records")
    options.content =
      files.isEmpty
      ? .generated(events: arguments.integer("events") ?? 0, seed: seed) : .records(files: files)
    options.eventsPerBlob = arguments.integer("events-per-blob") ?? options.eventsPerBlob
    options.hugeBlobBytes = Int(arguments.size("huge-blob") ?? 0)
    options.ahead = arguments.duration("ahead") ?? .zero
    options.pageSize = arguments.integer("page-size") ?? options.pageSize
    options.tokenLifetime = arguments.duration("token-lifetime") ?? options.tokenLifetime
    options.faults = FaultPlan(
      Set(arguments.strings("fault").compactMap { SimulatedFault(rawValue: $0) }), seed: seed)
    options.port = arguments.integer("port") ?? 0
    options.tenants = SimulatorOptions.tenants(arguments.integer("tenants") ?? 1)
    options.quota = arguments.integer("quota").map { RequestQuota(requests: $0) }
    if let speed = arguments.integer("clock-speed"), speed != 1 {
      options.clock = ServiceClock(options.clock, speed: Double(speed))
    }
    options.certificate = try certificate(arguments)
    options.publicOrigin = arguments.string("public-url")
    try addCredentials(arguments, to: &options)
    if let path = arguments.string("plan") {
      do throws(ConfigurationError) {
        options.follow(
          try SimulationPlan.load(
            path: path, words: SimulatorOptions.planWords, environment: invoked.environment))
      } catch {
        throw CommandFailure(error.description, .badConfiguration)
      }
    }
    return options
  }

  /// The certificate to speak TLS with; nil for plain HTTP.
  private static func certificate(
    _ arguments: Arguments
  ) throws(CommandFailure) -> HTTPServer.Certificate? {
    switch (arguments.string("certificate"), arguments.string("key")) {
    case (nil, nil): return nil
    case (let chain?, let key?):
      return HTTPServer.Certificate(chain: try text(of: chain), key: try text(of: key))
    default:
      throw CommandFailure("--certificate and --key go together", .badUsage)
    }
  }

  /// The text of a file in PEM.
  static func text(of path: String) throws(CommandFailure) -> String {
    let file: FileContents
    do {
      file = try FileContents(path: path, limit: Limits.configurationBytesMax)
    } catch {
      throw CommandFailure("\(path) cannot be read: \(error.message)", .badData)
    }
    guard let text = String(validating: file.bytes, as: UTF8.self) else {
      throw CommandFailure("\(path) is not UTF-8 text", .badData)
    }
    return text
  }

  /// What a configuration needs to reach the simulator, as YAML; of many tenants the first few.
  private static func introduction(
    _ simulator: Simulator, _ tenants: [SimulatedTenantOptions]
  ) -> String {
    let offered = ProgressLine.grouped(simulator.oracle.offeredRecordCount)
    var lines = [
      "# \(offered) records in \(simulator.oracle.blobs.count) blobs; Ctrl-C ends it", "tenants:",
    ]
    for tenant in tenants.prefix(tenantsShown) {
      lines += [
        "  - id: \(tenant.tenantID)", "    client_id: \(tenant.clientID)",
        "    credential: {client_secret: \(tenant.clientSecret)}", "    cloud:",
        "      login: \(simulator.loginURL)", "      api: \(simulator.baseURL)",
        "      resource: https://manage.office.com",
      ]
    }
    if tenants.count > tenantsShown {
      lines.append("# and \(tenants.count - tenantsShown) more; all have the same application")
    }
    return lines.joined(separator: "\n")
  }

  private static let tenantsShown = 20

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
    if statistics.requestsBeyondQuota > 0 {
      lines.append("requests beyond the quota: \(statistics.requestsBeyondQuota)")
    }
    if statistics.listingsInFuture > 0 {
      lines.append("listings of a time to come: \(statistics.listingsInFuture)")
    }
    if statistics.foreignRequests > 0 {
      lines.append(
        "requests to the foreign origin: \(statistics.foreignRequests), "
          + "with a token: \(statistics.foreignRequestsWithToken)")
    }
    return lines
  }
}
