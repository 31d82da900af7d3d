import MillraceCore
import MillraceRuntime
import MillraceStore

/// What a run that gave up still owes: a line for each cause, as what many have in common is read
/// once and skipped twenty times.
extension OnceWatch {
  /// How many owed blobs are looked at for their reasons, and how many reasons are told.
  private static let blobsMost = 1000
  private static let reasonsMost = 20

  /// The outcome of a run that ends with something owed.
  func owing() async -> RunOutcome {
    var outcome = RunOutcome(ending: .owed)
    let problems = activity.problems
    let trouble = problems["store"]?.message
    if let trouble { outcome.owed.append(trouble) }
    if let full = problems[Housekeeper.subject] { outcome.owed.append(full.message) }
    for context in contexts { oweListings(of: context, problems, &outcome) }
    do throws(StoreError) {
      try await oweBlobs(&outcome)
      let last = try await store.logExtent().last
      let positions = try await store.sinkPositions()
      for name in sinks {
        let pending = last + 1 - (positions[name] ?? .start).sequence
        guard pending > 0 else { continue }
        let own = problems[Deliverer.readingSubject(name)] ?? problems["sink \(name)"]
        let reason = own?.message ?? waiting(trouble, else: "not finished")
        outcome.owed.append("sink \(name): \(pending) blobs not delivered: \(reason)")
      }
    } catch {
      outcome.owed.append(error.description)
    }
    return outcome
  }

  /// What is said of something that has no trouble of its own.
  private func waiting(_ trouble: String?, else reason: String) -> String {
    trouble == nil ? reason : "waits for the store"
  }

  private func oweListings(
    of context: TenantContext, _ problems: [String: Activity.Problem], _ outcome: inout RunOutcome
  ) {
    var causes: [(message: String, types: [ContentType])] = []
    for type in context.types where !listed.contains(context.feed(type)) {
      let problem = problem(of: type, of: context, among: problems)
      if let kind = problem?.kind { outcome.kinds.insert(kind) }
      let message =
        problem?.message ?? waiting(problems["store"]?.message, else: "no answer yet")
      if let known = causes.firstIndex(where: { $0.message == message }) {
        causes[known].types.append(type)
      } else {
        causes.append((message, [type]))
      }
    }
    for type in context.types {
      guard let problem = problems[context.unreadable(type)] else { continue }
      outcome.owed.append("\(context.subject(type)): not listed completely: \(problem.message)")
    }
    for (message, types) in causes {
      let names = types.map(\.rawValue).joined(separator: ", ")
      outcome.owed.append(
        types.count == 1
          ? "\(context.subject(types[0])): not listed: \(message)"
          : "\(context.name): \(types.count) feeds not listed (\(names)): \(message)")
    }
  }

  private func oweBlobs(_ outcome: inout RunOutcome) async throws(StoreError) {
    var causes: [(first: LostContent, count: Int)] = []
    for content in try await store.owedReasons(limit: Self.blobsMost, of: feeds) {
      if let known = causes.firstIndex(where: { $0.first.reason == content.reason }) {
        causes[known].count += 1
      } else {
        causes.append((content, 1))
      }
    }
    for (first, count) in causes.prefix(Self.reasonsMost) {
      let blob = "blob \(first.id) of \(first.feed.contentType)"
      outcome.owed.append(
        count == 1
          ? "\(blob): \(first.reason)"
          : "\(count) blobs not fetched, \(blob) the first: \(first.reason)")
    }
    let configured = feeds
    let all = try await store.owedCounts().reduce(0) { sum, feed in
      configured.contains(feed.key) ? sum + feed.value : sum
    }
    let told = causes.prefix(Self.reasonsMost).reduce(0) { $0 + $1.count }
    if all > told { outcome.owed.append("\(all - told) more blobs not fetched") }
  }
}
