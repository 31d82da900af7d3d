import FoundationEssentials
import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillracePipeline
import MillraceRuntime
import MillraceSource
import MillraceStore

/// `subscriptions list|start|stop`: the feeds of each tenant, as the service sees them.
enum SubscriptionsCommand {
  private static let chosen: [OptionDeclaration] = [
    .text("tenant", "TENANT", "only this tenant, by name or id", isRepeatable: true),
    .choice(
      "content-type", ContentType.allCases.map(\.rawValue),
      "only this content type (default: the configured ones)", isRepeatable: true),
  ]

  static let declaration = CommandDeclaration(
    name: "subscriptions",
    summary: "list, start or stop the feeds of each tenant",
    details: [
      "\"run\" starts what is not started by itself. Stopping loses content: what becomes available "
        + "while a subscription is stopped can never be fetched."
    ],
    subcommands: [
      CommandDeclaration(
        name: "list", summary: "show what is subscribed", options: chosen, printsReport: true),
      CommandDeclaration(
        name: "start", summary: "start what is not enabled", options: chosen, printsReport: true),
      CommandDeclaration(
        name: "stop", summary: "stop feeds; what appears meanwhile is lost",
        options: chosen, printsReport: true,
        examples: [("subscriptions stop --tenant contoso --content-type DLP.All", "one feed")]),
    ])

  /// One line of the report.
  private struct Row: Codable {
    var tenant: String
    var contentType: String
    var status: String
    /// Whether what was asked for was not done.
    var isOwed = false

