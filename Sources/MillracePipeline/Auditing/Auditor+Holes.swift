import MillraceCore
import MillraceStore

/// What is missing, and what can be done about it.
extension Auditor {
  // MARK: Listing

  /// Whether all of the span is listed, and whether more of it can appear. The time is the
  /// service's, as far as the feeds are listed: a local clock that is wrong changes nothing.
  func judgeListing(_ facts: AuditFacts, _ report: inout AuditReport) {
    if scope.span.tenant == nil {
      for name in scope.unresolvedTenants { report.add(Auditor.unresolved(name)) }
    }
    let known = Dictionary(
      facts.feeds.map { ($0.feed, $0) }, uniquingKeysWith: { first, _ in first })
    let latest = scope.feeds.keys.compactMap { known[$0]?.listedUntil }.max()
    let end = scope.span.to ?? latest
    var isOpen = scope.span.to == nil
    for feed in scope.expectedFeeds {
      guard let own = known[feed], let until = own.listedUntil else {
        report.add(
          hole(
            "not_listed", feed, "never listed",
            "start \"millrace run\"; if it runs, \"millrace status\" says what keeps the feed"))
        continue
      }
      if let end, until < end + Limits.blobLifetime { isOpen = true }
      judgeBeginning(own, &report)
      judgeEnd(own, until, latest: latest ?? until, &report)
    }
    for gap in facts.gaps {
      var found = hole(
        "gap", gap.feed,
        "never listed from \(gap.from) to \(gap.to): it left the service's reach first",
        "the service no longer lists it; records exported elsewhere can be imported: \"millrace "
          + "import\"")
      (found.from, found.to) = (gap.from.description, gap.to.description)
      report.add(found)
    }
    report.listedUntil =
      scope.expectedFeeds.compactMap { known[$0]?.listedUntil }.min()?.description
    if isOpen, let end {
      report.openUntil = (end + Limits.blobLifetime).description
      if report.verdict == .complete { report.verdict = .open }
    }
  }

  private static func unresolved(_ tenant: String) -> AuditReport.Hole {
    AuditReport.Hole(
      kind: "not_resolved", tenant: tenant,
      message: "its domain was never resolved to a GUID, so that none of its feeds was ever listed",
      remedy: "start \"millrace run\", which asks the service for it, or configure the GUID as id")
  }

  private func judgeBeginning(_ feed: AuditFacts.KnownFeed, _ report: inout AuditReport) {
    guard let from = scope.span.from, let began = feed.listedFrom, from < began else { return }
    let end = min(began, scope.span.to ?? began)
    var found = hole(
      "not_listed", feed.feed,
      "never listed from \(from) to \(end): its first listing began at \(began)",
      "the service lists seven days and no more; records exported elsewhere can be imported: "
        + "\"millrace import\"")
    (found.from, found.to) = (from.description, end.description)
    report.add(found)
  }

  private func judgeEnd(
    _ feed: AuditFacts.KnownFeed, _ until: Timestamp, latest: Timestamp,
    _ report: inout AuditReport
  ) {
    let allowance = Limits.auditLagMax + (scope.feeds[feed.feed] ?? .zero) * 2
    if let from = scope.span.from, until <= from {
      // Nothing of it is listed: it may lie ahead, or collecting may have stopped.
      var found = hole(
        "not_listed", feed.feed, "not listed yet: listed until \(until)",
        "start \"millrace run\"; if it runs, \"millrace status\" says what keeps the feed")
      found.from = until.description
      report.add(found)
    } else if until < (scope.span.to ?? .distantFuture), until < latest - allowance {
      var found = hole(
        "lagging", feed.feed, "listed until \(until), other feeds until \(latest)",
        "\"millrace status\" says what keeps it; what is not listed within seven days is lost")
      (found.from, found.to) = (until.description, latest.description)
      report.add(found)
    }
  }

  // MARK: Blobs

