package import MillraceCore

/// What is known of an address beside the record it stands in.
package struct PlaceFacts: Sendable, Hashable {
  /// ISO 3166-1 alpha-2.
  package var countryIso: String?
  /// English.
  package var country: String?
  /// The part of ISO 3166-2 behind the hyphen.
  package var regionIso: String?
  /// English.
  package var region: String?
  /// English.
  package var city: String?
  /// A name of the IANA time zone database.
  package var timezone: String?
  /// Degrees, WGS 84.
  package var latitude: Double?
  /// Degrees, WGS 84.
  package var longitude: Double?
  /// How far off the point may be, in km.
  package var accuracyKilometres: Int?
  /// The autonomous system the address is announced by.
  package var asNumber: Int?
  /// Who runs it.
  package var asOrganization: String?
  /// Whether it hides who is behind it: a VPN, a proxy for everyone, Tor.
  package var isAnonymous: Bool?
  /// Whether it belongs to a hosting provider.
  package var isHosting: Bool?
  /// Whether it is where the operator's own people come out of.
  package var isProxy = false
  /// Whether it belongs to the service itself.
  package var isService = false

  /// Nothing is known.
  package init() {}
}

/// Knows places of addresses. Asked for each record, from several threads at once.
package protocol PlaceFinder: Sendable {
  /// What is known of an address; nil when nothing is.
  ///
  /// - Parameter isPublic: whether it can be met on the Internet.
  func place(of address: AddressBits, isPublic: Bool) -> EventPlace?
}

/// What is known of an address, ready to be written into events.
///
/// Sound as `@unchecked Sendable`: what the pointer leads to is written in `init` alone.
package final class EventPlace: @unchecked Sendable {
  let isProxy: Bool
  let isService: Bool
  private let bytes: UnsafeMutablePointer<UInt8>
  private var geo: [(field: EventField, value: NativeEvent.Value)] = []
  private var network: [(field: EventField, value: NativeEvent.Value)] = []

  /// Bytes that may be read behind a text.
  private static let slack = 64

  /// Renders what is known.
  package init(_ facts: PlaceFacts) {
    isProxy = facts.isProxy
    isService = facts.isService
    let texts: [(EventField, String?)] = [
      (.sourceGeoCountryIso, facts.countryIso), (.sourceGeoCountry, facts.country),
      (.sourceGeoRegionIso, facts.regionIso), (.sourceGeoRegion, facts.region),
      (.sourceGeoCity, facts.city), (.sourceGeoTimezone, facts.timezone),
      (.sourceGeoLat, EventPlace.degrees(facts.latitude, limit: 90)),
      (.sourceGeoLon, EventPlace.degrees(facts.longitude, limit: 180)),
      (.sourceAsOrg, facts.asOrganization),
    ]
    let given = texts.compactMap { field, text in
      text.flatMap { $0.isEmpty ? nil : (field, Array($0.utf8)) }
    }
    let count = given.reduce(0) { $0 + $1.1.count } + EventPlace.slack
    bytes = .allocate(capacity: count)
    bytes.initialize(repeating: 0, count: count)
    var used = 0
    for (field, text) in given {
      let start = bytes + used
      text.withUnsafeBufferPointer { source in
        if let base = source.baseAddress { start.update(from: base, count: text.count) }
      }
      let view = ByteView(start: start, count: text.count)
      used += text.count
      switch field {
      case .sourceAsOrg: network.append((field, .text(view)))
      case .sourceGeoLat, .sourceGeoLon: geo.append((field, .json(view)))
      default: geo.append((field, .text(view)))
      }
    }
    if let accuracy = facts.accuracyKilometres {
      geo.append((.sourceGeoAccuracyKm, .integer(accuracy)))
    }
    if !geo.isEmpty { geo.append((.sourceGeoProvider, .constant(ByteView("mmdb")))) }
    if let number = facts.asNumber { network.append((.sourceAsNumber, .integer(number))) }
    if let flag = facts.isAnonymous { network.append((.sourceIsAnonymous, .flag(flag))) }
    if let flag = facts.isHosting { network.append((.sourceIsHosting, .flag(flag))) }
  }

  deinit {
    bytes.deallocate()
  }

  /// Says who runs the network. The event must not outlive this.
  func writeNetwork(to event: inout NativeEvent) {
    for (field, value) in network { event.set(field, value) }
  }

  /// Says where it is. The event must not outlive this.
  func writeGeo(to event: inout NativeEvent) {
    for (field, value) in geo { event.set(field, value) }
  }

  /// A JSON number of at most four decimals, which is some ten metres; nil for what is no angle.
  static func degrees(_ value: Double?, limit: Double) -> String? {
    guard let value, value.isFinite, abs(value) <= limit else { return nil }
    let scaled = Int((value * 10_000).rounded())
    var text = scaled < 0 ? "-" : ""
    text += "\(abs(scaled) / 10_000)"
    var decimals = abs(scaled) % 10_000
    if decimals == 0 { return text }
    text += "."
    var place = 1000
    while decimals > 0 {
      text += "\(decimals / place)"
      decimals %= place
      place /= 10
    }
    return text
  }
}
