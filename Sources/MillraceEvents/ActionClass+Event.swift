/// What an event is in the vocabularies of ECS and OCSF: by its action where the table knows it,
/// else by its category and verb.
extension ActionClass {
  init(of event: borrowing NativeEvent) {
    let isAlert = event.isAlert
    self =
      event.text(.action).flatMap(ActionClass.find)
      ?? ActionClass.read(
        event.text(.category) ?? ByteView("other"), event.text(.verb) ?? ByteView("other"),
        isAlert: isAlert)
    guard isAlert else { return }
    refineFinding(event)
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
    let isSetting = category == "configuration" && !(verb == "read" || verb == "search")
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

  // MARK: Findings

  /// What of a finding depends on its values: whether it was stopped, what it is about, whether it
  /// is closed.
  private mutating func refineFinding(_ event: borrowing NativeEvent) {
    if ocsf.uid == 2006 {
      if event.isEmail {
        categories.insert(.email)
        types.insert(.info)
      } else if event.isFile {
        categories.insert(.file)
        types.insert(.access)
      }
      if let action = event.text(.action), action == "dlp.rule.match",
        LaterField.isBlocked != nil
      {
        types.insert(event.flag(LaterField.isBlocked) == true ? .denied : .allowed)
        if !categories.contains(.email) { types.remove(.info) }
      }
      if let action = event.text(.action), action == "dlp.rule.undo",
        event.flag(LaterField.isOverride) == true
      {
        ocsf = OCSFClass(uid: 2006, activity: 2)
      }
    }
    if let category = event.text(LaterField.alertCategory) {
      if category.firstIndex(ofAnyCase: "dataloss") != nil
        || category.isAnyCase("datagovernance")
      {
        categories.insert(.file)
      } else if category.isAnyCase("accessgovernance")
        || category.firstIndex(ofAnyCase: "insiderrisk") != nil
      {
        categories.insert(.iam)
      } else if category.isAnyCase("mailflow") {
        categories.insert(.email)
      }
    }
    if let status = event.text(LaterField.alertStatus), ocsf.uid == 2004, ocsf.activity == 2,
      status.isAnyCase("resolved") || status.isAnyCase("dismissed")
    {
      ocsf = OCSFClass(uid: 2004, activity: 3)
    }
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
  static let isBlocked = EventField(path: "dlp.is_blocked")
  static let isOverride = EventField(path: "dlp.is_override")
  static let alertCategory = EventField(path: "alert.category")
  static let alertStatus = EventField(path: "alert.status")
  static let alertOperation = EventField(path: "alert.operation")
  static let alertID = EventField(path: "alert.id")
  static let alertName = EventField(path: "alert.name")
  static let alertPolicyID = EventField(path: "alert.policy_id")
  static let messageID = EventField(path: "email.message_id")
  static let subject = EventField(path: "email.subject")
  static let from = EventField(path: "email.from")
  static let to = EventField(path: "email.to")
  static let cc = EventField(path: "email.cc")
  static let bcc = EventField(path: "email.bcc")
  static let envelopeFrom = EventField(path: "email.envelope_from")
  static let senderIP = EventField(path: "email.sender_ip")
  static let direction = EventField(path: "email.direction")
  static let attachments = EventField(path: "email.attachments")
  static let items = EventField(path: "email.items")
  static let forwardTo = EventField(path: "mail_rule.forward_to")
  static let redirectTo = EventField(path: "mail_rule.redirect_to")
  static let isNonOwner = EventField(path: "mailbox.is_non_owner")
  static let mailboxGuid = EventField(path: "mailbox.guid")
  static let mailboxOwner = EventField(path: "mailbox.owner")
  static let ownerSid = EventField(path: "mailbox.owner_sid")
  static let fileName = EventField(path: "file.name")
  static let filePath = EventField(path: "file.path")
  static let fileSize = EventField(path: "file.size")
  static let fileExtension = EventField(path: "file.ext")
  static let fileURL = EventField(path: "file.url")
  static let fileType = EventField(path: "file.type")
  static let fileItemID = EventField(path: "file.item_id")
  static let fileSha256 = EventField(path: "file.sha256")
  static let siteURL = EventField(path: "site.url")
  static let isAnonymousLink = EventField(path: "sharing.is_anonymous")
  static let sharingPermission = EventField(path: "sharing.permission")
  static let sharingScope = EventField(path: "sharing.scope")
  static let sharingID = EventField(path: "sharing.id")
  static let teamID = EventField(path: "team.id")
  static let teamName = EventField(path: "team.name")
  static let params = EventField(path: "params")
  static let policies = EventField(path: "policies")
  static let sensitiveTypes = EventField(path: "dlp.sensitive_types")
  static let riskLevel = EventField(path: "risk.level")
}
