package import MillraceCore

/// A sink of type `http`: batches are posted to a URL.
package struct HTTPSinkSettings: Sendable {
  /// How a body is packed.
  package enum Compression: String, CaseIterable, Sendable {
    case none
    case gzip
    case zstd
  }

  /// How events are put into a body.
  package enum Encoding: String, CaseIterable, Sendable {
    case ndjson
    case array
  }

  /// The method of requests.
  package enum Method: String, CaseIterable, Sendable {
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
  }

  /// Where batches are posted.
  package let url: String
  /// The method of requests.
  package let method: Method
  /// How events are put into a body.
  package let encoding: Encoding
  /// Headers of each request, in the order of the file. Any of them may be a secret.
  package let headers: [(name: String, value: Secret)]
  /// Sent as `Authorization: Bearer`.
  package let token: Secret?
  /// Sent together with `password` as basic authentication.
  package let username: String?
  /// Together with `username`.
  package let password: Secret?
  /// How bodies are packed.
  package let compression: Compression
  /// How requests are made.
  package let requests: RequestConfiguration
  /// What it takes to trust the receiver.
  package let tls: TLSConfiguration

  init?(_ mapping: MappingReader) {
    mapping.requireKey("url", hint: "such as https://collector.example.com/events")
    let url = mapping.webAddress("url")
    method = mapping.choice("method", default: .post)
    encoding = mapping.choice("encoding", default: .ndjson)
    requests = RequestConfiguration(mapping)
    headers = Self.headers(mapping)
    token = mapping.secret("token")
    (username, password) = mapping.login()
    if mapping.has("token"), mapping.has("password") {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path, "\"token\" and \"password\" exclude each other")
    }
    compression = mapping.choice("compression", default: .none)
    tls = mapping.receiverTrust(for: [url].compactMap { $0 })
    guard let url else { return nil }
    self.url = url
  }

  private static func headers(_ mapping: MappingReader) -> [(name: String, value: Secret)] {
    guard let node = mapping.node("headers") else { return [] }
    let path = mapping.path(of: "headers")
    guard case .mapping(let entries) = node.content else {
      mapping.reading.fail(
        at: node.place, path: path, "a mapping (name: value) is expected, this is \(node.kindName)")
      return []
    }
    return entries.compactMap { entry in
      let isToken = entry.key.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
      guard isToken, !entry.key.isEmpty else {
        mapping.reading.fail(
          at: entry.keyPlace, path: path, "this is not the name of a header",
          hint: "letters, digits and \"-\"")
        return nil
      }
      guard let value = mapping.reading.scalar(entry.value, path: "\(path).\(entry.key)") else {
        return nil
      }
      guard value.text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
        mapping.fail(value, "the value contains a control character")
        return nil
      }
      // Most headers are no secrets; those that look like one get the warning of one.
      let looksSecret = ["auth", "token", "key", "secret", "cookie"]
        .contains { entry.key.lowercased().contains($0) }
      let secret = looksSecret ? mapping.secret(value) : Secret(value, reading: mapping.reading)
      return secret.map { (entry.key, $0) }
    }
  }
}

/// How bodies are packed for receivers that know gzip alone.
package enum GzipChoice: String, CaseIterable, Sendable {
  case none
  case gzip
}

/// How a sink makes its requests.
package struct RequestConfiguration: Sendable {
  /// How many may be under way at once.
  package let concurrency: Int
  /// How long one may take.
  package let timeout: Duration

  init(_ mapping: MappingReader) {
    concurrency = mapping.integer(
      "concurrency", default: Limits.sinkConcurrencyDefault, in: 1...Limits.sinkConcurrencyMax)
    timeout = mapping.duration(
      "timeout", default: Limits.sinkRequestTimeout, in: .seconds(1)...(.seconds(600)))
  }
}

/// A sink of type `splunk_hec`: Splunk's HTTP Event Collector.
package struct SplunkSinkSettings: Sendable {
  /// Where events go.
  package enum Endpoint: String, CaseIterable, Sendable {
    case event
    case raw
  }

  /// The collector's origin, such as `https://splunk.example.com:8088`.
  package let url: String
  /// The collector's token.
  package let token: Secret
  /// Where events go.
  package let endpoint: Endpoint
  /// The index; the token's own unless one is given.
  package let index: String?
  /// The `source` of events.
  package let source: String?
  /// The `sourcetype` of events.
  package let sourcetype: String?
  /// The `host` of events; the tenant's name unless one is given.
  package let host: String?
  /// The data channel; one is made unless it is given.
  package let channel: String?
  /// Whether events count only once indexers acknowledge them.
  package let acknowledgement: Bool
  /// How bodies are packed.
  package let compression: GzipChoice
  /// How requests are made.
  package let requests: RequestConfiguration
  /// What it takes to trust the receiver.
  package let tls: TLSConfiguration

  init?(_ mapping: MappingReader) {
    mapping.requireKey("url", hint: "such as https://splunk.example.com:8088")
    let url = mapping.webAddress("url", isOrigin: true)
    mapping.requireKey("token", hint: "such as file:/etc/millrace/splunk.token")
    let token = mapping.secret("token")
    endpoint = mapping.choice("endpoint", default: .event)
    index = mapping.text("index")
    source = mapping.text("source")
    sourcetype = mapping.text("sourcetype")
    host = mapping.text("host")
    channel = mapping.guid("channel")
    acknowledgement = mapping.flag("acknowledgement")
    compression = mapping.choice("compression", default: .none)
    requests = RequestConfiguration(mapping)
    tls = mapping.receiverTrust(for: [url].compactMap { $0 })
    guard let url, let token else { return nil }
    self.url = url
    self.token = token
  }
}

