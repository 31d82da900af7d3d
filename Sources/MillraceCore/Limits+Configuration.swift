extension Limits {
  /// The most constants that events may carry: they are in every one.
  package static let labelsMax = 32
  /// The longest of their texts, in bytes.
  package static let labelBytesMax = 256

  // MARK: Configuration

  /// The largest configuration file, in bytes. A thousand tenants fit several times over.
  package static let configurationBytesMax = 1 << 20
  /// The deepest nesting of a configuration; what is known reaches six.
  package static let configurationDepthMax = 32
  /// Bytes that environment variables may insert into one configuration, over all its values.
  package static let configurationInsertedBytesMax = 4 << 20
  /// Findings of one configuration that are kept; the rest is counted.
  package static let configurationIssuesMax = 100
  /// The largest file a secret is read from, in bytes.
  package static let secretBytesMax = 64 << 10
  /// The longest span any duration may name: ten years of leap days and some.
  package static let durationMax: Duration = .seconds(3660 * 86_400)
}
