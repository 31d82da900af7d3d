import MillraceCore
import MillraceHTTP
import MillraceRuntime
import Synchronization

/// The listing of content (Activity API reference, "List available content").
final class ListingEndpoint: Sendable {
  let dice: FaultDice
  let clock: any WallClock
  let pageSize: Int
  /// By how much windows may break the rules; none that is even 24 hours wide without it.
  let slack: Duration
  /// How much of the content is listed, 0 to 1.
  let shown = Mutex(1.0)

  init(dice: FaultDice, clock: any WallClock, pageSize: Int, slack: Duration) {
    self.dice = dice
    self.clock = clock
    self.pageSize = pageSize
    self.slack = slack
  }

  /// Where the tenant's own and the foreign origin are.
  struct Origins: Sendable {
    let own: String
    let foreign: String
  }

  /// What a listing asks for.
  struct Window {
    let type: ContentType
    /// The content type in the client's spelling, which is echoed.
    let typeAsSent: String
    var start: Timestamp
    let end: Timestamp
    var offset = 0
    /// Whether the empty page in front of this one has been served.
    var isAfterEmptyPage = false
  }

  private struct Refusal: Error {
    let answer: ServerResponse
  }

  func answer(
    _ call: SimulatedCall, type: ContentType, tenant: SimulatedTenant,
    subscription: SubscriptionBook.Subscription?, requestCount: Int, origins: Origins
  ) -> ServerResponse {
    do throws(Refusal) {
      let window = try window(call.request, type: type, tenant: tenant)
      let blobs = visible(
        window, tenant: tenant, subscription: subscription,
        showsLate: requestCount >= dice.plan.lateAfterRequests)
      return page(window, of: blobs, tenant: tenant, origins: origins)
    } catch {
      return error.answer
    }
  }

  // MARK: - Window

  private func window(
    _ request: ServerRequest, type: ContentType, tenant: SimulatedTenant
  ) throws(Refusal) -> Window {
    let typeAsSent = request.queryValue("contentType") ?? type.rawValue
    let start = request.queryValue("startTime")
    let end = request.queryValue("endTime")
    let now = clock.now()
    var window: Window
    switch (start, end) {
    case (nil, nil):
      window = Window(
        type: type, typeAsSent: typeAsSent, start: now - .seconds(86_400), end: now)
    case (let start?, let end?):
      window = Window(
        type: type, typeAsSent: typeAsSent, start: try time(start, "startTime"),
        end: try time(end, "endTime"))
    default:
      throw Refusal(
        answer: Answers.error(
          "AF20030",
          "Start time and end time must both be specified (or both omitted) and must be less than "
            + "or equal to 24 hours apart, with the start time no more than 7 days in the past."))
    }
    if let token = request.queryValue("nextPage") {
      guard let place = place(token, in: window, tenant: tenant) else {
        throw Refusal(answer: Answers.error("AF20031", "Invalid nextPage Input: \(token)."))
      }
      window.offset = place.offset
      window.isAfterEmptyPage = place.isAfterEmptyPage
      return window
    }
    // The documentation says at most 24 hours; windows of exactly 24 hours were seen refused.
    var width = window.end - window.start
    if width > .seconds(86_400), dice.has(.partialWindows, tenant.options, type) {
      dice.count(.partialWindows)
      width = .seconds(86_399)
      window.start = window.end - width
    }
    let isNarrow = width < .seconds(86_400) || width < .seconds(86_400) + slack
    guard width > .zero, start == nil || isNarrow,
      now - window.start <= .seconds(7 * 86_400) + slack
    else {
      throw Refusal(
        answer: Answers.error(
          "AF20055",
          "Start time and end time must both be specified (or both omitted) and must be less than "
            + "or equal to 24 hours apart, with the start time prior to end time and start time "
            + "no more than 7 days in the past. StartTime: \(start ?? ""), EndTime: \(end ?? "")"))
    }
    return window
  }

  private func time(_ text: String, _ name: String) throws(Refusal) -> Timestamp {
    let isDate = text.count == 10
    guard let time = Timestamp(text), isDate || text.contains("T") else {
      throw Refusal(
        answer: Answers.error(
          "AF20002", "Invalid parameter type: \(name). Expected type: datetime"))
    }
    return time
  }

  // MARK: - Page tokens

  private func token(_ window: Window, tenant: SimulatedTenant) -> String {
    let place = String(window.offset * 2 + (window.isAfterEmptyPage ? 1 : 0))
    let zeros = String(repeating: "0", count: 23 - place.count)
    return "\(zeros)\(place)$\(checksum(window, tenant: tenant))$na0022"
  }

  private func place(
    _ token: String, in window: Window, tenant: SimulatedTenant
  ) -> (offset: Int, isAfterEmptyPage: Bool)? {
    let parts = token.split(separator: "$")
    guard parts.count == 3, let number = Int(parts[0]), number >= 0 else { return nil }
    var window = window
    window.offset = number / 2
    window.isAfterEmptyPage = number % 2 == 1
    guard parts[1] == "\(checksum(window, tenant: tenant))" else { return nil }
    return (window.offset, window.isAfterEmptyPage)
  }

