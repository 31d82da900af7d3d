/// What the actor used: applications, user agent, device, and the details of authentication.
extension Normalizer {
  mutating func readApplications() {
    switch family {
    case .exchangeAdmin, .mailbox:
      // The original caller counts for more than the application that called Exchange.
      for member in [RawMember.clientAppId, .appId] { liftApplication(member) }
    default:
      for member in [RawMember.applicationId, .clientAppId, .appId] { liftApplication(member) }
      if recordType == 52 { liftApplication(.aadAppId) }
    }
    if let name = text(.applicationDisplayName) {
      if name.isGUID {
        if agrees(name, .appID) { members.lift(.applicationDisplayName) }
      } else {
        liftIfSame(.applicationDisplayName, .appName)
      }
    }
    if let id = event.text(.appID) {
      let lowered = arena.lowercase(id)
      event.set(.appID, lowered)
      if !event.has(.appName), let name = ApplicationNames.table[lowered] {
        event.set(.appName, name)
      }
    }
    if family == .signIn, let resource = text(.objectId), resource.isGUID {
      let lowered = arena.lowercase(resource)
      event.set(.appResourceID, lowered)
      if let name = ApplicationNames.table[lowered] { event.set(.appResourceName, name) }
    }
    if let host = text(.hostAppId), host.isGUID {
      event.set(.appHostID, arena.lowercase(host))
      members.lift(.hostAppId)
    }
  }

  private mutating func liftApplication(_ member: RawMember) {
    guard let text = text(member) else { return }
    let id = arena.lowercase(text)
    event.setIfAbsent(.appID, id)
    if agrees(id, .appID) { members.lift(member) }
  }

  mutating func readClient() {
    lift(.clientInfoString, to: .appClientInfo)
    if let agent = text(.userAgent) {
      event.setIfAbsent(.userAgentOriginal, agent)
      if agrees(agent, .userAgentOriginal) { members.lift(.userAgent) }
    }
    if recordType == 9 { liftIfSame(.client, .userAgentOriginal) }
    if !event.has(.userAgentOriginal), let info = event.text(.appClientInfo) {
      readAgent(ofClientInfo: info)
    }
    lift(.browserName, to: .userAgentName)
    lift(.browserVersion, to: .userAgentVersion)
    if !event.has(.userAgentName), event.has(.userAgentOriginal),
      let browser = event.text(.deviceBrowser), !browser.isAnyCase("other")
    {
      event.set(.userAgentName, browser)
    }
    if family == .sharePoint { lift(.platform, to: .devicePlatform) }
    lift(.machineId, to: .deviceMachineID)
    if let managed = flag(.isManagedDevice) {
      event.set(.deviceIsManaged, managed)
      members.lift(.isManagedDevice)
    }
  }

  /// `Client=OWA;Mozilla/5.0 …`, `Client=ActiveSync;UserAgent=…`.
  private mutating func readAgent(ofClientInfo info: ByteView) {
    if let mark = info.firstIndex(ofAnyCase: "useragent=") {
      let agent = Normalizer.firstPart(of: info.dropFirst(mark + 10))
      if !agent.hasPrefix("[NoUserAgent]") { event.set(.userAgentOriginal, agent) }
      return
    }
    guard let semicolon = info.firstIndex(of: Ascii.semicolon) else { return }
    var rest = info.dropFirst(semicolon + 1).trimmed
    while rest.last == Ascii.semicolon { rest = rest.prefix(rest.count - 1).trimmed }
    if rest.hasPrefix("Mozilla/") || rest.hasPrefix("Microsoft Office/") {
      event.set(.userAgentOriginal, rest)
    }
  }

  /// What stands before the first semicolon that is not in brackets.
  private static func firstPart(of text: ByteView) -> ByteView {
    var depth = 0
    for index in 0..<text.count {
      switch text[index] {
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      case Ascii.semicolon where depth <= 0: return text.prefix(index).trimmed
      default: continue
      }
    }
    return text.trimmed
  }

