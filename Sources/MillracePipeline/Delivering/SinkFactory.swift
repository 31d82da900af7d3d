package import MillraceConfiguration
import MillraceCore
import MillraceEvents
import MillraceRuntime
import MillraceSinks

/// Makes sinks of what a configuration says of them. Each kind has a file of its own beside this.
package struct SinkFactory: Sendable {
  let places: (any PlaceFinder)?
  /// What every event carries in `labels`.
  var labels: EventLabels?
  let log: Log

  /// A sink, and what it wants of its events beyond what every sink's configuration says.
  struct Made {
    let sink: any Sink
    var header: SyslogHeader?
    var facts: EventFacts = []
    /// What the pipeline hands over at once; the configured batch, unless the sink cuts larger
    /// ones up itself.
    var batchEventsMax: Int?
    var batchBytesMax: Int?
  }

  /// Refuses what a configuration may say of a sink and this version cannot do: a setting that is
  /// accepted and ignored would lose events in silence.
  package static func checkBuilt(_ sink: SinkConfiguration) throws(SetupError) {
    switch sink.settings {
    case .file, .stdout, .syslog, .http, .splunk, .elasticsearch, .sentinel: break
    case .kafka: try checkKafka(sink)
    }
    try checkFormat(sink)
    _ = try filter(of: sink)
    _ = try selection(of: sink)
  }

  /// A sink with everything its configuration says.
  func delivery(_ sink: SinkConfiguration) throws(SetupError) -> Delivery {
    try SinkFactory.checkBuilt(sink)
    guard let format = EventFormat(rawValue: sink.format.rawValue),
      let raw = RawAttachment(rawValue: sink.raw.rawValue)
    else {
      throw SetupError("sink \(sink.name): its settings are not known to this version")
    }
    let made = try made(sink)
    return Delivery(
      sink: made.sink,
      encoding: Encoding(
        format: format, raw: raw, places: places, header: made.header,
        filter: try SinkFactory.filter(of: sink), facts: made.facts,
        pseudonyms: try SinkFactory.pseudonyms(of: sink), labels: labels),
      from: sink.from, batchEventsMax: made.batchEventsMax ?? sink.batch.events,
      batchBytesMax: made.batchBytesMax ?? sink.batch.bytes, retryFirst: sink.retry.initial,
      retryMost: sink.retry.max, giveUpAfter: sink.retry.giveUpAfter, linger: sink.batch.time)
  }

  private func made(_ sink: SinkConfiguration) throws(SetupError) -> Made {
    switch sink.settings {
    case .file(let settings): try file(sink, settings)
    case .syslog(let settings): syslog(sink, settings)
    case .stdout: stdout(sink)
    case .http(let settings): http(sink, settings)
    case .splunk(let settings): splunk(sink, settings)
    case .elasticsearch(let settings): elasticsearch(sink, settings)
    case .sentinel(let settings): try sentinel(sink, settings)
    case .kafka(let settings): try kafka(sink, settings)
    }
  }
}

extension SinkFactory {
  /// The filter of a sink; nil when it gets every event.
  ///
  /// - Throws: `SetupError` for a record type that has no such name.
  static func filter(of sink: SinkConfiguration) throws(SetupError) -> EventFilter? {
    guard !sink.filter.isEmpty else { return nil }
    func patterns(
      _ configured: [EventPatternConfiguration]
    ) throws(SetupError) -> [EventPattern] {
      var patterns: [EventPattern] = []
      for pattern in configured { patterns.append(try EventPattern(pattern)) }
      return patterns
    }
    return EventFilter(
      include: try patterns(sink.filter.include), exclude: try patterns(sink.filter.exclude),
      sample: sink.filter.sample)
  }
}

extension EventPattern {
  fileprivate init(_ configured: EventPatternConfiguration) throws(SetupError) {
    self.init()
    contentTypes = configured.contentTypes
    workloads = configured.workloads.map { TextPattern($0) }
    operations = configured.operations.map { TextPattern($0) }
    users = configured.users.map { TextPattern($0) }
    outcomes = configured.outcomes.map { TextPattern($0.rawValue) }
    sample = configured.sample.map { SampledShare($0) }
    for type in configured.recordTypes {
      switch type {
      case .number(let number): recordTypes.append(number)
      case .name(let name):
        guard let number = RecordTypes.number(named: name.text) else {
          let match = suggestion(for: name.text, among: RecordTypes.names)
          throw SetupError(
            name.error(
              "no record type is called \(name.shown)",
              hint: match.map { "did you mean \"\($0)\"?" }
                ?? "names are those of the service's schema, such as AzureActiveDirectoryStsLogon,"
                + " and a number always works"))
        }
        recordTypes.append(number)
      }
    }
  }
}
