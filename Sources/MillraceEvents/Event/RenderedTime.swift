import MillraceCore

/// The text of a time that many records share, as those of one blob do.
struct RenderedTime: ~Copyable {
  private var buffer = ByteBuffer(capacity: 64)
  private var time: Timestamp?

  /// The time as events have it; good until another time is asked for.
  mutating func text(of wanted: Timestamp) -> ByteView {
    if time != wanted {
      buffer.removeAll()
      buffer.append(time: wanted)
      time = wanted
    }
    return buffer.view
  }
}
