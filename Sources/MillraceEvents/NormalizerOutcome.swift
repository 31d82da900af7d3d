/// Whether it worked, and how serious it is.
extension Normalizer {
  mutating func readOutcome() {
    let status = text(.resultStatus)
    if let status {
      event.set(.outcomeStatus, status)
      members.lift(.resultStatus)
    }
    let result = family == .signIn ? signInOutcome(status) : otherOutcome(status)
    event.set(.outcomeResult, result.name)
  }

  // MARK: Sign-ins

  /// The code decides; `ResultStatus` says only that the HTTP exchange worked.
  private mutating func signInOutcome(_ status: ByteView?) -> EventOutcome {
    var code: Int?
    for member in [RawMember.errorNumber, .errorCode, .loginStatus] {
      guard let number = integer(member) else { continue }
      if code == nil { code = number }
      if code == number { members.lift(member) }
    }
    let error = text(.logonError)
    if let error {
      event.set(.authErrorName, error)
      event.set(.outcomeReason, error)
      members.lift(.logonError)
    }
    if let code {
      scratch.removeAll()
      scratch.append(integer: code)
      event.set(.outcomeCode, arena.copy(scratch.view))
    }
    let isFailedLogin = operationKey == "userloginfailed"
    guard let code, code != 0 else {
      let hasFailed = error != nil || isFailedLogin || (recordType == 9 && isFailure(status))
      event.set(.authFirstFactor, hasFailed ? "unknown" : "passed")
      return hasFailed ? .failure : .success
    }
    guard let known = SignInCode.find(code) else {
      event.set(.authFirstFactor, "unknown")
      if isFailedLogin || isFailure(status) { return .failure }
      return recordType == 9 && outcome(ofStatus: status) == .success ? .success : .interrupted
    }
    if !event.has(.outcomeReason), let name = known.name { event.set(.outcomeReason, name) }
    switch known.firstFactor {
    case .passed: event.set(.authFirstFactor, "passed")
    case .failed: event.set(.authFirstFactor, "failed")
    case .unknown: event.set(.authFirstFactor, "unknown")
    }
    return known.outcome == .interrupt ? .interrupted : .failure
  }

  // MARK: Everything else

  private mutating func otherOutcome(_ status: ByteView?) -> EventOutcome {
    for member in [RawMember.isSuccess, .succeeded] {
      if let flag = flag(member) {
        members.lift(member)
        return flag ? .success : .failure
      }
    }
    if let status {
      // There the status is that of the alert, or says that the alert was written.
      if family == .alert { return .unknown }
      return outcome(ofStatus: status) ?? .unknown
    }
    if let meaning, let implied = meaning.impliedOutcome { return implied }
    if family == .dataLossPrevention { return .success }
    if meaning == nil, saysFailure(operationKey) { return .failure }
    if RecordFamily.logsCompletedActionsOnly(recordType) {
      event.set(.outcomeIsImplied, true)
      return .success
    }
    return .unknown
  }

  private func saysFailure(_ key: ByteView) -> Bool {
    key.hasSuffix("failed") || key.hasSuffix("blocked") || key.hasSuffix("denied")
      || key.hasSuffix("rejected")
  }

  private func isFailure(_ status: ByteView?) -> Bool { outcome(ofStatus: status) == .failure }

  /// What a status says, in any letter case; nil when it is not a result.
  private func outcome(ofStatus status: ByteView?) -> EventOutcome? {
    guard let status else { return nil }
    for word: StaticString in ["succeeded", "success", "successful", "true", "ok", "completed"]
    where status.isAnyCase(word) {
      return .success
    }
    for word: StaticString in ["partiallysucceeded", "partial"] where status.isAnyCase(word) {
      return .partial
    }
    for word: StaticString in [
      "failed", "failure", "false", "error", "logonfailed", "authorizationfailure",
    ] where status.isAnyCase(word) {
      return .failure
    }
    guard RecordFamily.hasNumericStatus(recordType), let number = LenientNumber.integer(status)
    else { return nil }
    switch number {
    case 1: return .success
    case 2, 3: return .failure
    default: return nil
    }
  }

  // MARK: Severity

  mutating func readSeverity() {
    var severity = meaning?.severity ?? .informational
    var isAlert = false
    switch family {
    case .alert:
      isAlert = true
      for member in [RawMember.severity, .alertSeverity, .riskLevel] {
        guard let text = text(member), let own = EventSeverity(text) else { continue }
        severity = max(severity, own)
        members.lift(member)
      }
    case .dataLossPrevention:
      isAlert = operationKey.hasPrefix("dlp")
      severity = max(severity, policySeverity)
    case .threat:
      isAlert = true
    case .signIn:
      if let result = event.text(.outcomeResult), result == "failure" { severity = .low }
    default:
      break
    }
    if grantsPrivilegedRole() { severity = max(severity, .medium) }
    if forwardsOutside() || event.has(.mailRuleIsExternalForward) { severity = max(severity, .low) }
    event.set(.severity, severity.name)
    if isAlert { event.set(.isAlert, true) }
  }

  private func grantsPrivilegedRole() -> Bool {
    guard let action = event.text(.action), action == "role.member.add" else { return false }
    return isRolePrivileged
  }

  /// Whether a cmdlet sends mail on to an address of another domain.
  mutating func forwardsOutside() -> Bool {
    guard family == .exchangeAdmin, let value = members.value(.parameters) else { return false }
    var parameters = PropertyCursor(value)
    while let parameter = parameters.next(in: &arena) {
      guard Normalizer.forwardingParameters[parameter.name] != nil,
        let text = cleanText(parameter.value)
      else { continue }
      var start = 0
      while start <= text.count {
        let end = text.firstIndex(of: Ascii.semicolon, from: start) ?? text.count
        if isForeign(Normalizer.mailAddress(text.slice(start, end).trimmed)) { return true }
        start = end + 1
      }
    }
    return false
  }

  /// Whether an address is of another domain than the actor and the tenant; false when the actor
  /// has none.
  func isForeign(_ address: ByteView) -> Bool {
    guard let home = event.text(.actorDomain), let at = address.lastIndex(of: Ascii.at), at > 0
    else { return false }
    let domain = address.dropFirst(at + 1)
    return !domain.isEmpty && !domain.equalsIgnoringCase(home)
      && !(event.text(.tenantName).map(domain.equalsIgnoringCase) ?? false)
  }

  private static let forwardingParameters = NameTable<Bool>([
    ("ForwardTo", true), ("ForwardAsAttachmentTo", true), ("ForwardingSmtpAddress", true),
    ("ForwardingAddress", true), ("RedirectTo", true), ("RedirectMessageTo", true),
    ("BlindCopyTo", true), ("CopyTo", true),
  ])
}
