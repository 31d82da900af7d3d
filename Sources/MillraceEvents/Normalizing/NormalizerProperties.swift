import MillraceCore

/// The lists of properties that hang on sign-ins and directory changes, and the context of the
/// application that called.
extension Normalizer {
  mutating func readExtendedProperties() {
    readProperties(of: .extendedProperties) { (self: inout Normalizer, name, value) in
      self.liftExtendedProperty(name, value)
    }
  }

  mutating func readDeviceProperties() {
    isCompliantAndManaged = nil
    readProperties(of: .deviceProperties) { (self: inout Normalizer, name, value) in
      self.liftDeviceProperty(name, value)
    }
    // Not both, and compliant: so it is not managed.
    if isCompliantAndManaged == false, event.flag(.deviceIsCompliant) == true {
      event.set(.deviceIsManaged, false)
    }
  }

  /// Offers each property to `lift`, which says whether a field took it up; what is left stays.
  mutating func readProperties(
    of member: RawMember, lift: (inout Normalizer, ByteView, ByteView?) -> Bool
  ) {
    guard let value = members.value(member) else { return }
    guard value.first == Ascii.openBracket || value.first == Ascii.openBrace else { return }
    var cursor = PropertyCursor(value)
    var isAnyTaken = false
    var isAnythingLeft = false
    remainder.removeAll()
    remainder.append(Ascii.openBracket)
    while let property = cursor.next(in: &arena) {
      // What has no name is no property, and stays.
      // One that has more than a value stays, too.
      if !property.name.isEmpty, lift(&self, property.name, property.value), property.isWhole {
        isAnyTaken = true
        continue
      }
      if isAnythingLeft { remainder.append(Ascii.comma) }
      isAnythingLeft = true
      remainder.append(property.element)
    }
    if !isAnythingLeft { return members.lift(member) }
    guard cursor.isArray, isAnyTaken else { return }
    remainder.append(Ascii.closeBracket)
    members.keep(arena.copy(remainder.view), of: member)
  }

  /// Sets a field from a property. A property that says nothing is taken up too; one that says
  /// something else than the field already holds is not.
  private mutating func take(_ value: ByteView?, _ field: EventField) -> Bool {
    guard let text = cleanText(value) else { return isBlankScalar(value) }
    if let present = event.text(field) { return present == text }
    event.set(field, text)
    return true
  }

  private func isBlankScalar(_ value: ByteView?) -> Bool {
    guard let value else { return true }
    return value.first != Ascii.openBrace && value.first != Ascii.openBracket
  }

  private mutating func liftExtendedProperty(_ name: ByteView, _ value: ByteView?) -> Bool {
    if name == "RequestType" { return take(value, .authRequestType) }
    if name == "ResultStatusDetail" { return take(value, .authResultDetail) }
    if name == "UserAuthenticationMethod" { return take(value, .authMethodCode) }
    if name == "UserAgent" { return take(value, .userAgentOriginal) }
    if name == "KeepMeSignedIn" {
      guard let text = cleanText(value) else { return isBlankScalar(value) }
      guard let flag = Normalizer.flag(text) else { return false }
      return take(flag, .authKeepSignedIn)
    }
    if name == "LoginError" { return liftLoginError(value) }
    if name == "additionalDetails" { return liftAdditionalDetails(value) }
    return false
  }

  /// `code;NAME;text` of record type 9.
  private mutating func liftLoginError(_ value: ByteView?) -> Bool {
    guard let text = cleanText(value) else { return isBlankScalar(value) }
    guard let first = text.firstIndex(of: Ascii.semicolon),
      let second = text.firstIndex(of: Ascii.semicolon, from: first + 1)
    else { return false }
    event.set(.outcomeReason, text.slice(first + 1, second).trimmed)
    event.set(.outcomeDetail, text.dropFirst(second + 1).trimmed)
    // The code is in the record a second time, but not always the same.
    return false
  }

