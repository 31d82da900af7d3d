import MillraceCore

/// One event of a test: a line, and what its path is made from.
struct TestEvent {
  var line: String
  var tenant = "contoso"
  var contentType = ContentType.exchange
  var time = "2026-03-04T08:15:30Z"
}

/// A batch of events, in order.
func batch(_ events: [TestEvent]) -> EventBatch {
  var batch = EventBatch()
  for (index, event) in events.enumerated() {
    let start = batch.bytes.count
    batch.bytes += Array((event.line + "\n").utf8)
    let feed = Feed(
      tenant: TenantID("41463f53-8812-40f4-890f-865bf6e35190")!, contentType: event.contentType)
    let origin = batch.index(of: EventOrigin(feed: feed, tenantName: event.tenant))
    batch.lines.append(
      EventBatch.Line(
        range: start..<batch.bytes.count, origin: origin, time: Timestamp(event.time)!,
        position: LogPosition(sequence: 1, record: index)))
  }
  return batch
}

/// A batch of plain lines of one origin and time.
func batch(_ lines: String...) -> EventBatch {
  batch(lines.map { TestEvent(line: $0) })
}