    private enum CodingKeys: String, CodingKey {
      case tenant
      case contentType
      case status
    }
  }

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let configuration = try invoked.configuration()
    let http = CurlClient(name: "http", userAgent: Version.userAgent)
    defer { http.shutdown() }
    var rows: [Row] = []
    for tenant in try tenants(configuration, arguments.strings("tenant")) {
      let given = arguments.strings("content-type").compactMap { ContentType(rawValue: $0) }
      let types = given.isEmpty ? tenant.contentTypes : given
      do {
        let service = try await TenantService.connect(
          tenant, http: http, clock: SystemWallClock())
        switch arguments.command[1] {
        case "list": rows += try await list(service, tenant, types)
        case "start":
          rows += try await start(service, tenant, types, configuration)
        default: rows += try await stop(service, tenant, types, configuration)
        }
      } catch let error as SetupError {
        throw CommandFailure(error.description, code(error.failure))
      } catch let error as ServiceFailure {
        throw CommandFailure("tenant \(tenant.name): \(error)", code(error))
      } catch let error as CommandFailure {
        throw error
      } catch {
        throw CommandFailure("tenant \(tenant.name): \(error)", .failed)
      }
    }
    try show(rows, asJSON: arguments.flag("json"))
    return rows.contains(where: \.isOwed) ? .failed : .done
  }

  private static func tenants(
    _ configuration: Configuration, _ names: [String]
  ) throws(CommandFailure) -> [TenantConfiguration] {
    if names.isEmpty { return configuration.tenants }
    var found: [TenantConfiguration] = []
    for name in names {
      guard
        let tenant = configuration.tenants.first(where: {
          $0.name == name || $0.identifier.lowercased() == name.lowercased()
        })
      else {
        let known = configuration.tenants.map(\.name).joined(separator: ", ")
        throw CommandFailure(
          "no tenant \(name) in the configuration; there are: \(known)", .badUsage)
      }
      found.append(tenant)
    }
    return found
  }

  private static func list(
    _ service: TenantService, _ tenant: TenantConfiguration, _ types: [ContentType]
  ) async throws -> [Row] {
    let found = try await service.api.subscriptions()
    return types.map { type in
      let subscription = found.first { $0.contentType == type }
      let status = subscription.map { $0.isEnabled ? "enabled" : "disabled" } ?? "not subscribed"
      return Row(tenant: tenant.name, contentType: type.rawValue, status: status)
    }
  }

  /// Starts what is not enabled. The moment is remembered in the store, so that the service's 15
  /// minutes between two starts are kept.
  private static func start(
    _ service: TenantService, _ tenant: TenantConfiguration, _ types: [ContentType],
    _ configuration: Configuration
  ) async throws -> [Row] {
    let found = try await service.api.subscriptions()
    var rows: [Row] = []
    for type in types {
      let feed = Feed(tenant: service.tenant, contentType: type)
      var row = Row(tenant: tenant.name, contentType: type.rawValue, status: "enabled already")
      if !found.contains(where: { $0.contentType == type && $0.isEnabled }) {
        let known = try await settle(StartOrder(.lastStart, feed), configuration)
        let accepted = known.startedAt.flatMap { Timestamp($0) }
        let now = SystemWallClock().now()
        // A clock that was set back must not stop subscriptions for longer than the rule does.
        if let accepted, accepted <= now, now - accepted < Limits.subscriptionStartInterval {
          let next = accepted + Limits.subscriptionStartInterval
          row.status =
            "not started; next try at \(next.description.dropFirst(11).prefix(5)) UTC: it was "
            + "started at \(accepted), and the service takes a start every 15 minutes"
          row.isOwed = true
        } else {
          _ = try await service.api.start(type)
          _ = try await settle(StartOrder(.started, feed), configuration)
          row.status = "started"
        }
      }
      rows.append(row)
    }
    return rows
  }

  private static func stop(
    _ service: TenantService, _ tenant: TenantConfiguration, _ types: [ContentType],
    _ configuration: Configuration
  ) async throws -> [Row] {
    var rows: [Row] = []
    for type in types {
      try await service.api.stop(type)
      let feed = Feed(tenant: service.tenant, contentType: type)
      let answer = try await settle(StartOrder(.stopped, feed), configuration)
      let again = "; the collector that runs starts it again unless it is out of its configuration"
      rows.append(
        Row(
          tenant: tenant.name, contentType: type.rawValue,
          status: answer.isCollected ? "stopped" + again : "stopped"))
    }
    return rows
  }

  /// Asks, or tells, the collector that runs; the store where none does.
  private static func settle(
    _ order: StartOrder, _ configuration: Configuration
  ) async throws -> StartAnswer {
    let control = ControlClient(configuration)
    if let answer = try await control.send(
      "/subscriptions", body: order, answer: StartAnswer.self)
    {
      return answer
    }
    let folder = configuration.store.path
    // What was never collected from has nothing to forget.
    if order.matter == .stopped, !FileManager.default.fileExists(atPath: folder + "/millrace.db") {
      return StartAnswer()
    }
    let store: Store
    do throws(StoreError) { store = try Store(folder: folder) } catch {
      // Whoever holds it and is no collector does not keep anything from being stopped.
      guard error.kind == .locked, order.matter == .stopped else { throw error }
      return StartAnswer()
    }
    defer { store.close() }
    let clock = SystemWallClock()
    do throws(ControlError) {
      return try await StartDesk(store: store) { clock.now() }.settle(order)
    } catch {
      throw CommandFailure(error.description, .failed)
    }
  }

  private static func show(_ rows: [Row], asJSON: Bool) throws(CommandFailure) {
    guard asJSON else {
      let lines = StatusText.table(
        ["TENANT", "CONTENT TYPE", "STATUS"], rows.map { [$0.tenant, $0.contentType, $0.status] })
      for line in lines { try Output.line(line) }
      return
    }
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let data = try encoder.encode(rows)
      try Output.line(String(decoding: data, as: UTF8.self))
    } catch {
      throw CommandFailure("\(error)", .failed)
    }
  }

  private static func code(_ failure: ServiceFailure?) -> ExitCode {
    switch failure?.kind {
    case nil: .badConfiguration
    case .unreachable: .unavailable
    case .credentialRefused, .tokenRefused, .permissionMissing: .refused
    case .misconfigured: .badConfiguration
    default: .failed
    }
  }
}
