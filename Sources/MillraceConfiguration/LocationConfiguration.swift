package import MillraceCore

/// The section `location`: what says where addresses are. Without it events have no places.
package struct LocationConfiguration: Sendable {
  /// A City or Country database; nil when there is none.
  package var city: String?
  /// An ASN or ISP database; nil when there is none.
  package var asn: String?
  /// An Anonymous-IP database; nil when there is none.
  package var anonymous: String?
  /// Where the operator's own people come out of.
  package var proxies: [AddressRange]
  /// Addresses of the service itself, beside those that its networks announce.
  package var serviceRanges: [AddressRange]

  /// The paths of its databases, with their keys.
  package var databases: [(key: String, path: String)] {
    [("city", city), ("asn", asn), ("anonymous", anonymous)].compactMap { key, path in
      path.map { (key, $0) }
    }
  }

  init(_ mapping: MappingReader) {
    city = mapping.filePath("city")
    asn = mapping.filePath("asn")
    anonymous = mapping.filePath("anonymous")
    proxies = Self.ranges(mapping, "proxies")
    serviceRanges = Self.ranges(mapping, "service_ranges")
    mapping.finish()
  }

  private static func ranges(_ mapping: MappingReader, _ key: String) -> [AddressRange] {
    (mapping.scalars(key) ?? []).compactMap { value in
      guard let range = AddressRange(value.text) else {
        mapping.fail(
          value, "\(value.shown) is no range of addresses",
          hint: "such as 203.0.113.0/24 or 2001:db8::/32, with no bits set behind the prefix")
        return nil
      }
      return range
    }
  }
}
