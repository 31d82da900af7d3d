import Glibc
import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceStore

/// How commands come to a store.
enum OpenedStore {
  /// The store, for looking only: works beside a running collector.
  static func inspect(_ configuration: Configuration) throws(CommandFailure) -> Store {
    try expect(configuration)
    return try open(configuration.store.path, .inspect)
  }

  /// The store, for changing it while no collector runs.
  static func change(_ configuration: Configuration) throws(CommandFailure) -> Store {
    try expect(configuration)
    return try open(configuration.store.path, .collect)
  }

  private static func open(
    _ folder: String, _ access: Store.Access
  ) throws(CommandFailure) -> Store {
    do throws(StoreError) { return try Store(folder: folder, access: access) } catch {
      throw CommandFailure(error.description, .failed)
    }
  }

  /// Before the first run there is no database, or an empty one if that run was killed as it began.
  static func expect(_ configuration: Configuration) throws(CommandFailure) {
    let folder = configuration.store.path
    var status = stat()
    if stat(folder + "/millrace.db", &status) == 0 ? status.st_size == 0 : errno == ENOENT {
      throw CommandFailure(
        "the store \(folder) holds nothing yet; \"millrace run\" fills it", .failed)
    }
  }

  /// Asks the store; what goes wrong ends the command.
  static func ask<Answer>(
    _ body: () async throws(StoreError) -> Answer
  ) async throws(CommandFailure) -> Answer {
    do throws(StoreError) { return try await body() } catch {
      throw CommandFailure(error.description, .failed)
    }
  }

  /// The configuration with the GUIDs behind domains, as far as a collector has found them out. A
  /// store that cannot be read adds none: what ails it, whoever opens it next will say.
  static func resolved(_ configuration: Configuration) async -> Configuration {
    guard configuration.tenants.contains(where: { $0.id == nil }) else { return configuration }
    do throws(StoreError) {
      let store = try Store(folder: configuration.store.path, access: .inspect)
      defer { store.close() }
      return try await configuration.resolved(by: store)
    } catch {
      return configuration
    }
  }

  /// The configured names of tenants whose GUID is known.
  static func tenantNames(_ configuration: Configuration) -> [TenantID: String] {
    Dictionary(
      configuration.tenants.compactMap { tenant in tenant.id.map { ($0, tenant.name) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// The feeds that are configured. Where a tenant is configured by a domain that no collector has
  /// resolved yet, feeds of tenants that no GUID names are taken for its own.
  static func feeds(_ configuration: Configuration, known: [Feed]) -> Set<Feed> {
    var feeds: Set<Feed> = []
    let named = Set(configuration.tenants.compactMap(\.id))
    for tenant in configuration.tenants {
      if let id = tenant.id {
        for type in tenant.contentTypes { feeds.insert(Feed(tenant: id, contentType: type)) }
      } else {
        feeds.formUnion(
          known.filter {
            !named.contains($0.tenant) && tenant.contentTypes.contains($0.contentType)
          })
      }
    }
    return feeds
  }

  /// The tenant that a word of the command line means: a configured name or domain, or any GUID.
  static func tenant(
    _ word: String, in configuration: Configuration
  ) throws(CommandFailure) -> TenantID {
    if let id = TenantID(word) { return id }
    if let tenant = configured(word, in: configuration) { return try id(of: tenant) }
    let known = configuration.tenants.map(\.name).joined(separator: ", ")
    throw CommandFailure(
      "no tenant \(word) in the configuration; give one of \(known), or a GUID", .badUsage)
  }

  /// The configured tenant of a name, or of the GUID or domain it is configured by.
  static func configured(_ word: String, in configuration: Configuration) -> TenantConfiguration? {
    let lowered = word.lowercased()
    return configuration.tenants.first { $0.name == word }
      ?? configuration.tenants.first { $0.name.lowercased() == lowered || $0.identifier == lowered }
  }

  /// The GUID of a configured tenant.
  static func id(of tenant: TenantConfiguration) throws(CommandFailure) -> TenantID {
    if let id = tenant.id { return id }
    throw CommandFailure(
      "tenant \(tenant.name) is configured by its domain, which \"millrace run\" resolves and has "
        + "not yet; give its GUID", .badUsage)
  }
}
