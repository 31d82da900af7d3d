import MillraceCore
import MillraceHTTP
import MillraceRuntime
import Synchronization

/// The listing of content (Activity API reference, "List available content").
final class ListingEndpoint: Sendable {
  let dice: FaultDice
  let clock: any WallClock
  let pageSize: Int
  /// How much of the content is listed, 0 to 1.
  let shown = Mutex(1.0)

  init(dice: FaultDice, clock: any WallClock, pageSize: Int) {
    self.dice = dice
    self.clock = clock
    self.pageSize = pageSize
  }

  /// Where the tenant's own and the foreign origin are.
  struct Origins: Sendable {
    let own: String
    let foreign: String
  }

  /// What a listing asks for.
  private struct Window {
    let type: ContentType
    /// The content type in the client's spelling, which is echoed.
    let typeAsSent: String
    let start: Timestamp
    let end: Timestamp
    var offset = 0
    /// Whether the empty page in front of this one has been served.
    var isAfterEmptyPage = false
  }

  private struct Refusal: Error {
    let answer: ServerResponse
  }

  func answer(
    _ call: SimulatedCall, type: ContentType, tenant: SimulatedTenant, requestCount: Int,
    origins: Origins
  ) -> ServerResponse {
    do throws(Refusal) {
      let window = try window(call.request, type: type, tenant: tenant)
      return page(
        window, tenant: tenant, showsLate: requestCount >= dice.plan.lateAfterRequests,
        origins: origins)
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
    let width = window.end - window.start
    guard width > .zero, start == nil || width < .seconds(86_400),
      now - window.start <= .seconds(7 * 86_400)
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

  private func page(
    _ window: Window, tenant: SimulatedTenant, showsLate: Bool, origins: Origins
  ) -> ServerResponse {
    var all = tenant.feeds[window.type] ?? []
    let shown = shown.withLock { $0 }
    if shown < 1 { all.removeAll { $0.appearance >= shown } }
    if !showsLate && dice.plan.has(.lateBlobs) { all.removeAll(where: \.isLate) }
    let lower = all.partitioningIndex { $0.created >= window.start }
    let upper = all.partitioningIndex { $0.created >= window.end }
    let listed = all[lower..<max(lower, upper)]
    let size = dice.plan.has(.smallPages) ? 2 : pageSize
    var next = window
    var blobs: [SimulatedBlob] = []
    let seed = checksum(window, tenant: tenant)
    if dice.plan.has(.emptyPages), !window.isAfterEmptyPage,
      window.offset == 0 || seed & 1 == 0
    {
      next.isAfterEmptyPage = true
    } else {
      let rest = listed.dropFirst(window.offset)
      blobs = Array(rest.prefix(size))
      next.offset += blobs.count
      next.isAfterEmptyPage = false
      if dice.plan.has(.repeatedListings) {
        blobs = withRepeats(blobs, listed: listed, all: all, seed: seed)
      }
    }
    let isLast = !next.isAfterEmptyPage && next.offset >= listed.count
    var answer = Answers.json(
      "["
        + blobs.map { object($0, window: window, tenant: tenant, origins: origins) }
        .joined(separator: ",") + "]")
    if dice.once(.foreignNextPage, tenant.id.description + window.type.rawValue) {
      answer.headers.append(
        nextPage(next, tenant: tenant, origin: origins.foreign, seed: seed))
    } else if !isLast {
      answer.headers.append(nextPage(next, tenant: tenant, origin: origins.own, seed: seed))
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

  private func object(
    _ blob: SimulatedBlob, window: Window, tenant: SimulatedTenant, origins: Origins
  ) -> String {
    let origin = blob.fate == .foreign ? origins.foreign : origins.own
    return #"{"contentUri":"\#(origin)/api/v1.0/\#(tenant.id)/activity/feed/audit/"#
      + #"\#(blob.contentID)","contentId":"\#(blob.contentID)","#
      + #""contentType":\#(Answers.quoted(window.typeAsSent)),"#
      + #""contentCreated":"\#(blob.created)","contentExpiration":"\#(blob.expires)"}"#
  }

  /// The link to the next page in the dress it was seen in: lower-case names in another order,
  /// seven digits of fraction, a raw dollar sign, no PublisherIdentifier, now and then another
  /// spelling of the header and of the version.
  private func nextPage(
    _ window: Window, tenant: SimulatedTenant, origin: String, seed: UInt64
  ) -> (name: String, value: String) {
    let time = { (time: Timestamp) in time.description.dropLast() + "0000Z" }
    let name = ["NextPageUri", "nextpageuri", "NEXTPAGEURI"][Int(seed >> 8) % 3]
    let version = seed >> 16 & 1 == 0 ? "v1.0" : "v1"
    return (
      name,
      "\(origin)/api/\(version)/\(tenant.id)/activity/feed/subscriptions/content"
        + "?contenttype=\(window.type.rawValue)&endtime=\(time(window.end))"
        + "&starttime=\(time(window.start))&nextpage=\(token(window, tenant: tenant))"
    )
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