  // MARK: Authentication

  mutating func readAuthentication() {
    if let type = event.text(.authRequestType) { readRequestType(type) }
    readAuthenticationType(.authenticationType)
    if family == .mailbox || family == .exchangeAdmin {
      readAuthenticationType(.authType)
      lift(.tokenType, to: .authTokenType)
    }
    readMailProtocol()
    guard family == .signIn else { return }
    readSecondFactor()
    guard let agent = event.text(.userAgentOriginal) else { return }
    if agent.hasPrefix("BAV2ROPC") || agent.hasPrefix("CBAInPROD") || agent.hasPrefix("CBAInTAR") {
      event.set(.authIsLegacy, true)
    }
  }

  /// What proves that a second factor was asked for; its absence proves nothing. A password that
  /// the token endpoint itself refused came from a client that asks for it.
  private mutating func readSecondFactor() {
    if let code = event.text(.outcomeCode) {
      for asked: StaticString in ["50074", "50076", "500121"] where code == asked {
        event.set(.authIsMfa, true)
      }
      if let type = event.text(.authRequestType), type.isAnyCase("oauth2:token") {
        for password: StaticString in ["50126", "50055", "50056", "50064"] where code == password {
          event.set(.authIsLegacy, true)
        }
      }
    }
    if let type = event.text(.authRequestType), type.hasPrefix(anyCase: "sas:") {
      event.set(.authIsMfa, true)
    }
    if let detail = event.text(.authResultDetail), detail.firstIndex(ofAnyCase: "mfa") != nil {
      event.set(.authIsMfa, true)
    }
  }

  /// Protocols of mail with a password in each call.
  private mutating func readMailProtocol() {
    guard family == .mailbox, let known = event.text(.authProtocol), known == "basic",
      let client = event.text(.appClientInfo)
    else { return }
    for name: StaticString in ["pop3", "imap4", "activesync"]
    where client.firstIndex(ofAnyCase: name) != nil {
      event.set(.authIsLegacy, true)
    }
  }

  private mutating func readAuthenticationType(_ member: RawMember) {
    guard !event.has(.authProtocol), let type = text(member) else { return }
    if type.isAnyCase("oauth") || type.isAnyCase("bearer") {
      event.set(.authProtocol, "oauth2")
    } else if type.isAnyCase("formscookieauth") {
      event.set(.authProtocol, "cookie")
    } else if type.isAnyCase("basic") {
      event.set(.authProtocol, "basic")
    } else {
      return event.set(.authProtocol, "other")
    }
    members.lift(member)
  }

  /// What the step of the sign-in was: a person at a page, a client at the token endpoint, a page
  /// in the middle.
  private mutating func readRequestType(_ type: ByteView) {
    if type.hasPrefix(anyCase: "oauth2:") {
      event.set(.authProtocol, "oauth2")
      if type.isAnyCase("oauth2:authorize") { event.set(.authIsInteractive, true) }
      if type.isAnyCase("oauth2:token") { event.set(.authIsInteractive, false) }
    } else if type.hasPrefix(anyCase: "saml2:") {
      event.set(.authProtocol, "saml2")
    } else if type.hasPrefix(anyCase: "wsfederation:")
      || type.hasPrefix(anyCase: "orgidwsfederation:")
    {
      event.set(.authProtocol, "wsfed")
    } else if type.hasPrefix(anyCase: "openid") {
      event.set(.authProtocol, "other")
    } else if type.hasPrefix(anyCase: "login:") {
      event.set(.authIsInteractive, true)
      if type.isAnyCase("login:reprocess") || type.isAnyCase("login:resume") {
        event.set(.authIsContinuation, true)
      }
    } else {
      for step: StaticString in ["sas:", "cmsi:", "kmsi:", "messageprompt:", "consent:", "bind:"]
      where type.hasPrefix(anyCase: step) {
        event.set(.authIsContinuation, true)
      }
    }
  }
}
