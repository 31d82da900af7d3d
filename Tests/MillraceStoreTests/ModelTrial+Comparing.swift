import MillraceCore
import Testing

@testable import MillraceStore

// Everything a store can be asked, against the model.

extension ModelTrial {
  func compare(with store: Store) async throws {
    try await compareLedger(with: store)
    try await compareTotals(with: store)
    try await compareSinks(with: store)
    try await compareLetters(with: store)
    try await compareEntry(with: store)
  }

  private func compareLedger(with store: Store) async throws {
    let due = noon + .seconds(50)
    for feed in feeds {
      let listed = (model.blobs[feed] ?? [:]).values.filter { $0.state == .listed }
        .sorted { $0.blob.created < $1.blob.created }
      let found = try await store.owed(feed)
      for content in found { owed[feed, default: [:]][content.blob.id] = content }
      #expect(found.map(\.blob) == listed.map(\.blob), context)
      #expect(found.map(\.attempts) == listed.map(\.attempts), context)
      let dueNow = try await store.owedContent(
        of: feed.tenant, types: [feed.contentType], now: due, limit: 5, excluding: [])
      let expected = listed.filter { $0.retryAt ?? due <= due }.prefix(5)
      #expect(dueNow.map(\.blob) == expected.map(\.blob), context)
      let retry = try await store.nextRetry(
        of: feed.tenant, types: [feed.contentType], after: due)
      #expect(retry == listed.compactMap(\.retryAt).filter { $0 > due }.min(), context)
      #expect(try await store.progress(of: feed) == model.feeds[feed] ?? FeedProgress(), context)
    }
  }

  private func compareTotals(with store: Store) async throws {
    let status = try await store.status()
    #expect(Set(status.feeds.map(\.feed)) == Set(model.feeds.keys), context)
    for line in status.feeds {
      let blobs = model.blobs[line.feed]?.values.map { $0 } ?? []
      for state in ContentState.allCases {
        #expect(line.blobs[state] == blobs.count { $0.state == state }, context)
      }
      let newest = blobs.map(\.blob.created).max()
      let owedUntil = blobs.filter { $0.state == .listed }.map(\.blob.expires).min()
      #expect(line.newestBlob == newest && line.owedUntil == owedUntil, context)
      #expect(line.progress == model.feeds[line.feed], context)
      let decided = model.log.filter { $0.feed == line.feed && $0.onlySink == nil }
        .compactMap(\.decisions)
      #expect(line.records == decided.reduce(0) { $0 + $1.recordCount }, context)
      #expect(line.events == decided.reduce(0) { $0 + $1.eventCount }, context)
      #expect(line.repeats == decided.reduce(0) { $0 + $1.repeatCount }, context)
      #expect(line.changedRepeats == decided.reduce(0) { $0 + $1.changedCount }, context)
    }
    let held = model.log.filter { $0.dropped == nil }
    #expect(status.bodies == model.log.count && status.heldBodies == held.count, context)
    #expect(status.bodyBytes == model.log.reduce(0) { $0 + $1.bytes.count }, context)
    #expect(
      status.heldBytes == held.reduce(0) { $0 + PackedBody(PaddedBytes($1.bytes)).storedBytes },
      context)
    #expect(
      status.droppedBodies == model.log.count { [.full, .damaged].contains($0.dropped) }, context)
    #expect(status.unindexedBodies == model.log.count { $0.decisions == nil }, context)
    #expect(status.records == status.feeds.reduce(0) { $0 + $1.records }, context)
    #expect(try await store.totalsMismatches() == [], context)
    #expect(
      try await store.logExtent()
        == LogExtent(last: model.last, firstUnindexed: model.firstUnindexed), context)
  }

  private func compareSinks(with store: Store) async throws {
    let status = try await store.status()
    #expect(status.sinks.map(\.name) == model.sinks.keys.sorted(), context)
    for line in status.sinks {
      let sink = try #require(model.sinks[line.name])
      #expect(line.position == sink.position, context)
      #expect(line.deliveredEvents == sink.delivered, context)
      #expect(line.refusedEvents == sink.refused, context)
      let files = try await store.files(of: line.name)
      #expect(files == sink.files.values.sorted { $0.path < $1.path }, context)
    }
    #expect(try await store.sinkPositions() == model.sinks.mapValues(\.position), context)
    let running = model.replays.indices.filter { model.replays[$0].state == .running }
    #expect(status.replays.map(\.id) == running.map { Int64($0 + 1) }, context)
    guard !model.replays.isEmpty else { return }
    let place = random(model.replays.count)
    let job = try #require(try await store.replay(Int64(place + 1)))
    let replay = model.replays[place]
    #expect(job.state == replay.state && job.position == replay.position, context)
    #expect(job.deliveredEvents == replay.delivered && job.end == replay.end, context)
  }

  private func compareLetters(with store: Store) async throws {
    let open = try await store.openDeadLetters(limit: 10_000)
    let expected = model.letters.indices.filter { model.letters[$0].closing == nil }
    #expect(open.map(\.id) == expected.map { Int64($0 + 1) }, context)
    #expect(try await store.status().deadLetters == expected.count, context)
    #expect(try await store.lastDeadLetter() == Int64(model.letters.count), context)
    guard !model.letters.isEmpty else { return }
    let place = random(model.letters.count)
    let letter = model.letters[place]
    let found = try #require(try await store.deadLetter(Int64(place + 1)))
    #expect(found.kind == letter.kind && found.sequence == letter.sequence, context)
    #expect(found.record == letter.record && found.sink == letter.sink, context)
    #expect(found.reason == letter.reason && found.attempts == letter.attempts, context)
    #expect(found.closing == letter.closing, context)
    #expect(try await store.deadLetterBytes(Int64(place + 1)) == letter.bytes, context)
  }

  /// One entry, and the link of the chain it ends.
  private func compareEntry(with store: Store) async throws {
    guard model.last > 0 else { return }
    let place = random(model.log.count)
    let expected = model.log[place]
    let stored = try #require(try await store.storedEntry(Int64(place + 1)))
    #expect(stored.head.blob == model.blobs[expected.feed]?[expected.id]?.blob, context)
    #expect(stored.head.part == expected.part && stored.head.partCount == expected.partCount)
    #expect(stored.head.attempt == expected.attempt && stored.head.onlySink == expected.onlySink)
    #expect(stored.head.fetchedAt == expected.fetchedAt, context)
    #expect(stored.head.decisions == expected.decisions, context)
    #expect(stored.head.dropped == expected.dropped, context)
    let body = try stored.unpack()?.body.bytes
    #expect(body == (expected.dropped == nil ? expected.bytes : nil), context)
  }
}
