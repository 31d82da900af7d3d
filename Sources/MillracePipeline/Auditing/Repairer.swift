package import MillraceCore
package import MillraceRuntime
import MillraceSinks
package import MillraceStore

/// Takes damaged bodies out of the log and has them fetched again. Looks at each body itself first:
/// what someone else found is a hint, never a reason.
package struct Repairer: Sendable {
  private let store: Store
  /// The configured sinks.
  private let sinks: [String]
  /// The configured feeds.
  private let feeds: Set<Feed>
  private let tenantNames: [TenantID: String]
  private let clock: any WallClock
  private let workers = WorkerPool(width: 1)

  /// A repairer of `store`, which must be open for writing.
  package init(
    store: Store, sinks: [String], feeds: Set<Feed>, tenantNames: [TenantID: String],
    clock: any WallClock
  ) {
    self.store = store
    self.sinks = sinks
    self.feeds = feeds
    self.tenantNames = tenantNames
    self.clock = clock
  }

  /// Repairs what is asked for.
  package func repair(_ request: RepairRequest) async throws(StoreError) -> RepairAnswer {
    var answer = RepairAnswer(repairs: [])
    for sequence in request.sequences {
      guard let damage = try await damage(of: sequence) else {
        answer.repairs.append(VerifyReport.Repair(sequence: sequence, outcome: "whole"))
        continue
      }
      let outcome = try await store.repairBody(
        sequence, damage: damage, sinks: sinks, feeds: feeds, at: clock.now())
      guard let outcome else { continue }
      answer.repairs.append(
        VerifyReport.Repair(
          sequence: sequence, outcome: outcome.repaired.word,
          tenant: tenantNames[outcome.feed.tenant] ?? outcome.feed.tenant.description,
          contentType: outcome.feed.contentType.rawValue, contentId: outcome.content.description,
          events: outcome.events, reason: outcome.obstacle))
    }
    if !request.leftovers.isEmpty {
      try await store.removeLeftoverBodies(request.leftovers)
    }
    if request.totals { try await store.recountTotals() }
    return answer
  }

  /// What is wrong with a body; nil when nothing is, or it is not there any more.
  private func damage(of sequence: Int64) async throws(StoreError) -> String? {
    let stored: StoredEntry?
    do throws(StoreError) {
      stored = try await store.storedEntry(sequence)
    } catch {
      guard error.kind == .damaged else { throw error }
      return error.message
    }
    guard let body = stored?.body else { return nil }
    let condition = await workers.run { body.examine() }
    switch condition {
    case .missing: return "its bytes are gone"
    case .damaged(let message, _): return message
    case .whole, nil: return nil
    }
  }
}

/// What is to be repaired.
package struct RepairRequest: Codable, Sendable {
  /// Entries whose bodies are damaged.
  package var sequences: [Int64]
  /// Numbers of the log that have rows of a body and should have none.
  package var leftovers: [Int64]
  /// Whether totals are counted anew.
  package var totals: Bool

  /// A request; an empty one repairs nothing.
  package init(sequences: [Int64] = [], leftovers: [Int64] = [], totals: Bool = false) {
    self.sequences = sequences
    self.leftovers = leftovers
    self.totals = totals
  }
}

/// What was repaired.
package struct RepairAnswer: Codable, Sendable {
  /// What became of each body; one that was dropped meanwhile is absent.
  package var repairs: [VerifyReport.Repair]
}

extension RepairedBody {
  /// How reports call it.
  fileprivate var word: String {
    switch self {
    case .awaited, .restoring, .delivered, .lost: rawValue
    case .fetchedAnew: "fetched_anew"
    }
  }
}

extension Collector {
  /// Repairs what a verification found, beside everything else.
  func repair(_ request: RepairRequest) async throws(StoreError) -> RepairAnswer {
    let repairer = Repairer(
      store: store, sinks: deliveries.map(\.sink.name), feeds: feeds, tenantNames: tenantNames,
      clock: clock)
    let answer = try await repairer.repair(request)
    for repair in answer.repairs where repair.outcome != "whole" {
      log.warning(
        "a damaged body was taken out of the store",
        ["sequence": "\(repair.sequence)", "outcome": repair.outcome])
    }
    for context in contexts { context.owed.beat() }
    return answer
  }

  /// The configured feeds.
  var feeds: Set<Feed> {
    Set(contexts.flatMap { context in context.types.map(context.feed) })
  }
}

extension ControlRoute {
  /// `verify --repair`.
  static let repair = ControlRoute("/repair") { (request, collector) throws(ControlError) in
    let asked = try request.read(RepairRequest.self)
    do throws(StoreError) { return try await collector.repair(asked) } catch {
      throw ControlError(error)
    }
  }
}
