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
    var isUnreadable = false
    for member in [RawMember.errorNumber, .errorCode, .loginStatus] {
      guard let number = signInCode(member) else {
        if member == .errorNumber, members.value(member) != nil, !isBlank(member) {
          isUnreadable = true
          issues.add("ErrorNumber", "not a number")
        }
        continue
      }
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
    // A code that nobody can read is not the one of a success.
    if code == nil, isUnreadable {
      event.set(.authFirstFactor, "unknown")
      return isFailedLogin || saysFailedLogin(status) ? .failure : .interrupted
    }
    // A name that is known stands for its code, which the record does not give.
    if code == nil, let error, let known = SignInCode.find(named: error) {
      return outcome(of: known)
    }
    guard let code, code != 0 else {
      let hasFailed = error != nil || isFailedLogin || saysFailedLogin(status)
      if let verb = event.text(.verb), verb == "login" {
        event.set(.authFirstFactor, hasFailed ? "unknown" : "passed")
      }
      return hasFailed ? .failure : .success
    }
    guard let known = SignInCode.find(code) else {
      event.set(.authFirstFactor, "unknown")
      if isFailedLogin || saysFailedLogin(status) { return .failure }
      return recordType == 9 && outcome(ofStatus: status) == .success ? .success : .interrupted
    }
    if !event.has(.outcomeReason), let name = known.name { event.set(.outcomeReason, name) }
    return outcome(of: known)
  }

  /// The number of a code, also where it stands behind its prefix: `AADSTS50126`.
  private mutating func signInCode(_ member: RawMember) -> Int? {
    guard let text = text(member) else { return nil }
    return LenientNumber.integer(text.hasPrefix(anyCase: "aadsts") ? text.dropFirst(6) : text)
  }

  private mutating func isBlank(_ member: RawMember) -> Bool {
    guard let value = members.value(member) else { return true }
    return isEmptyScalar(value) && cleanText(value) == nil
  }

  /// What a code means, and what it says of the first factor.
  private mutating func outcome(of known: SignInCode) -> EventOutcome {
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
    if let meaning, let implied = meaning.impliedOutcome {
      if implied == .success, RecordFamily.logsCompletedActionsOnly(recordType) {
        event.set(.outcomeIsImplied, true)
      }
      return implied
    }
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

  /// Whether the status says that somebody could not sign in. In most records it is about the
  /// exchange of requests alone.
  private func saysFailedLogin(_ status: ByteView?) -> Bool {
    recordType == 9 && outcome(ofStatus: status) == .failure
  }

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
      let said = [RawMember.severity, .alertSeverity, .riskLevel]
      for member in said {
        if let own = text(member).flatMap({ EventSeverity($0) }) { severity = max(severity, own) }
      }
      // Which of them says less than the highest is not told by that.
      for member in said where text(member).flatMap({ EventSeverity($0) }) == severity {
        members.lift(member)
      }
    case .dataLossPrevention:
      // What a device did is an alert when a policy had something to say about it.
      isAlert = operationKey.hasPrefix("dlp") || event.has(.policies)
      severity = max(severity, policySeverity)
    case .threat:
      isAlert = true
      if isInvestigation, let own = severityOfInvestigation() { severity = max(severity, own) }
    default:
      break
    }
    if isFailedSignIn { severity = max(severity, .low) }
    if let action = event.text(.action), action == "malware.detect" { isAlert = true }
    if opensToAnybody { severity = max(severity, .low) }
    if grantsPrivilegedRole() { severity = max(severity, .medium) }
    if forwardsOutside() || event.has(.mailRuleIsExternalForward) { severity = max(severity, .low) }
    event.set(.severity, severity.name)
    if isAlert { event.set(.isAlert, true) }
  }

  /// Whether somebody could not sign in, to the directory or to a mailbox.
  private var isFailedSignIn: Bool {
    guard let result = event.text(.outcomeResult), result == "failure" else { return false }
    if family == .signIn { return true }
    return family == .mailbox && event.text(.verb).map { $0 == "login" } ?? false
  }

  private mutating func grantsPrivilegedRole() -> Bool {
    guard let action = event.text(.action) else { return false }
    if action == "role.assign" { return assignsPrivilegedRole() }
    return action == "role.member.add" && isRolePrivileged
  }

  /// Whether a role of Exchange is assigned that reads or sends everybody's mail, or gives roles.
  private mutating func assignsPrivilegedRole() -> Bool {
    guard let role = parameterText("Role") else { return false }
    return ExchangeRoles.privileged[arena.lowercase(role)] ?? false
  }

  /// Whether there is a link from now on that admits anybody, whatever the operation is called.
  private var opensToAnybody: Bool {
    guard event.flag(.sharingIsAnonymous) == true, let verb = event.text(.verb), verb == "share"
    else { return false }
    return event.text(.action).map { $0.hasPrefix("share.link.") } ?? false
  }

  /// Whether a cmdlet sends mail on to an address of another domain.
  mutating func forwardsOutside() -> Bool {
    guard family == .exchangeAdmin else { return false }
    for parameter in parameters where sendsOn(parameter) {
      var isForwarding = false
      forEachPart(of: parameter) { (self: inout Normalizer, part) in
        if self.isForeign(Normalizer.mailAddress(part)) { isForwarding = true }
      }
      if isForwarding { return true }
    }
    return false
  }

  /// Whether an address is of another domain than the tenant's own: those it says are its own, or
  /// else all that the record shows to be; false when none is known.
  func isForeign(_ address: ByteView) -> Bool {
    guard let at = address.lastIndex(of: Ascii.at), at > 0, at + 1 < address.count else {
      return false
    }
    let domain = address.dropFirst(at + 1)
    if let isOutside = isOutside(domain) { return isOutside }
    var isAnyKnown = false
    let actorIsExternal = event.flag(.actorIsExternal) == true
    for home in [
      actorIsExternal ? nil : event.text(.actorDomain), organization,
      event.text(.mailboxOwner).flatMap(Normalizer.domain),
      event.text(.targetUpn).flatMap(Normalizer.domain),
    ] {
      // What the tenant is called may be no domain.
      guard let home, home.firstIndex(of: Ascii.dot) != nil,
        home.firstIndex(of: Ascii.blank) == nil
      else { continue }
      if domain.equalsIgnoringCase(home) { return false }
      isAnyKnown = true
    }
    return isAnyKnown
  }

  /// What is behind the last `@`; nil when there is no such thing.
  static func domain(_ text: ByteView) -> ByteView? {
    guard let at = text.lastIndex(of: Ascii.at), at + 1 < text.count else { return nil }
    return text.dropFirst(at + 1)
  }
}
