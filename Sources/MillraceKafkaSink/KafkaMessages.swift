#if Kafka
import MillraceCore

/// One event as Kafka sees it.
struct KafkaMessage {
  let topic: String
  /// Empty for none.
  let key: ArraySlice<UInt8>
  let value: ArraySlice<UInt8>
  let headers: [(name: String, value: ArraySlice<UInt8>)]
}

/// The messages of a batch, each made when it is asked for.
struct KafkaMessages {
  /// What the events of one origin have in common.
  private struct Common {
    let topic: String
    let tenantID: ArraySlice<UInt8>
    let headers: [(name: String, value: ArraySlice<UInt8>)]
  }

  private let batch: EventBatch
  private let key: KafkaOptions.Key
  private let commons: [Common]

  init(_ batch: EventBatch, _ options: KafkaOptions) {
    self.batch = batch
    key = options.key
    commons = batch.origins.map { origin in
      let tenantID = Array(origin.feed.tenant.description.utf8)[...]
      return Common(
        topic: options.topic.name(for: origin), tenantID: tenantID,
        headers: [
          ("tenant", Array(origin.tenantName.utf8)[...]), ("tenant_id", tenantID),
          ("content_type", Array(origin.feed.contentType.rawValue.utf8)[...]),
          ("format", Array(options.format.utf8)[...]),
        ])
    }
  }

  var count: Int { batch.lines.count }

  /// The topic of an event, without making its message.
  func topic(of index: Int) -> String { commons[batch.lines[index].origin].topic }

  subscript(index: Int) -> KafkaMessage {
    let line = batch.lines[index]
    let common = commons[line.origin]
    let key: ArraySlice<UInt8> =
      switch key {
      case .none: []
      case .tenant: common.tenantID
      case .user: batch.fact(.user, of: line)
      }
    let id = batch.fact(.id, of: line)
    return KafkaMessage(
      topic: common.topic, key: key,
      // A message has an end of its own: the line feed is left out.
      value: batch.bytes[line.range.dropLast()],
      headers: id.isEmpty ? common.headers : [("id", id)] + common.headers)
  }
}
#endif