/// A sink of type `elasticsearch`.
package struct ElasticsearchSinkSettings: Sendable {
  /// What is done with an event whose document is there already.
  package enum Operation: String, CaseIterable, Sendable {
    case create
    case index
  }

  /// Nodes, tried in turn; at least one.
  package let urls: [String]
  /// The index or data stream; it may have the placeholders of a path.
  package let index: NameTemplate
  /// What is done with an event whose document is there already.
  package let operation: Operation
  /// Sent as `Authorization: ApiKey`.
  package let apiKey: Secret?
  /// Sent together with `password` as basic authentication.
  package let username: String?
  /// Together with `username`.
  package let password: Secret?
  /// How bodies are packed.
  package let compression: GzipChoice
  /// How requests are made.
  package let requests: RequestConfiguration
  /// What it takes to trust the receiver.
  package let tls: TLSConfiguration

  init?(_ mapping: MappingReader) {
    mapping.requireKey("urls", hint: "a list such as [https://elastic.example.com:9200]")
    urls = (mapping.scalars("urls") ?? []).compactMap { mapping.webAddress($0) }
    let index = Self.index(mapping)
    operation = mapping.choice("op", default: .create)
    compression = mapping.choice("compression", default: .none)
    requests = RequestConfiguration(mapping)
    apiKey = mapping.secret("api_key")
    (username, password) = mapping.login()
    if mapping.has("api_key"), mapping.has("password") {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path, "\"api_key\" and \"password\" exclude each other")
    }
    tls = mapping.receiverTrust(for: urls)
    guard let index, !urls.isEmpty else { return nil }
    self.index = index
  }

  private static func index(_ mapping: MappingReader) -> NameTemplate? {
    mapping.requireKey("index", hint: "such as logs-millrace.audit-default")
    guard let value = mapping.scalar("index") else { return nil }
    guard !value.text.isEmpty, value.text == value.text.lowercased(),
      !value.text.contains(where: { " /\\*?\"<>|,#:".contains($0) })
    else {
      mapping.fail(
        value, "\(value.shown) cannot name an index",
        hint: "lower case, without blanks and without / \\ * ? \" < > | , # :")
      return nil
    }
    do {
      return try NameTemplate(value.text)
    } catch {
      mapping.fail(value, error.message, hint: error.hint)
      return nil
    }
  }
}

/// A sink of type `sentinel`: the Logs Ingestion API of Azure Monitor.
package struct SentinelSinkSettings: Sendable {
  /// The origin of the data collection endpoint or rule.
  package let endpoint: String
  /// The rule's immutable ID, `dcr-…`.
  package let ruleID: String
  /// The stream of the rule, `Custom-…` or `Microsoft-…`.
  package let stream: String
  /// The directory of the application that may write.
  package let tenantID: TenantID
  /// That application's GUID; nil with a managed identity.
  package let clientID: String?
  /// How it proves who it is.
  package let credential: CredentialConfiguration
  /// The origin of the login service; nil for that of the endpoint's cloud.
  package let login: String?
  /// How bodies are packed.
  package let compression: GzipChoice
  /// How requests are made.
  package let requests: RequestConfiguration

  init?(_ mapping: MappingReader) {
    mapping.requireKey(
      "endpoint", hint: "such as https://audit-x1y2.westeurope-1.ingest.monitor.azure.com")
    let endpoint = mapping.webAddress("endpoint", isOrigin: true)
    let ruleID = mapping.requiredText("rule_id", hint: "the rule's immutable ID, dcr-…")
    let stream = mapping.requiredText("stream", hint: "such as Custom-MillraceAudit")
    mapping.requireKey("tenant_id", hint: "the directory of the application that may write")
    let tenantID = mapping.guid("tenant_id").flatMap { TenantID($0) }
    let credential = CredentialConfiguration.read(mapping)
    login = mapping.webAddress("login", isOrigin: true)
    compression = mapping.choice("compression", default: .gzip)
    requests = RequestConfiguration(mapping)
    clientID = mapping.guid("client_id")
    if case .managedIdentity? = credential {
    } else {
      mapping.requireKey("client_id", hint: "the GUID of the application that may write")
    }
    guard let endpoint, let ruleID, let stream, let tenantID, let credential else { return nil }
    self.endpoint = endpoint
    self.ruleID = ruleID
    self.stream = stream
    self.tenantID = tenantID
    self.credential = credential
  }
}