  /// JSON in a string, of which the user agent has a field.
  private mutating func liftAdditionalDetails(_ value: ByteView?) -> Bool {
    guard let text = cleanText(value) else { return isBlankScalar(value) }
    guard let object = EmbeddedJSON.parse(text, in: &arena), object.first == Ascii.openBrace
    else {
      if text.first == Ascii.openBrace {
        issues.add("ExtendedProperties.additionalDetails", "not JSON")
      }
      return false
    }
    var isAllTaken = true
    var cursor = ObjectCursor(object)
    while let member = cursor.next() {
      let isTaken = member.key == "User-Agent" && take(member.value, .userAgentOriginal)
      if !isTaken { isAllTaken = false }
    }
    return isAllTaken
  }

  private mutating func liftDeviceProperty(_ name: ByteView, _ value: ByteView?) -> Bool {
    if name == "Id" { return take(value, .deviceID) }
    if name == "SessionId" { return take(value, .sessionID) }
    guard let text = cleanText(value) else { return isBlankScalar(value) }
    if name == "DisplayName" {
      // Some senders put the address here.
      if SourceAddress.isAddress(text) { return false }
      return take(value, .deviceName)
    }
    if name == "OS" {
      if event.has(.deviceOs) { return false }
      event.set(.deviceOs, spaced(text))
      return true
    }
    if name == "BrowserType" { return take(value, .deviceBrowser) }
    if name == "TrustType" || name == "DeviceTrustType" { return liftTrustType(text) }
    guard let flag = Normalizer.flag(text) else { return false }
    if name == "IsCompliant" {
      return take(flag, .deviceIsCompliant)
    }
    if name == "IsCompliantAndManaged" {
      // False says only that one of the two is false; which one, `IsCompliant` may tell.
      isCompliantAndManaged = flag
      guard flag else { return false }
      let isCompliant = take(true, .deviceIsCompliant)
      return take(true, .deviceIsManaged) && isCompliant
    }
    return false
  }

  /// Sets a field from a property that is true or false; of two the first counts.
  private mutating func take(_ flag: Bool, _ field: EventField) -> Bool {
    if let present = event.flag(field) { return present == flag }
    event.set(field, flag)
    return true
  }

  private mutating func liftTrustType(_ text: ByteView) -> Bool {
    let types: [StaticString] = ["registered", "joined", "hybrid"]
    guard let number = text.decimalInteger, types.indices.contains(number) else { return false }
    event.setIfAbsent(.deviceTrustType, ByteView(types[number]))
    return event.text(.deviceTrustType).map { $0 == types[number] } ?? false
  }

  /// `Windows10` as `Windows 10`.
  private mutating func spaced(_ system: ByteView) -> ByteView {
    var split = 0
    while split < system.count, isLetter(system[split]) { split += 1 }
    guard split > 2, split < system.count, system.dropFirst(split).buffer.allSatisfy(isDigit)
    else { return system }
    return arena.join(
      arena.join(system.prefix(split), ByteView(" ")), system.dropFirst(split))
  }

  /// `AppAccessContext`: which session, token and application stand behind the call.
  mutating func readAccessContext() {
    guard let context = members.value(.appAccessContext), context.first == Ascii.openBrace
    else { return }
    let taken = takeMembers(of: context) { (self: inout Normalizer, key, value) in
      Taken(self.liftAccessContext(key, value))
    }
    lift(.appAccessContext, taken)
  }

  private mutating func liftAccessContext(_ key: ByteView, _ value: ByteView) -> Bool {
    if key == "AADSessionId" { return take(value, .sessionID) }
    if key == "UniqueTokenId" { return take(value, .sessionTokenID) }
    if key == "CorrelationId" { return take(value, .correlationID) }
    if key == "APIId" { return take(value, .appApiID) }
    if key == "ClientAppId" { return take(value, .appID) }
    guard key == "ClientAppName" || key == "IssuedAtTime" else { return false }
    guard let text = cleanText(value) else { return isBlankScalar(value) }
    if key == "ClientAppName" {
      // Sometimes an id, which is no name.
      return text.isGUID ? agrees(text, .appID) : take(value, .appName)
    }
    if key == "IssuedAtTime" {
      guard let time = RecordTime.read(text) else { return false }
      event.set(.sessionTokenIssuedTime, time)
      return true
    }
    return false
  }
}
