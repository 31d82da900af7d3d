/// Where it came from: addresses, and the places that a record itself names.
extension Normalizer {
  mutating func readSource() {
    var unreadable: ByteView?
    var isFound = false
    for member in addressMembers {
      guard let text = addressText(member) else { continue }
      guard let source = SourceAddress(text) else {
        // What is written beside an address that is none stays.
        if SourceAddress.namesNothing(text) { members.lift(member) }
        continue
      }
      guard source.address != nil else {
        if unreadable == nil { unreadable = text }
        continue
      }
      isFound = true
      members.lift(member)
      set(source, text)
      break
    }
    if !isFound, let unreadable {
      event.set(.sourceAddress, unreadable)
      if let domain = SourceAddress(unreadable)?.domain { event.set(.sourceDomain, domain) }
      event.set(.sourceKind, "unknown")
    }
    // Other members often say the same once more.
    let told = isFound ? (event.text(.sourceAddress) ?? event.text(.sourceIP)) : unreadable
    for member in [
      RawMember.clientIP, .clientIPAddress, .actorIpAddress, .actorIP, .userIp,
    ] {
      guard let text = addressText(member) else { continue }
      if let told, text.equalsIgnoringCase(told) || isSame(text) {
        members.lift(member)
      } else {
        noteOther(text)
      }
    }
  }

  /// Keeps another address that a member names, for those who search for addresses.
  private mutating func noteOther(_ text: ByteView) {
    guard event.otherAddress == nil, let address = SourceAddress(text)?.address else { return }
    event.otherAddress = address.text(in: &arena)
  }

  private mutating func addressText(_ member: RawMember) -> ByteView? { text(member) }

  /// Whether a text names the address and port that the event has.
  private mutating func isSame(_ text: ByteView) -> Bool {
    guard let source = SourceAddress(text), let address = source.address,
      let present = event.text(.sourceIP), !event.has(.sourceAddress)
    else { return false }
    guard address.text(in: &arena) == present else { return false }
    guard case .integer(let port)? = event[.sourcePort] else {
      // Some members have the address with its port, the better ones without.
      if let port = source.port { event.set(.sourcePort, port) }
      return true
    }
    return source.port == nil || source.port == port
  }

  /// The members that hold the client's address, the better ones first. The first valid one
  /// counts, not the first present one.
  private var addressMembers: [RawMember] {
    switch recordType {
    case 41: return Normalizer.clickAddressMembers
    case 28, 40, 64, 86, 98: return []
    default: break
    }
    switch family {
    case .signIn where recordType == 275: return Normalizer.otherAddressMembers
    case .signIn, .directory: return Normalizer.directoryAddressMembers
    case .mailbox where recordType != 101: return Normalizer.mailboxAddressMembers
    default: return Normalizer.otherAddressMembers
    }
  }

  private static let clickAddressMembers: [RawMember] = [.userIp]
  private static let directoryAddressMembers: [RawMember] = [.actorIpAddress, .clientIP]
  private static let mailboxAddressMembers: [RawMember] = [.clientIPAddress, .clientIP, .actorIP]
  private static let otherAddressMembers: [RawMember] = [
    .clientIP, .clientIPAddress, .actorIpAddress,
  ]

  private mutating func set(_ source: SourceAddress, _ text: ByteView) {
    guard let address = source.address else { return }
    let ip = address.text(in: &arena)
    event.set(.sourceIP, ip)
    if let port = source.port { event.set(.sourcePort, port) }
    if let domain = source.domain { event.set(.sourceDomain, domain) }
    if !isPlain(text, ip, hasPort: source.port != nil) { event.set(.sourceAddress, text) }
    event.set(.sourceIsPublic, address.isPublic)
    event.set(.sourceKind, kind(of: address))
    sourceIP = address
  }

  /// Whether a text is the address, in brackets or not, with its port or without: then nothing is
  /// lost without it.
  private func isPlain(_ text: ByteView, _ ip: ByteView, hasPort: Bool) -> Bool {
    var rest = text
    let isBracketed = rest.first == Ascii.openBracket
    if isBracketed { rest = rest.dropFirst(1) }
    guard rest.prefix(ip.count) == ip else { return false }
    rest = rest.dropFirst(ip.count)
    if isBracketed {
      guard rest.first == Ascii.closeBracket else { return false }
      rest = rest.dropFirst(1)
    }
    guard hasPort else { return rest.isEmpty }
    return rest.first == Ascii.colon && rest.dropFirst(1).buffer.allSatisfy(isDigit)
  }

  private func kind(of address: IPAddress) -> StaticString {
    guard address.isPublic else { return "internal" }
    if address.isExchangeOnline, event.mayBeByPerson, let info = event.text(.appClientInfo),
      info.hasPrefix(anyCase: "client=rest") || info.hasPrefix(anyCase: "client=webservices")
    {
      return "service"
    }
    return "client"
  }

  // MARK: Places

