package import MillraceCore
package import MillraceStore

/// What an audit is measured against: the configuration.
package struct AuditScope: Sendable {
  /// The span.
  package var span: AuditSpan
  /// The configured feeds, each with the time between two of its polls.
  package var feeds: [Feed: Duration]
  /// The configured sinks.
  package var sinks: [String]
  /// Names of tenants as configured.
  package var tenantNames: [TenantID: String]
  /// Names of the configured tenants of which no collector has found out the GUID: nothing in the
  /// store is known to be theirs.
  package var unresolvedTenants: [String]

  /// A scope.
  package init(
    span: AuditSpan, feeds: [Feed: Duration], sinks: [String], tenantNames: [TenantID: String],
    unresolvedTenants: [String] = []
  ) {
    self.span = span
    self.feeds = feeds
    self.sinks = sinks
    self.tenantNames = tenantNames
    self.unresolvedTenants = unresolvedTenants
  }

  func name(_ tenant: TenantID) -> String { tenantNames[tenant] ?? tenant.description }

  /// The configured feeds that are asked about.
  var expectedFeeds: [Feed] {
    feeds.keys.filter { span.tenant == nil || $0.tenant == span.tenant }.sorted()
  }
}

/// Makes the completeness ledger of a span out of what the store counted.
package struct Auditor: Sendable {
  let scope: AuditScope

  /// An audit within `scope`.
  package init(scope: AuditScope) {
    self.scope = scope
  }

  /// Audits `store`, which is only read.
  package func audit(_ store: Store, at moment: Timestamp) async throws(StoreError) -> AuditReport {
    let facts = try await store.auditFacts(scope.span)
    var report = AuditReport(time: moment.description, version: Version.number)
    report.from = scope.span.from?.description
    report.to = scope.span.to?.description
    report.tenant = scope.span.tenant.map(scope.name)
    count(facts, &report)
    judgeListing(facts, &report)
    for hole in try await store.auditHoles(scope.span, limit: Limits.auditHolesPerKind) {
      report.add(described(hole))
    }
    judgeProcessing(facts, &report)
    return report
  }

  // MARK: Counting

  private func count(_ facts: AuditFacts, _ report: inout AuditReport) {
    let known = Set(facts.feeds.map(\.feed))
    let missing = scope.expectedFeeds.filter { !known.contains($0) }.map {
      AuditFacts.KnownFeed(feed: $0)
    }
    for feed in (facts.feeds + missing).sorted(by: { $0.feed < $1.feed }) {
      guard scope.span.tenant == nil || feed.feed.tenant == scope.span.tenant else { continue }
      report.feeds.append(
        AuditReport.FeedAudit(
          tenant: scope.name(feed.feed.tenant), contentType: feed.feed.contentType.rawValue,
          configured: scope.feeds[feed.feed] != nil, listedFrom: feed.listedFrom?.description,
          listedUntil: feed.listedUntil?.description,
          counts: counts(facts) { $0 == feed.feed && $1 == .service }))
    }
    report.total = counts(facts) { $1 == .service }
    let imported = counts(facts) { $1 == .import }
    if imported.blobs > 0 { report.imported = imported }
    for letters in facts.letters {
      guard letters.origin == .service else {
        report.imported?.deadLetters += letters.count
        continue
      }
      report.total.deadLetters += letters.count
      for index in report.feeds.indices
      where report.feeds[index].tenant == scope.name(letters.feed.tenant)
        && report.feeds[index].contentType == letters.feed.contentType.rawValue
      {
        report.feeds[index].counts.deadLetters += letters.count
      }
    }
  }

  private func counts(
    _ facts: AuditFacts, _ isMeant: (Feed, ContentOrigin) -> Bool
  ) -> AuditReport.Counts {
    var counts = AuditReport.Counts()
    for blobs in facts.blobs where isMeant(blobs.feed, blobs.origin) {
      counts.blobs += blobs.count
      switch blobs.state {
      case .listed: counts.owed += blobs.count
      case .fetched: counts.fetched += blobs.count
      case .expired: counts.expired += blobs.count
      case .dead: counts.dead += blobs.count
      }
    }
    let entries = facts.entries.filter {
      isMeant($0.feed, $0.origin) && $0.dropped != .replaced
    }
    for entry in entries {
      if entry.isRetry {
        counts.retries += entry.entries
        counts.retriedEvents += entry.events
        continue
      }
      // What completes a blob is not one more, but while it is not decided the blob is not either.
      if !entry.isDecided { counts.undecided += max(entry.blobs, 1) }
      counts.records += entry.records
      counts.events += entry.events
      counts.repeats += entry.repeats
      counts.changedRepeats += entry.changedRepeats
      if entry.isUndelivered {
        counts.dropped += entry.blobs
        counts.droppedEvents += entry.events
      }
    }
    counts.sinks = facts.sinks.map { delivered(entries, to: $0, facts) }
    return counts
  }

  private func delivered(
    _ entries: [AuditFacts.Entries], to sink: AuditFacts.KnownSink, _ facts: AuditFacts
  ) -> AuditReport.SinkCounts {
    var counts = AuditReport.SinkCounts(
      name: sink.name, configured: scope.sinks.contains(sink.name))
    for entry in entries where entry.onlySink == nil || entry.onlySink == sink.name {
      // What a retry entered is not one more blob.
      let blobs = entry.isRetry ? 0 : entry.blobs
      if facts.stands(entry.stretch, before: sink.start) {
        counts.beforeStartBlobs += blobs
      } else if entry.isUndelivered {
        continue
      } else if facts.stands(entry.stretch, before: sink.next) {
        counts.deliveredBlobs += blobs
        counts.deliveredEvents += entry.events
      } else {
        counts.behindBlobs += entry.isRetry ? entry.entries : blobs
        counts.behindEvents += entry.events
      }
    }
    return counts
  }
}

extension AuditFacts.Entries {
  /// Whether some sink never got it.
  fileprivate var isUndelivered: Bool { dropped == .full || dropped == .damaged }
}
