import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSource
import MillraceStore

/// Fetching once more what was fetched young: the service has been seen to serve a blob in part
/// while it was being made. Nobody waits for this: not other blobs, which come first, nor a run
/// that ends by itself.
extension Fetcher {
  /// When a blob that is fetched now is fetched once more; nil for not at all.
  ///
  /// One in parts is none that the service is just about to fill: it is larger than thousands of
  /// records, and comparing it would take more memory than a collector may have.
  func settlingTime(of blob: ContentBlob, parts: Int) -> Timestamp? {
    let now = context.serviceNow
    guard parts == 1, now - blob.created < Limits.contentYouth else { return nil }
    return min(blob.created, now) + Limits.contentSettledAge
  }

  /// Begins to fetch once more what is due, as far as there is room; returns how many.
  func fetchAgain(
    _ types: [ContentType], room: Int, _ group: inout DiscardingTaskGroup
  ) async throws(StoreError) -> Int {
    guard room > 0, !types.isEmpty else { return 0 }
    let due = try await context.store.settlingContent(
      of: context.tenant, types: types, now: context.serviceNow, limit: room,
      excluding: inFlight.rows)
    for content in due {
      inFlight.insert(content.row)
      group.addTask {
        await fetchSettled(content)
        inFlight.remove(content.row)
        context.owed.beat()
      }
    }
    return due.count
  }

  private func fetchSettled(_ content: OwedContent) async {
    do throws(ServiceFailure) {
      guard var fetched = try await download(content.blob, of: content.row) else { return }
      let receivedAt = fetched.receivedAt
      if let file = fetched.spilled {
        guard let turn = await large.take(1) else { return }
        defer { large.give(turn) }
        guard let work = await pack(file) else { return }
        // No room for it now, or it is damaged: what was fetched first stands until there is.
        guard case .success(let huge) = work, huge.problem == nil else {
          if case .failure(let error) = work {
            context.log.warning(
              "a blob that was fetched once more could not be kept",
              naming(content, ["reason": error.description]))
          }
          return await putOff(content)
        }
        return await commitSettled(huge.parts, of: content, receivedAt: receivedAt)
      }
      let body = PaddedBytes(fetched.takeBytes())
      guard let taken = await bytes.take(max(body.count, 1)) else { return }
      defer { bytes.give(taken) }
      let work = await workers.run { (BlobScanner.scan(body).doubt, PackedBody(body)) }
      guard let (doubt, packed) = work else { return }
      // A body was had already: a worse one is not kept.
      guard doubt == nil else { return await putOff(content) }
      await commitSettled([packed], of: content, receivedAt: receivedAt)
    } catch {
      await handleSettled(error, of: content)
    }
  }

  private func commitSettled(
    _ parts: [PackedBody], of content: OwedContent, receivedAt: Timestamp
  ) async {
    do throws(StoreError) {
      let outcome = try await context.store.commitSettled(content, parts: parts, at: receivedAt)
      context.activity.note { $0.blobsSettled += 1 }
      switch outcome {
      case .same, .unasked:
        break
      case .entered(let sequence):
        context.activity.progress { $0.blobsCompleted += 1 }
        context.log.info(
          "a blob was served in part at first, and is complete now",
          naming(content, ["sequence": "\(sequence)"]))
        committed.beat()
      case .incomparable:
        context.log.warning(
          "a blob has other content now, and what was fetched of it first is gone from the store: "
            + "it is left as it was",
          naming(content))
      }
    } catch {
      await storeFailed(error)
    }
  }

  private func handleSettled(_ failure: ServiceFailure, of content: OwedContent) async {
    let consequence = await context.consequence(
      of: failure, type: content.blob.feed.contentType, attempt: content.attempts + 1,
      subscriptions: subscriptions)
    switch consequence {
    case .after: await putOff(content)
    case .expired, .buried: await giveUp(content, failure.description)
    // It stays due.
    case .afterPause, .accepted, .stop: return
    }
  }

  private func putOff(_ content: OwedContent) async {
    guard content.attempts + 1 < Limits.settlingTriesMax else {
      return await giveUp(content, "it could not be had in \(Limits.settlingTriesMax) tries")
    }
    do throws(StoreError) {
      try await context.store.postponeSettling(
        content, until: context.serviceNow + Limits.settlingRetry)
    } catch {
      await storeFailed(error)
    }
  }

  private func giveUp(_ content: OwedContent, _ reason: String) async {
    do throws(StoreError) {
      try await context.store.forgetSettling(content)
      context.log.warning(
        "a blob that was fetched young is not fetched once more: what was fetched first stands",
        naming(content, ["reason": reason]))
    } catch {
      await storeFailed(error)
    }
  }

  private func naming(
    _ content: OwedContent, _ more: KeyValuePairs<String, String> = [:]
  ) -> KeyValuePairs<String, String> {
    let more = more.first ?? ("attempts", "\(content.attempts)")
    return [
      "tenant": context.name, "content_type": "\(content.blob.feed.contentType)",
      "content_id": "\(content.blob.id)", more.key: more.value,
    ]
  }
}
