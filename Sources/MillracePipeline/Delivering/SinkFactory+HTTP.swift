package import MillraceConfiguration
import MillraceCore
package import MillraceHTTP
package import MillraceHTTPSinks
import MillraceRuntime
import MillraceSinks

/// Sinks that speak HTTP.
extension SinkFactory {
  /// A sink that sends events to any URL.
  func http(_ sink: SinkConfiguration, _ settings: HTTPSinkSettings) -> Made {
    var options = Self.options(sink, settings.requests, origins: [settings.url], settings.tls)
    options.coding = BodyCoding(rawValue: settings.compression.rawValue) ?? .none
    options.identity = Self.identity(sink.name) { () throws(ConfigurationError) in
      var headers: [(name: String, value: String)] = []
      for header in settings.headers { headers.append((header.name, try header.value.read())) }
      if let token = settings.token {
        headers.append(("Authorization", Authorization.bearer(try token.read())))
      }
      if let username = settings.username, let password = settings.password {
        headers.append(("Authorization", Authorization.basic(username, try password.read())))
      }
      return headers
    }
    return made(
      sink,
      HTTPSink(
        events: options, method: settings.method.rawValue,
        listing: settings.encoding == .array ? .array : .ndjson,
        contentType: sink.format == .cef ? "text/plain; charset=utf-8" : nil), settings.requests)
  }

  /// A sink that sends events to Splunk's HTTP Event Collector.
  func splunk(_ sink: SinkConfiguration, _ settings: SplunkSinkSettings) -> Made {
    var options = Self.options(sink, settings.requests, origins: [settings.url], settings.tls)
    options.coding = settings.compression.coding
    options.identity = Self.identity(sink.name) { () throws(ConfigurationError) in
      [("Authorization", Authorization.splunk(try settings.token.read()))]
    }
    var splunk = SplunkOptions()
    splunk.endpoint = settings.endpoint == .raw ? .raw : .event
    splunk.index = settings.index
    splunk.source = settings.source
    splunk.sourcetype = settings.sourcetype
    splunk.host = settings.host
    splunk.channel = settings.channel
    splunk.acknowledges = settings.acknowledgement
    return made(sink, HTTPSink(splunk: options, splunk), settings.requests, facts: .id)
  }

  /// A sink that sends events to Elasticsearch or OpenSearch.
  func elasticsearch(
    _ sink: SinkConfiguration, _ settings: ElasticsearchSinkSettings
  ) -> Made {
    var options = Self.options(sink, settings.requests, origins: settings.urls, settings.tls)
    options.coding = settings.compression.coding
    options.identity = Self.identity(sink.name) { () throws(ConfigurationError) in
      if let key = settings.apiKey {
        return [("Authorization", Authorization.apiKey(try key.read()))]
      }
      guard let username = settings.username, let password = settings.password else { return [] }
      return [("Authorization", Authorization.basic(username, try password.read()))]
    }
    let index = IndexName(settings.index)
    var elasticsearch = ElasticsearchOptions { index.name(of: $0, in: $1) }
    elasticsearch.isIndexPerEvent = index.isPerEvent
    elasticsearch.action = settings.operation == .index ? .index : .create
    return made(
      sink, HTTPSink(elasticsearch: options, elasticsearch), settings.requests,
      facts: EventFacts.identity.union(index.isPerEvent ? .workload : []))
  }

  // MARK: What they have in common

  /// Refuses a format that a receiver cannot take.
  static func checkFormat(_ sink: SinkConfiguration) throws(SetupError) {
    guard sink.format == .cef else { return }
    switch sink.settings {
    case .http(let settings) where settings.encoding == .array:
      throw SetupError(
        "sink \(sink.name): events in CEF cannot be elements of a JSON array; use encoding: ndjson")
    case .elasticsearch, .sentinel:
      throw SetupError(
        "sink \(sink.name): events in CEF are no JSON; use native, raw, ecs or ocsf")
    case .file, .syslog, .http, .splunk, .kafka, .stdout: break
    }
  }

  /// The sink of a configuration, to examine its receiver with; nil when it does not speak HTTP.
  ///
  /// - Throws: `SetupError` when it cannot be made.
  package static func httpSink(_ sink: SinkConfiguration) throws(SetupError) -> HTTPSink? {
    try checkFormat(sink)
    let factory = SinkFactory(places: nil, log: .silent)
    let made: Made? =
      switch sink.settings {
      case .http(let settings): factory.http(sink, settings)
      case .splunk(let settings): factory.splunk(sink, settings)
      case .elasticsearch(let settings): factory.elasticsearch(sink, settings)
      case .sentinel(let settings): try factory.sentinel(sink, settings)
      case .file, .syslog, .kafka, .stdout: nil
      }
    return made?.sink as? HTTPSink
  }

  static func options(
    _ sink: SinkConfiguration, _ requests: RequestConfiguration, origins: [String],
    _ tls: TLSConfiguration?
  ) -> HTTPSinkOptions {
    var options = HTTPSinkOptions(name: sink.name, origins: origins)
    options.eventsMax = sink.batch.events
    options.bytesMax = sink.batch.bytes
    options.concurrency = requests.concurrency
    options.timeout = requests.timeout
    options.userAgent = Version.userAgent
    options.peer = tls?.peer
    return options
  }

  /// The sink, which is handed as much at once as it may have under way.
  func made(
    _ sink: SinkConfiguration, _ made: HTTPSink, _ requests: RequestConfiguration,
    facts: EventFacts = []
  ) -> Made {
    Made(
      sink: made, facts: facts,
      batchEventsMax: min(Limits.batchEventsMax, sink.batch.events * requests.concurrency),
      batchBytesMax: min(Limits.batchBytesMax, sink.batch.bytes * requests.concurrency))
  }

  /// Secrets are read at each request, so that they can be exchanged while the collector runs.
  private static func identity(
    _ sink: String,
    _ read: @escaping @Sendable () throws(ConfigurationError) -> [(name: String, value: String)]
  ) -> RequestIdentity {
    { () throws(SinkError) in
      do throws(ConfigurationError) { return try read() } catch {
        throw SinkError(
          sink: sink, operation: "read", subject: "its secret", message: error.description,
          hint: "make it readable for the collector's user", kind: .rejected)
      }
    }
  }
}

extension TLSConfiguration {
  /// Whom to trust at the other end, and who we are to it.
  package var peer: HTTPPeer {
    HTTPPeer(
      authorityFile: authorityPath, certificateFile: certificatePath, keyFile: keyPath,
      serverName: serverName)
  }
}

extension GzipChoice {
  var coding: BodyCoding { self == .gzip ? .gzip : .none }
}
