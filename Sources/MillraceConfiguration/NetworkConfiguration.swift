internal import MillraceCore

/// The way to the service through the network: for the whole process, or for one tenant.
package struct NetworkConfiguration: Sendable {
  /// Who stands between.
  package enum Proxy: Sendable {
    /// Whom `HTTPS_PROXY` and `NO_PROXY` name.
    case environment
    /// Nobody.
    case off
    /// This one.
    case through(ProxyConfiguration)
  }

  /// Who stands between.
  package var proxy: Proxy
  /// A PEM file of authorities to trust beside the system's.
  package var caFile: String?

  /// What a section says, and what `inherited` says where it is silent.
  static func read(
    _ mapping: MappingReader, inherited: NetworkConfiguration = .init(proxy: .environment)
  ) -> NetworkConfiguration {
    NetworkConfiguration(
      proxy: proxy(mapping) ?? inherited.proxy,
      caFile: mapping.filePath("ca_file") ?? inherited.caFile)
  }

  private static func proxy(_ mapping: MappingReader) -> Proxy? {
    guard let node = mapping.node("proxy") else { return nil }
    if case .mapping = node.content {
      let section = MappingReader(
        node, section: .proxy, path: mapping.path(of: "proxy"), reading: mapping.reading)
      return ProxyConfiguration(section).map { .through($0) }
    }
    guard let value = mapping.scalar("proxy") else { return nil }
    // Tools that rewrite YAML 1.1 turn `off` into `false`.
    if value.text == "off" || value.text == "false" { return .off }
    return mapping.proxyAddress(value).map { .through(ProxyConfiguration(url: $0)) }
  }

  /// The files it names that are no secrets, or hold a key beside one, with their keys.
  package var files: [(key: String, path: String)] {
    var files = [("ca_file", caFile)]
    if case .through(let proxy) = proxy {
      files += [
        ("proxy.ca_file", proxy.caFile), ("proxy.certificate", proxy.certificatePath),
        ("proxy.key", proxy.keyPath),
      ]
    }
    return files.compactMap { key, path in path.map { (key, $0) } }
  }

  /// The secrets it names.
  var secrets: [Secret] {
    guard case .through(let proxy) = proxy else { return [] }
    return [proxy.password, proxy.keyPassword].compactMap(\.self)
  }
}

/// A proxy that tunnels to the service.
package struct ProxyConfiguration: Sendable {
  /// `http://host:port`, or `https://host:port` for one that is reached through TLS itself.
  package let url: String
  /// The user; nil for a proxy that asks for none.
  package let username: String?
  /// The user's password.
  package let password: Secret?
  /// A PEM file of authorities to trust for the proxy's own certificate.
  package let caFile: String?
  /// The PEM file of the certificate shown to the proxy.
  package let certificatePath: String?
  /// The PEM file of its key; nil when the certificate's file has it.
  package let keyPath: String?
  /// What opens the key.
  package let keyPassword: Secret?

  init(url: String) {
    self.url = url
    username = nil
    password = nil
    caFile = nil
    certificatePath = nil
    keyPath = nil
    keyPassword = nil
  }

  init?(_ mapping: MappingReader) {
    mapping.requireKey("url", hint: "such as http://proxy.example.com:3128")
    let url = mapping.scalar("url").flatMap { mapping.proxyAddress($0) }
    username = mapping.text("username")
    password = mapping.secret("password")
    caFile = mapping.filePath("ca_file")
    certificatePath = mapping.filePath("certificate")
    keyPath = mapping.filePath("key")
    keyPassword = mapping.secret("key_password")
    mapping.finish()
    for (key, needed) in [
      ("password", "username"), ("key", "certificate"), ("key_password", "certificate"),
    ] where mapping.has(key) && !mapping.has(needed) {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path(of: key), "it goes with \"\(needed)\"",
        hint: "give both")
    }
    if let url, url.hasPrefix("http://"), caFile != nil || certificatePath != nil {
      mapping.reading.fail(
        at: mapping.place, path: mapping.path,
        "ca_file and certificate are for a proxy that is reached through TLS",
        hint: "write https:// in url, or remove them")
    }
    guard let url else { return nil }
    self.url = url
  }
}

extension MappingReader {
  /// The address of a proxy: what goes through it is encrypted end to end, so plain `http` will do.
  func proxyAddress(_ value: ScalarValue) -> String? {
    do {
      return try WebAddress.checkedURL(value.text, isOrigin: true, allowsClearText: true)
    } catch {
      fail(
        value, error.message,
        hint: error.hint.isEmpty ? "write http://host:port, or off" : error.hint)
      return nil
    }
  }
}