  mutating func readPlace() {
    if recordType == 294 { readRiskLocation() }
    if let sourceIP { locate(sourceIP) }
    if family == .artificialIntelligence, !event.has(.sourceGeoProvider),
      let region = text(.clientRegion), region.count == 2,
      region.buffer.allSatisfy(isLetter)
    {
      event.set(.sourceGeoCountryIso, arena.uppercase(region))
      event.set(.sourceGeoProvider, "record")
      members.lift(.clientRegion)
    }
  }

  /// Says whose address it is, and where, as far as a person may be there: the operator's own way
  /// out and the service's machines are no places of people. What a record says counts for more.
  private mutating func locate(_ address: IPAddress) {
    guard let place = findPlace(of: address) else { return }
    place.writeNetwork(to: &event)
    if place.isProxy {
      event.set(.sourceKind, "proxy")
    } else if place.isService, address.isPublic, isPerson {
      event.set(.sourceKind, "service")
    }
    if let kind = event.text(.sourceKind), kind == "client", !event.has(.sourceGeoProvider) {
      place.writeGeo(to: &event)
    }
  }

  /// Whether the actor is one of the people.
  private var isPerson: Bool {
    guard let actor = event.text(.actorType) else { return false }
    return Normalizer.people.contains { actor == $0 }
  }

  /// The types of actors that are people.
  private static let people: [StaticString] = ["user", "admin", "guest", "partner"]

  /// `Location` of a risk detection, whose coordinates are strings.
  private mutating func readRiskLocation() {
    guard var value = members.value(.location) else { return }
    if value.first == Ascii.quote {
      guard let text = scalarText(value), let parsed = EmbeddedJSON.parse(text, in: &arena)
      else { return }
      value = parsed
    }
    guard value.first == Ascii.openBrace else { return }
    if let country = cleanText(ObjectCursor.value(of: "CountryOrRegion", in: value)) {
      if country.count == 2, country.buffer.allSatisfy(isLetter) {
        event.set(.sourceGeoCountryIso, arena.uppercase(country))
      } else {
        event.set(.sourceGeoCountry, country)
      }
    }
    if let state = cleanText(ObjectCursor.value(of: "State", in: value)) {
      event.set(.sourceGeoRegion, state)
    }
    if let city = cleanText(ObjectCursor.value(of: "City", in: value)) {
      event.set(.sourceGeoCity, city)
    }
    let point = ObjectCursor.value(of: "GeoCoordinates", in: value)
    if let point,
      let latitude = coordinate(ObjectCursor.value(of: "Latitude", in: point), limit: 90),
      let longitude = coordinate(ObjectCursor.value(of: "Longitude", in: point), limit: 180)
    {
      event.set(.sourceGeoLat, .json(latitude))
      event.set(.sourceGeoLon, .json(longitude))
    }
    let hasPlace =
      event.has(.sourceGeoCountryIso) || event.has(.sourceGeoCountry)
      || event.has(.sourceGeoCity) || event.has(.sourceGeoLat)
    if hasPlace { event.set(.sourceGeoProvider, "record") }
    let isPointRead = point == nil || event.has(.sourceGeoLat)
    if hasPlace, isPointRead { lift(.location, takeLocation(value)) }
  }

  /// What of a place the event has: all but members that nobody knows, and a height that is one.
  private mutating func takeLocation(_ value: ByteView) -> Taken {
    takeMembers(of: value) { (self: inout Normalizer, key, value) in
      if key == "City" || key == "State" || key == "CountryOrRegion" {
        return Taken(self.isEmptyScalar(value))
      }
      guard key == "GeoCoordinates" else { return .none }
      return self.takeMembers(of: value) { (self: inout Normalizer, key, value) in
        if key == "Latitude" || key == "Longitude" { return .all }
        guard key == "Altitude", self.isEmptyScalar(value) else { return .none }
        let height = self.cleanText(value)
        return Taken(height.map { $0 == "0" } ?? true)
      }
    }
  }

  /// A coordinate as a JSON number of at most four decimals: digits, a point and digits.
  private mutating func coordinate(_ value: ByteView?, limit: Int) -> ByteView? {
    guard let text = cleanText(value) else { return nil }
    let dot = text.firstIndex(of: Ascii.dot) ?? text.count
    let isNegative = text.first == Ascii.hyphen
    let whole = text.slice(isNegative ? 1 : 0, max(dot, isNegative ? 1 : 0))
    let decimals = text.dropFirst(dot + 1)
    guard whole.buffer.allSatisfy(isDigit), let degrees = whole.decimalInteger,
      (0...limit).contains(degrees), whole.count == 1 || whole.first != Ascii.zero,
      decimals.buffer.allSatisfy(isDigit),
      degrees < limit || decimals.buffer.allSatisfy({ $0 == Ascii.zero })
    else { return nil }
    guard dot < text.count, !decimals.isEmpty else { return text.prefix(dot) }
    return text.prefix(dot + 1 + min(decimals.count, 4))
  }
}
