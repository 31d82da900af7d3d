/// What an event is in the vocabularies of ECS and OCSF: by its action where the table knows it,
/// else by its category and verb.
extension ActionClass {
  init(of event: borrowing NativeEvent) {
    let isAlert = event.isAlert
    self =
      ActionClass.named(event)
      ?? ActionClass.read(
        event.text(.category) ?? ByteView("other"), event.text(.verb) ?? ByteView("other"),
        isAlert: isAlert)
    refineAction(event)
    if isAlert { refineFinding(event) }
  }

  /// What depends on more than the action, be it an alert or not.
  private mutating func refineAction(_ event: borrowing NativeEvent) {
    guard let action = event.text(.action) else { return }
    if action == "user.mfa.update", event.removesSecondFactor {
      ocsf = OCSFClass(uid: 3001, activity: 11)
    }
    // Exchange keeps a list of domains, and no identities.
    if action == "domain.federation.update",
      event.text(.service).map({ $0 == "exchange" }) ?? false
    {
      categories = .configuration
    }
    // What a device reports is a finding where a policy matched, else only what was done.
    if action.hasPrefix("endpoint."), event.json(LaterField.policies) != nil {
      ocsf = OCSFClass(uid: 2006, activity: 1)
    }
  }

  /// The class that a table has for the action, those of applications first.
  private static func named(_ event: borrowing NativeEvent) -> ActionClass? {
    guard let action = event.text(.action) else { return nil }
    if let category = event.text(.category), category == "application",
      let own = find(action, ofApplicationIn: event.text(.service) ?? ByteView("other"))
    {
      return own
    }
    // What is switched on was there before.
    if action == "cmdlet.create", event.text(.verb).map({ $0 == "enable" }) ?? false {
      return find(ByteView("cmdlet.update"))
    }
    return find(action)
  }

  // MARK: By category and verb

  private static func read(
    _ category: ByteView, _ verb: ByteView, isAlert: Bool
  ) -> ActionClass {
    if isAlert {
      let isProtection = category == "data_protection"
      return ActionClass(
        .intrusionDetection, .info, OCSFClass(uid: isProtection ? 2006 : 2004, activity: 1))
    }
    if category == "authentication" { return authentication(verb) }
    if category == "identity" {
      return ActionClass(
        .iam, identityTypes(verb), OCSFClass(uid: 3004, activity: entityActivity(verb)))
    }
    if category == "mailbox" || category == "email" {
      return ActionClass(.email, .info, OCSFClass(uid: 6003, activity: apiActivity(verb)))
    }
    if category == "file" || category == "sharing" {
      let isUse = verb == "read" || verb == "export"
      return ActionClass(
        .file, isUse ? .access : changeTypes(verb, other: .access),
        OCSFClass(uid: 6006, activity: fileActivity(verb)))
    }
    if category == "site" || category == "analytics" {
      return ActionClass(.web, .access, OCSFClass(uid: 6001, activity: webActivity(verb)))
    }
    let call = OCSFClass(uid: 6003, activity: apiActivity(verb))
    let isUse = verb == "read" || verb == "search" || verb == "export"
    let isSetting = category == "configuration" && !isUse
    return isSetting
      ? ActionClass(.configuration, changeTypes(verb, other: .info), call)
      : ActionClass(.api, apiTypes(verb), call)
  }

  private static func authentication(_ verb: ByteView) -> ActionClass {
    if verb == "login" {
      return ActionClass(.authentication, .start, OCSFClass(uid: 3002, activity: 1))
    }
    if verb == "logout" {
      return ActionClass(.authentication, .end, OCSFClass(uid: 3002, activity: 2))
    }
    return ActionClass(.authentication, .info, OCSFClass(uid: 3002, activity: 99))
  }

  private static func changeTypes(_ verb: ByteView, other: ECSTypes) -> ECSTypes {
    if verb == "create" || verb == "import" || verb == "install" { return .creation }
    if verb == "delete" || verb == "uninstall" { return .deletion }
    for word in changes where verb == word { return .change }
    return other
  }

  /// Verbs that change what is there.
  private static let changes: [StaticString] = [
    "update", "grant", "revoke", "share", "unshare", "enable", "disable",
  ]

  private static func identityTypes(_ verb: ByteView) -> ECSTypes {
    if verb == "grant" || verb == "revoke" { return [.admin, .change] }
    return changeTypes(verb, other: .info)
  }

  fileprivate static func apiTypes(_ verb: ByteView) -> ECSTypes {
    if verb == "read" || verb == "search" || verb == "export" { return .access }
    return changeTypes(verb, other: .info)
  }