  func described(_ hole: AuditHole) -> AuditReport.Hole {
    let blobs = hole.blobs == 1 ? "blob \(hole.example)" : "\(hole.blobs) blobs"
    let first = hole.blobs == 1 ? "" : ", \(hole.example) the first"
    let reason = hole.reason ?? "not tried yet"
    var found: AuditReport.Hole
    switch (hole.dropped, hole.state) {
    case (.full?, _):
      found = self.hole(
        "dropped", hole.feed,
        "\(blobs) with \(hole.events) events dropped before every sink had them, as the store was "
          + "full\(first)",
        "raise store.max_size, or set when_full: pause; records exported elsewhere can be imported")
    case (_?, _):
      found = self.hole(
        "dropped", hole.feed,
        "\(blobs) with \(hole.events) events damaged in the store before every sink had them\(first)",
        "they cannot be had again from the service; records exported elsewhere can be imported")
    case (nil, .listed):
      found = self.hole(
        "owed", hole.feed,
        "\(blobs) not fetched yet\(first): \(reason); the first expires at \(hole.expires)",
        scope.feeds[hole.feed] == nil
          ? "its feed is not configured any more, and nobody fetches it"
          : "\"millrace run\" fetches them; if it runs, \"millrace status\" says what keeps it")
      found.expires = hole.expires.description
    case (nil, .expired):
      found = self.hole(
        "expired", hole.feed, "\(blobs) expired\(first): \(reason)",
        "the service no longer has them; records exported elsewhere can be imported")
    case (nil, _):
      found = self.hole(
        "dead", hole.feed, "\(blobs) given up\(first): \(reason)",
        "the reason says why; records exported elsewhere can be imported")
    }
    found.contentId = hole.example.description
    found.blobs = hole.blobs
    if hole.dropped != nil { found.events = hole.events }
    return found
  }

  // MARK: Processing

  /// What is in the log and not where it should be.
  func judgeProcessing(_ facts: AuditFacts, _ report: inout AuditReport) {
    let undecided = report.total.undecided + (report.imported?.undecided ?? 0)
    if undecided > 0 {
      report.add(
        AuditReport.Hole(
          kind: "undecided", blobs: undecided, message: "\(undecided) blobs are not parsed yet",
          remedy: "\"millrace run\" does it; if it runs, \"millrace status\" says what keeps it"))
    }
    for letters in facts.letters where letters.kind == "blob" {
      var found = hole(
        "dead_blobs", letters.feed, "\(letters.count) blobs could not be parsed to their end",
        "\"millrace dead-letters list\" shows them; \"retry\" tries again")
      found.blobs = letters.count
      report.add(found)
    }
    let known = Set(facts.sinks.map(\.name))
    for name in scope.sinks where !known.contains(name) {
      report.add(
        AuditReport.Hole(
          kind: "sink_unknown", sink: name, message: "sink \(name) has not begun",
          remedy: "it begins with the next start of \"millrace run\""))
    }
    for sink in facts.sinks where scope.sinks.contains(sink.name) {
      let own = [report.total, report.imported].compactMap { counts in
        counts?.sinks.first { $0.name == sink.name }
      }
      let blobs = own.reduce(0) { $0 + $1.behindBlobs }
      guard blobs > 0 else { continue }
      let events = own.reduce(0) { $0 + $1.behindEvents }
      report.add(
        AuditReport.Hole(
          kind: "sink_behind", sink: sink.name, blobs: blobs, events: events,
          message: "sink \(sink.name) has yet to get \(blobs) blobs with \(events) events",
          remedy:
            "\"millrace run\" delivers them; if it runs, \"millrace status\" says what keeps it"
        ))
    }
  }

  private func hole(
    _ kind: String, _ feed: Feed, _ message: String, _ remedy: String
  ) -> AuditReport.Hole {
    AuditReport.Hole(
      kind: kind, tenant: scope.name(feed.tenant), contentType: feed.contentType.rawValue,
      message: message, remedy: remedy)
  }
}

extension Timestamp {
  /// Later than all that is listed.
  fileprivate static let distantFuture = Timestamp(milliseconds: .max)
}
