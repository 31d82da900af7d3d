package import MillraceCore
package import MillraceEvents
package import MillraceRuntime
import Synchronization

/// What says where addresses are: the operator's databases, and lists of ranges.
package struct LocationSources: Sendable {
  /// The path of a City or Country database.
  package var city: String?
  /// The path of an ASN or ISP database.
  package var network: String?
  /// The path of an Anonymous-IP database.
  package var anonymity: String?
  /// Where the operator's own people come out of.
  package var proxies: [AddressRange] = []
  /// Addresses of the service itself, beside those it announces.
  package var serviceRanges: [AddressRange] = []

  /// Nothing says anything.
  package init() {}
}

/// Finds places in databases that are read again when they are replaced. One that is missing or
/// damaged is told once and costs no event.
package final class PlaceDatabases: PlaceFinder {
  /// Systems that Microsoft announces.
  private static let serviceSystems: Set<Int> = [8068, 8069, 8075, 12076]

  private let sources: LocationSources
  private let clock: any WallClock
  private let log: Log
  private let state: Mutex<State>

  private struct State {
    var city: WatchedDatabase
    var network: WatchedDatabase
    var anonymity: WatchedDatabase
    var checkedAt: ContinuousClock.Instant?
    /// The latest answers, and those before them: the older half goes when the newer is full.
    var recent: [AddressBits: EventPlace?] = [:]
    var older: [AddressBits: EventPlace?] = [:]
  }

  /// Opens what is there. Blocks while doing so.
  package init(_ sources: LocationSources, log: Log, clock: any WallClock = SystemWallClock()) {
    self.sources = sources
    self.log = log
    self.clock = clock
    state = Mutex(
      State(
        city: WatchedDatabase(sources.city), network: WatchedDatabase(sources.network),
        anonymity: WatchedDatabase(sources.anonymity)))
    refresh()
  }

  /// Whether a file can be used. Blocks while opening it.
  ///
  /// - Throws: `LocationError`: what is wrong with it.
  package static func check(_ path: String) throws(LocationError) {
    _ = try AddressDatabase(path: path)
  }

  /// What is known of an address; asked again and again, from any thread.
  package func place(of address: AddressBits, isPublic: Bool) -> EventPlace? {
    let now = ContinuousClock.now
    let known: EventPlace?? = state.withLock { state in
      guard let checked = state.checkedAt, now - checked < Limits.locationCheckInterval
      else { return nil }
      if let place = state.recent[address] { return place }
      guard let place = state.older[address] else { return nil }
      PlaceDatabases.keep(place, of: address, &state)
      return place
    }
    if let known { return known }
    refresh()
    let (databases, seen) = state.withLock { state in
      ((state.city.database, state.network.database, state.anonymity.database), state.checkedAt)
    }
    let facts = find(address, isPublic, databases)
    let place = facts == PlaceFacts() ? nil : EventPlace(facts)
    state.withLock { state in
      // An answer of databases that were replaced meanwhile is good for this once.
      if state.checkedAt == seen { PlaceDatabases.keep(place, of: address, &state) }
    }
    return place
  }

  /// Has the files looked at again at once; for tests.
  func forgetLastLook() {
    state.withLock { $0.checkedAt = nil }
  }

  private static func keep(_ place: EventPlace?, of address: AddressBits, _ state: inout State) {
    if state.recent.count >= Limits.locationsRemembered / 2 {
      state.older = state.recent
      state.recent.removeAll(keepingCapacity: true)
    }
    state.recent[address] = .some(place)
  }

  private func find(
    _ address: AddressBits, _ isPublic: Bool,
    _ databases: (city: AddressDatabase?, network: AddressDatabase?, anonymity: AddressDatabase?)
  ) -> PlaceFacts {
    var facts = PlaceFacts()
    facts.isProxy = sources.proxies.contains { $0.contains(address) }
    facts.isService = sources.serviceRanges.contains { $0.contains(address) }
    guard isPublic else { return facts }
    if let database = databases.city, let entry = entry(address, in: database, sources.city) {
      PlaceReading.readPlace(entry, of: database.type, into: &facts)
    }
    if let database = databases.network, let entry = entry(address, in: database, sources.network) {
      PlaceReading.readNetwork(entry, of: database.type, into: &facts)
    }
    if let database = databases.anonymity,
      let entry = entry(address, in: database, sources.anonymity)
    {
      PlaceReading.readAnonymity(entry, into: &facts)
    }
    if let number = facts.asNumber, PlaceDatabases.serviceSystems.contains(number) {
      facts.isService = true
    }
    return facts
  }

  private func entry(
    _ address: AddressBits, in database: AddressDatabase, _ path: String?
  ) -> AddressEntry? {
    do throws(LocationError) {
      return try database.entry(of: address)
    } catch {
      let isFirst = state.withLock { state in
        state.city.noteDamage(of: database) || state.network.noteDamage(of: database)
          || state.anonymity.noteDamage(of: database)
      }
      if isFirst { tell(LocationError(path: path ?? "", reason: error.reason)) }
      return nil
    }
  }

  /// Opens what was replaced since the last look.
  private func refresh() {
    let now = ContinuousClock.now
    let messages = state.withLock { state -> [WatchedDatabase.News] in
      if let checked = state.checkedAt, now - checked < Limits.locationCheckInterval { return [] }
      state.checkedAt = now
      let news = [state.city.look(), state.network.look(), state.anonymity.look()]
        .compactMap(\.self)
      if !news.isEmpty {
        state.recent = [:]
        state.older = [:]
      }
      return news
    }
    for message in messages {
      switch message {
      case .failed(let error): tell(error)
      case .opened(let path, let database): tell(of: database, at: path)
      }
    }
  }

  private func tell(_ error: LocationError) {
    log.warning("a location database cannot be used", ["problem": error.description])
  }

  private func tell(of database: AddressDatabase, at path: String) {
    let days = (clock.now().milliseconds / 1000 - database.builtAt) / 86_400
    log.info(
      "location database opened", ["path": path, "type": database.type, "age_days": "\(days)"])
    if days > Limits.locationAgeDaysMax {
      log.warning(
        "a location database is old; networks move: replace it",
        ["path": path, "age_days": "\(days)"])
    }
  }
}
