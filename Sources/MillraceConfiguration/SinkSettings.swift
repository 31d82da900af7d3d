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

/// A sink of type `file`.
package struct FileSinkSettings: Sendable {
  /// Where events go.
  package let path: PathTemplate

  init?(_ mapping: MappingReader) {
    mapping.requireKey("path", hint: "such as /var/log/millrace/{tenant}-{date}.ndjson")
    guard let value = mapping.scalar("path"), mapping.isUsablePath(value) else { return nil }
    guard !value.text.hasSuffix("/") else {
      mapping.fail(
        value, "the path names a folder", hint: "add a file name: {tenant}-{date}.ndjson")
      return nil
    }
    do {
      path = try PathTemplate(value.text)
    } catch {
      mapping.fail(value, error.message, hint: error.hint)
      return nil
    }
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

/// A sink of type `syslog`.
package struct SyslogSinkSettings: Sendable {
  /// Where it is spoken to.
  package enum Address: Hashable, Sendable {
    case udp(host: String, port: Int)
    case tcp(host: String, port: Int)
    case tls(host: String, port: Int)
    case unix(path: String)
  }

  /// Where the receiver is.
  package let address: Address
  /// For `tls://` addresses.
  package let tls: TLSConfiguration

  init?(_ mapping: MappingReader) {
    mapping.requireKey("address", hint: "such as tls://siem.example.com:6514")
    let value = mapping.scalar("address")
    let address = value.flatMap { Self.address($0, mapping) }
    tls = TLSConfiguration(mapping.section("tls", .tls))
    guard let address else { return nil }
    self.address = address
    if case .tls = address { return }
    if let node = mapping.node("tls") {
      mapping.reading.fail(
        at: node.place, path: mapping.path(of: "tls"), "it belongs to tls:// addresses only",
        hint: "change the address to tls://…, or remove the key")
    }
  }

  private static func address(_ value: ScalarValue, _ mapping: MappingReader) -> Address? {
    let text = value.text
    if text.hasPrefix("unix:") {
      var path = text.dropFirst("unix:".count)
      if path.hasPrefix("//") { path = path.dropFirst(2) }
      // The length of sockaddr_un.sun_path, less its final zero.
      guard path.hasPrefix("/"), path.utf8.count <= 107 else {
        mapping.fail(
          value, "after \"unix:\" comes the socket's whole path, at most 107 bytes",
          hint: "such as unix:/dev/log")
        return nil
      }
      return .unix(path: String(path))
    }
    let schemes = ["udp", "tcp", "tls"]
    guard let scheme = schemes.first(where: { text.hasPrefix($0 + "://") }) else {
      mapping.fail(
        value, "the address begins with none of udp://, tcp://, tls://, unix:",
        hint: "such as tls://siem.example.com:6514")
      return nil
    }
    do {
      let rest = text.dropFirst(scheme.count + 3)
      let (host, port) = try WebAddress.hostAndPort(rest, needsPort: scheme == "tcp")
      switch scheme {
      // RFC 5426 and RFC 5425 assign these ports; TCP without TLS has none (RFC 6587).
      case "udp": return .udp(host: host, port: port ?? 514)
      case "tls": return .tls(host: host, port: port ?? 6514)
      default: return .tcp(host: host, port: port ?? 514)
      }
    } catch {
      mapping.fail(value, error.message, hint: error.hint)
      return nil
    }
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
