import MillraceEvents

/// Which members of which databases say what. City, Country, Enterprise, ASN, ISP and Anonymous-IP
/// databases of MaxMind share a layout, which DB-IP follows; IPinfo's are flat.
enum PlaceReading {
  static func readPlace(_ entry: AddressEntry, of type: String, into facts: inout PlaceFacts) {
    if isFlat(type) {
      facts.countryIso = countryCode(entry.text("country") ?? entry.text("country_code"))
      facts.country = entry.text("country_name")
      facts.region = entry.text("region")
      facts.city = entry.text("city")
      facts.timezone = entry.text("timezone")
      facts.latitude = entry.number("lat") ?? entry.text("lat").flatMap(Double.init)
      facts.longitude = entry.number("lng") ?? entry.text("lng").flatMap(Double.init)
      return
    }
    // Not registered_country, which is where the network's owner is registered.
    facts.countryIso = countryCode(entry.text("country", "iso_code"))
    facts.country = entry.text("country", "names", "en")
    facts.regionIso = entry.text("subdivisions", "0", "iso_code")
    facts.region = entry.text("subdivisions", "0", "names", "en")
    facts.city = entry.text("city", "names", "en")
    facts.timezone = entry.text("location", "time_zone")
    facts.latitude = entry.number("location", "latitude")
    facts.longitude = entry.number("location", "longitude")
    facts.accuracyKilometres = entry.integer("location", "accuracy_radius")
    if entry.flag("traits", "is_anonymous_proxy") == true { facts.isAnonymous = true }
  }

  static func readNetwork(_ entry: AddressEntry, of type: String, into facts: inout PlaceFacts) {
    if isFlat(type) {
      if let text = entry.text("asn"), text.hasPrefix("AS") {
        facts.asNumber = Int(text.dropFirst(2))
      }
      facts.asOrganization = entry.text("name") ?? entry.text("as_name")
      return
    }
    facts.asNumber = entry.integer("autonomous_system_number")
    facts.asOrganization = entry.text("autonomous_system_organization")
  }

  static func readAnonymity(_ entry: AddressEntry, into facts: inout PlaceFacts) {
    facts.isAnonymous = entry.flag("is_anonymous") ?? facts.isAnonymous
    facts.isHosting = entry.flag("is_hosting_provider")
  }

  private static func isFlat(_ type: String) -> Bool { type.lowercased().hasPrefix("ipinfo") }

  /// Two letters, in upper case; nil for anything else.
  private static func countryCode(_ text: String?) -> String? {
    guard let text, text.utf8.count == 2, text.allSatisfy({ $0.isASCII && $0.isLetter })
    else { return nil }
    return text.uppercased()
  }
}
