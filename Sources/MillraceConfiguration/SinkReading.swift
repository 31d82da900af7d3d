/// What the sections of several kinds of sinks have in common.
extension MappingReader {
  /// `true` or `false`; false when it is not written.
  func flag(_ key: String) -> Bool {
    guard let value = scalar(key) else { return false }
    switch value.text {
    case "true": return true
    case "false": return false
    default:
      fail(value, "\(value.shown) is neither true nor false")
      return false
    }
  }

  /// The section `tls`, which belongs to receivers that are reached through TLS.
  func receiverTrust(for urls: [String]) -> TLSConfiguration {
    if let node = node("tls"), !urls.isEmpty, !urls.contains(where: { $0.hasPrefix("https://") }) {
      reading.fail(
        at: node.place, path: path(of: "tls"), "it belongs to https:// addresses only",
        hint: "change the address to https://…, or remove the key")
    }
    return TLSConfiguration(section("tls", .tls))
  }
}
