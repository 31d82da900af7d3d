/// People whom records name in members of their own: who may no longer send mail, who got a policy,
/// who is meant in Viva Engage.
extension Normalizer {
  /// The user who may no longer send mail, or may again; what else is listed has no type of its
  /// own.
  mutating func readRestrictedSender() {
    guard let listed = text(.eventValue) else { return }
    setTarget(listed.isOneAddress ? "user" : "other", called: listed)
    members.lift(.eventValue)
  }

  /// Who gets a policy of Teams or Skype: `Grant-Cs…Policy` is done to a user, not to the policy.
  /// False when the record tells of nothing like that.
  mutating func readPolicyGrant() -> Bool {
    guard operationKey.hasPrefix("grant-cs"),
      let user = parameterText("Identity") ?? text(.objectId)
    else { return false }
    setTarget("user", called: user)
    return true
  }

  /// The group, the person or the file that an operation of Viva Engage is about.
  mutating func readEngageTarget() {
    readGroupTarget()
    if let user = text(.targetUserId) {
      if event.has(.targetType) {
        setTargets(andUser: user)
      } else {
        setTarget("user", called: user)
      }
      members.lift(.targetUserId)
    }
    guard let file = text(.fileName) else { return }
    event.set(.fileName, file)
    members.lift(.fileName)
    if event.has(.targetType) { return }
    event.set(.targetType, "file")
    event.set(.targetName, file)
  }
}
