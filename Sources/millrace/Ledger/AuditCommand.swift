import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceStore

/// `audit`: the completeness ledger.
struct AuditCommand {
  let configuration: Configuration
  let store: Store
  let scope: AuditScope
  let isJSON: Bool

  static let declaration = CommandDeclaration(
    name: "audit",
    summary: "show where every blob of a day is, and what is missing",
    details: [
      "Counts, for the blobs that the service made available in the span, how many were listed, "
        + "fetched, parsed and delivered to each sink, and names what is missing. Ends with "
        + "\"complete\", with \"complete so far\" while blobs of the span can still appear (a week "
        + "after its end, by the service's clock), or with the holes; exits with 1 for holes. Changes "
        + "nothing, and works beside a running collector.",
      "With --seal days of which nothing can change any more get a seal: a digest of their ledger "
        + "and contents, chained to the day before. Without a span it seals all days it can.",
    ],
    options: [
      .time("day", "only this day, in UTC"),
      .time("from", "only what was made available at this time or later"),
      .time("to", "only what was made available before this time"),
      .text("tenant", "TENANT", "only this tenant, by name or id"),
      .flag("blobs", "list every blob and where it is; with --json one object a line"),
      .flag("seal", "seal the days of the span"),
    ],
    printsReport: true,
    examples: [
      ("audit", "everything so far"),
      ("audit --day 2026-03-04", "one day"),
      ("audit --day 2026-03-04 --blobs", "with each of its blobs"),
      ("audit --seal", "seals all days that can be sealed"),
    ])

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let span = try span(arguments)
    let configuration = await OpenedStore.resolved(try invoked.configuration())
    let store = try OpenedStore.inspect(configuration)
    defer { store.close() }
    let command = AuditCommand(
      configuration: configuration, store: store,
      scope: try await scope(span, arguments.string("tenant"), configuration, store),
      isJSON: arguments.flag("json"))
    var isSealed = true
    if arguments.flag("seal") { isSealed = try await command.seal() }
    let report = try await command.audit()
    if arguments.flag("blobs") { try await command.listBlobs() }
    if command.isJSON {
      try Output.line(ReportJSON.text(report))
    } else {
      for line in AuditText.lines(report) { try Output.line(line) }
    }
    return report.verdict != .holes && isSealed ? .done : .failed
  }

  private func audit() async throws(CommandFailure) -> AuditReport {
    let auditor = Auditor(scope: scope)
    return try await Self.reading { () throws(StoreError) in
      var report = try await auditor.audit(store, at: SystemWallClock().now())
      try await auditor.addSeals(&report, of: store)
      return report
    }
  }

  // MARK: What is asked for

  private static func span(_ arguments: Arguments) throws(CommandFailure) -> AuditSpan {
    if arguments.flag("seal"), arguments.isGiven("tenant") {
      throw CommandFailure(
        "audit: --seal covers all tenants of a day; leave out --tenant", .badUsage)
    }
    if let day = arguments.time("day") {
      guard !arguments.isGiven("from"), !arguments.isGiven("to") else {
        throw CommandFailure("audit: give --day, or --from and --to, not both", .badUsage)
      }
      let asked = Day(containing: day)
      return AuditSpan(from: asked.start, to: asked.end)
    }
    let span = AuditSpan(from: arguments.time("from"), to: arguments.time("to"))
    if let from = span.from, let to = span.to, from >= to {
      throw CommandFailure("audit: --from is not before --to", .badUsage)
    }
    return span
  }

  private static func scope(
    _ span: AuditSpan, _ tenant: String?, _ configuration: Configuration, _ store: Store
  ) async throws(CommandFailure) -> AuditScope {
    let known = try await reading { () throws(StoreError) in
      try await store.status().feeds.map(\.feed)
    }
    var intervals: [Feed: Duration] = [:]
    for feed in OpenedStore.feeds(configuration, known: known) {
      let own = configuration.tenants.first { $0.id == feed.tenant }
      intervals[feed] = own?.pollInterval ?? .seconds(60)
    }
    var scope = AuditScope(
      span: span, feeds: intervals, sinks: configuration.sinks.map(\.name),
      tenantNames: OpenedStore.tenantNames(configuration),
      unresolvedTenants: configuration.tenants.filter { $0.id == nil }.map(\.name))
    if let tenant { scope.span.tenant = try id(of: tenant, configuration, known) }
    return scope
  }

  private static func id(
    of tenant: String, _ configuration: Configuration, _ known: [Feed]
  ) throws(CommandFailure) -> TenantID {
    if let own = OpenedStore.configured(tenant, in: configuration) {
      return try OpenedStore.id(of: own)
    }
    // A tenant that is not configured any more is still in the ledger, and the GUID of one is known
    // that is configured by its domain.
    let ids = configuration.tenants.compactMap(\.id) + known.map(\.tenant)
    if let id = TenantID(tenant), ids.contains(id) { return id }
    let names = configuration.tenants.map(\.name).joined(separator: ", ")
    throw CommandFailure(
      "audit: no tenant \(tenant) in the configuration or the store; there are: \(names)",
      .badUsage)
  }

  // MARK: Each blob

  private func listBlobs() async throws(CommandFailure) {
    let (store, span) = (store, scope.span)
    let sinks = try await Self.reading { () throws(StoreError) in try await store.knownSinks() }
    var place: AuditPlace?
    while true {
      let after = place
      let blobs = try await Self.reading { () throws(StoreError) in
        try await store.auditedBlobs(span, after: after, limit: Limits.auditedBlobsPerRead)
      }
      place = blobs.last?.place
      for blob in blobs {
        let report = BlobReport(blob, scope: scope, sinks: sinks)
        try Output.line(isJSON ? ReportJSON.text(report) : AuditText.line(report))
      }
      if blobs.count < Limits.auditedBlobsPerRead { return }
    }
  }

  static func reading<Value>(
    _ body: () async throws(StoreError) -> Value
  ) async throws(CommandFailure) -> Value {
    do throws(StoreError) { return try await body() } catch {
      throw CommandFailure(error.description, .failed)
    }
  }
}
