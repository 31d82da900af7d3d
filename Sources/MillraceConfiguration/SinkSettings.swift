/// What each type of sink knows beyond the keys of all sinks.
package enum SinkSettings: Sendable {
  case file(FileSinkSettings)
  case syslog(SyslogSinkSettings)
  case http(HTTPSinkSettings)
  case splunk(SplunkSinkSettings)
  case elasticsearch(ElasticsearchSinkSettings)
  case sentinel(SentinelSinkSettings)
  case kafka(KafkaSinkSettings)
  case stdout

  /// The type.
  package var kind: SinkConfiguration.Kind {
    switch self {
    case .file: .file
    case .syslog: .syslog
    case .http: .http
    case .splunk: .splunk
    case .elasticsearch: .elasticsearch
    case .sentinel: .sentinel
    case .kafka: .kafka
    case .stdout: .stdout
    }
  }

  /// The secrets it holds or names, those of `credential` aside.
  package var secrets: [Secret] {
    switch self {
    case .file, .syslog, .sentinel, .stdout: []
    case .http(let http): [http.token, http.password].compactMap { $0 } + http.headers.map(\.value)
    case .splunk(let splunk): [splunk.token]
    case .elasticsearch(let elastic): [elastic.apiKey, elastic.password].compactMap { $0 }
    case .kafka(let kafka): [kafka.password].compactMap { $0 }
    }
  }

  /// The Entra credential it signs in with; nil for most types.
  package var credential: CredentialConfiguration? {
    if case .sentinel(let sentinel) = self { return sentinel.credential }
    return nil
  }

  /// The settings in `mapping`; nil when they cannot be used, which is noted.
  init?(_ kind: SinkConfiguration.Kind, _ mapping: MappingReader) {
    let settings: SinkSettings? =
      switch kind {
      case .file: FileSinkSettings(mapping).map { .file($0) }
      case .syslog: SyslogSinkSettings(mapping).map { .syslog($0) }
      case .http: HTTPSinkSettings(mapping).map { .http($0) }
      case .splunk: SplunkSinkSettings(mapping).map { .splunk($0) }
      case .elasticsearch: ElasticsearchSinkSettings(mapping).map { .elasticsearch($0) }
      case .sentinel: SentinelSinkSettings(mapping).map { .sentinel($0) }
      case .kafka: KafkaSinkSettings(mapping).map { .kafka($0) }
      case .stdout: .stdout
      }
    guard let settings else { return nil }
    self = settings
  }
}

/// The section `tls` of a sink: what it takes to trust the receiver, and to be trusted. Receivers
/// are always verified.
package struct TLSConfiguration: Sendable {
  /// A PEM file of authorities to trust instead of the system's.
  package let authorityPath: String?
  /// A PEM file of the certificate shown to the receiver.
  package let certificatePath: String?
  /// A PEM file of its private key.
  package let keyPath: String?
  /// The name the receiver's certificate must bear; that of the address unless one is given.
  package let serverName: String?

  init(_ mapping: MappingReader) {
    authorityPath = mapping.filePath("ca")
    certificatePath = mapping.filePath("certificate")
    keyPath = mapping.filePath("key")
    serverName = mapping.text("server_name")
    if mapping.has("certificate") != mapping.has("key") {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path, "\"certificate\" and \"key\" go together")
    }
    mapping.finish()
  }
}

extension MappingReader {
  /// `username` and `password`, both or neither.
  func login() -> (username: String?, password: Secret?) {
    let username = text("username")
    let password = secret("password")
    if has("username") != has("password") {
      reading.fail(at: place, path: path, "\"username\" and \"password\" go together")
    }
    return (username, password)
  }
}
