import MillraceCore

/// Gives the records of one tenant, feed by feed.
protocol RecordSource: Sendable {
  /// How many records a feed has.
  func count(of type: ContentType) -> Int

  /// Appends record `index` of a feed, as a blob created at `created` holds it.
  func append(
    _ index: Int, of type: ContentType, created: Timestamp, to bytes: inout [UInt8]
  ) throws(SimulatorError)
}