  /// The activity of class 6003 for a verb.
  static func apiActivity(_ verb: ByteView) -> Int {
    switch apiTypes(verb) {
    case .creation: 1
    case .access: 2
    case .change: 3
    case .deletion: 4
    default: 99
    }
  }

  private static func entityActivity(_ verb: ByteView) -> Int {
    if verb == "enable" { return 8 }
    return verb == "disable" ? 9 : apiActivity(verb)
  }

  private static func fileActivity(_ verb: ByteView) -> Int {
    if verb == "create" { return 1 }
    if verb == "read" { return 14 }
    if verb == "export" { return 2 }
    if verb == "update" { return 3 }
    if verb == "delete" { return 4 }
    if verb == "share" || verb == "grant" { return 12 }
    return verb == "unshare" || verb == "revoke" ? 13 : 99
  }

  private static func webActivity(_ verb: ByteView) -> Int {
    if verb == "search" { return 5 }
    if verb == "import" { return 6 }
    if verb == "export" { return 7 }
    return verb == "share" ? 8 : apiActivity(verb)
  }
}

extension NativeEvent {
  /// Whether the event is an alert.
  var isAlert: Bool { flag(.isAlert) == true }

  /// Whether it is about a message.
  var isEmail: Bool {
    if let type = text(.targetType), type == "email" { return true }
    return text(LaterField.messageID) != nil
  }

  /// Whether it is about a file.
  var isFile: Bool {
    if let type = text(.targetType), type == "file" || type == "folder" { return true }
    return text(LaterField.fileName) != nil
  }

  /// The truth of a field; nil when it holds none.
  func flag(_ field: EventField?) -> Bool? {
    guard let field, case .flag(let flag)? = self[field] else { return nil }
    return flag
  }

  /// The text of a field that some version has; nil when it holds none.
  func text(_ field: EventField?) -> ByteView? {
    guard let field else { return nil }
    return text(field)
  }

  /// The JSON of a field; nil when it holds none.
  func json(_ field: EventField?) -> ByteView? {
    guard let field, case .json(let view)? = self[field] else { return nil }
    return view
  }
}

/// Fields that formats read when the native event has them, found by their paths.
enum LaterField {
  static let isBlocked: EventField? = .dlpIsBlocked
  static let isOverride: EventField? = .dlpIsOverride
  static let alertCategory: EventField? = .alertCategory
  static let alertStatus: EventField? = .alertStatus
  static let alertOperation: EventField? = .alertOperation
  static let alertID: EventField? = .alertID
  static let alertName: EventField? = .alertName
  static let alertPolicyID: EventField? = .alertPolicyID
  static let messageID: EventField? = .emailMessageID
  static let subject: EventField? = .emailSubject
  static let from: EventField? = .emailFrom
  static let to: EventField? = .emailTo
  static let cc: EventField? = .emailCc
  static let bcc: EventField? = .emailBcc
  static let envelopeFrom: EventField? = .emailEnvelopeFrom
  static let senderIP: EventField? = .emailSenderIP
  static let direction: EventField? = .emailDirection
  static let attachments: EventField? = .emailAttachments
  static let items: EventField? = .emailItems
  static let forwardTo: EventField? = .mailRuleForwardTo
  static let redirectTo: EventField? = .mailRuleRedirectTo
  static let isNonOwner: EventField? = .mailboxIsNonOwner
  static let mailboxGuid: EventField? = .mailboxGuid
  static let mailboxOwner: EventField? = .mailboxOwner
  static let ownerSid: EventField? = .mailboxOwnerSid
  static let fileName: EventField? = .fileName
  static let filePath: EventField? = .filePath
  static let fileSize: EventField? = .fileSize
  static let fileExtension: EventField? = .fileExt
  static let fileURL: EventField? = .fileURL
  static let fileType: EventField? = .fileType
  static let fileItemID: EventField? = .fileItemID
  static let fileSha256: EventField? = .fileSha256
  static let siteURL: EventField? = .siteURL
  static let isAnonymousLink: EventField? = .sharingIsAnonymous
  static let sharingPermission: EventField? = .sharingPermission
  static let sharingScope: EventField? = .sharingScope
  static let sharingID: EventField? = .sharingID
  static let teamID: EventField? = .teamID
  static let teamName: EventField? = .teamName
  static let params: EventField? = .params
  static let policies: EventField? = .policies
  static let sensitiveTypes: EventField? = .dlpSensitiveTypes
  static let riskLevel: EventField? = .riskLevel
}