  /// Ties a page token to its window, so that any other one is refused.
  private func checksum(_ window: Window, tenant: SimulatedTenant) -> UInt64 {
    var hash = stableHash(tenant.id.description + window.type.rawValue)
    for part in [window.start.milliseconds, window.end.milliseconds, Int64(window.offset)] {
      hash = scrambled(hash, UInt64(bitPattern: part))
    }
    return scrambled(hash, window.isAfterEmptyPage ? 1 : 0)
  }

  // MARK: - Pages

  /// The blobs of a feed that can be listed now.
  private func visible(
    _ window: Window, tenant: SimulatedTenant, subscription: SubscriptionBook.Subscription?,
    showsLate: Bool
  ) -> [SimulatedBlob] {
    let now = clock.now()
    if let subscription, now < subscription.startedAt + Self.firstDelay,
      dice.has(.firstDelay, tenant.options, window.type)
    {
      return []
    }
    var all = tenant.feeds[window.type] ?? []
    let shown = shown.withLock { $0 }
    if shown < 1 { all.removeAll { $0.appearance >= shown } }
    if !showsLate && dice.plan.has(.lateBlobs) { all.removeAll(where: \.isLate) }
    if let last = all.last, last.created > now { all.removeAll { $0.created > now } }
    if let lost = subscription?.lost, !lost.isEmpty {
      all.removeAll { blob in lost.contains { $0.contains(blob.created) } }
    }
    return all
  }

  /// How long a new subscription may take to show its first content.
  static let firstDelay: Duration = .seconds(12 * 3600)

  private func page(
    _ window: Window, of all: [SimulatedBlob], tenant: SimulatedTenant, origins: Origins
  ) -> ServerResponse {
    let has = { (fault: SimulatedFault) in self.dice.has(fault, tenant.options, window.type) }
    let lower = all.partitioningIndex { $0.created >= window.start }
    let upper = all.partitioningIndex { $0.created >= window.end }
    let listed = all[lower..<max(lower, upper)]
    let size = has(.smallPages) ? 2 : pageSize
    var next = window
    var blobs: [SimulatedBlob] = []
    let seed = checksum(window, tenant: tenant)
    if has(.emptyPages), !window.isAfterEmptyPage, window.offset == 0 || seed & 1 == 0 {
      next.isAfterEmptyPage = true
    } else {
      let rest = listed.dropFirst(window.offset)
      blobs = Array(rest.prefix(size))
      next.offset += blobs.count
      next.isAfterEmptyPage = false
      if has(.repeatedListings) {
        blobs = withRepeats(blobs, listed: listed, all: all, seed: seed)
      }
    }
    let isLast = !next.isAfterEmptyPage && next.offset >= listed.count
    let entry = ListedEntry(
      typeAsSent: window.typeAsSent, tenant: tenant.id, origins: origins,
      isOdd: has(.oddEntries))
    var entries = blobs.map(entry.text)
    if isLast, has(.brokenEntry) { entries.append(ListedEntry.broken) }
    let text = "[" + entries.joined(separator: ",") + "]"
    let isHuge = window.end - window.start > .seconds(12 * 3600) && has(.hugePages)
    var answer = isHuge ? HugePage.answer(text) : Answers.json(text)
    let link = NextPageLink(
      tenant: tenant.id, origins: origins, seed: seed, isOdd: has(.oddNextPage))
    if dice.first(2, .loopingPages, tenant.options, window.type) {
      answer.headers.append(link.field(window, token: token(window, tenant: tenant)))
    } else if dice.first(1, .foreignNextPage, tenant.options, window.type) {
      answer.headers.append(
        link.field(next, token: token(next, tenant: tenant), leading: .elsewhere))
    } else if dice.first(1, .relativeNextPage, tenant.options, window.type) {
      answer.headers.append(
        link.field(next, token: token(next, tenant: tenant), leading: .nowhere))
    } else if !isLast {
      answer.headers.append(link.field(next, token: token(next, tenant: tenant)))
    }
    return answer
  }

  /// The page with blobs of other pages and of the window's neighbourhood, shuffled.
  private func withRepeats(
    _ page: [SimulatedBlob], listed: ArraySlice<SimulatedBlob>, all: [SimulatedBlob], seed: UInt64
  ) -> [SimulatedBlob] {
    var random = SeededGenerator(seed: seed)
    var blobs = page
    if let other = listed.randomElement(using: &random) { blobs.append(other) }
    if listed.startIndex > 0, Bool.random(using: &random) {
      blobs.append(all[listed.startIndex - 1])
    }
    if listed.endIndex < all.count, Bool.random(using: &random) {
      blobs.append(all[listed.endIndex])
    }
    return blobs.shuffled(using: &random)
  }
}

extension Array {
  /// The first index whose element fulfils a condition that all behind it fulfil as well.
  fileprivate func partitioningIndex(_ isBehind: (Element) -> Bool) -> Int {
    var lower = 0
    var upper = count
    while lower < upper {
      let middle = (lower + upper) / 2
      if isBehind(self[middle]) { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }
}
