import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceStore

/// `audit --seal`.
extension AuditCommand {
  /// Seals the days of the span, or all that can be; false when a day that was asked for is not.
  func seal() async throws(CommandFailure) -> Bool {
    let isAskedFor = scope.span.from != nil || scope.span.to != nil
    var own: Sealer?
    var opened: Store?
    defer { opened?.close() }
    var isWell = true
    for day in try await days() {
      var answer: SealAnswer?
      if own == nil {
        answer = try await ControlClient(configuration).send(
          "/seal", body: SealRequest(day: day), answer: SealAnswer.self)
      }
      if answer == nil, own == nil {
        if let tenant = scope.unresolvedTenants.first {
          throw CommandFailure(
            "audit: nothing was sealed, as the domain of tenant \(tenant) was never resolved: "
              + "nothing of it is listed; start \"millrace run\"", .failed)
        }
        // No collector runs: the store's lock keeps one from starting meanwhile.
        let changed = try OpenedStore.change(configuration)
        opened = changed
        own = Sealer(
          store: changed, feeds: Set(scope.feeds.keys), tenantNames: scope.tenantNames,
          clock: SystemWallClock())
      }
      if let own {
        answer = try await Self.reading { () throws(StoreError) in try await own.seal(day) }
      }
      guard let answer else { break }
      tell(answer)
      if answer.seal != nil || answer.isSealed { continue }
      // What is sealed by and by waits for its time; what was asked for was not done.
      if isAskedFor || !answer.isWaiting { isWell = false }
      break
    }
    return isWell
  }

  private func tell(_ answer: SealAnswer) {
    if let seal = answer.seal {
      Output.say(
        "millrace: sealed \(answer.day): \(answer.blobs ?? 0) blobs, \(answer.records ?? 0) records, "
          + "seal \(seal)")
    } else if let obstacle = answer.obstacle {
      Output.say("millrace: \(answer.day) was not sealed: \(obstacle)")
    }
  }

  /// The days to seal, in their order: those of the span, or all from the last seal on.
  private func days() async throws(CommandFailure) -> [Day] {
    let store = store
    let (first, seals, latest) = try await Self.reading { () throws(StoreError) in
      (try await store.firstDay(), try await store.seals(), try await store.listedUntil())
    }
    guard let start = scope.span.from.map(Day.init(containing:)) ?? seals.last?.day.next ?? first,
      let end = scope.span.to ?? latest
    else {
      throw CommandFailure("audit: nothing is listed yet; \"millrace run\" begins", .failed)
    }
    var days: [Day] = []
    var day = start.start >= scope.span.from ?? start.start ? start : start.next
    while day.end <= end {
      days.append(day)
      day = day.next
    }
    if days.isEmpty, scope.span.from != nil {
      throw CommandFailure("audit: --seal needs whole days, from 00:00 to 00:00 in UTC", .badUsage)
    }
    return days
  }
}
