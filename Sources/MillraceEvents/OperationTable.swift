/// The closed list of `category`.
enum EventCategory: Sendable {
  case authentication, identity, mailbox, email, file, sharing, site, collaboration, configuration,
    dataProtection, alert, threat, discovery, analytics, ai, application, other

  var name: StaticString {
    switch self {
    case .authentication: "authentication"
    case .identity: "identity"
    case .mailbox: "mailbox"
    case .email: "email"
    case .file: "file"
    case .sharing: "sharing"
    case .site: "site"
    case .collaboration: "collaboration"
    case .configuration: "configuration"
    case .dataProtection: "data_protection"
    case .alert: "alert"
    case .threat: "threat"
    case .discovery: "discovery"
    case .analytics: "analytics"
    case .ai: "ai"
    case .application: "application"
    case .other: "other"
    }
  }
}

/// The closed list of `verb`.
enum EventVerb: Sendable {
  case create, read, update, delete, grant, revoke, share, unshare, login, logout, send, search,
    export, `import`, install, uninstall, enable, disable, detect, execute, other

  var name: StaticString {
    switch self {
    case .create: "create"
    case .read: "read"
    case .update: "update"
    case .delete: "delete"
    case .grant: "grant"
    case .revoke: "revoke"
    case .share: "share"
    case .unshare: "unshare"
    case .login: "login"
    case .logout: "logout"
    case .send: "send"
    case .search: "search"
    case .export: "export"
    case .import: "import"
    case .install: "install"
    case .uninstall: "uninstall"
    case .enable: "enable"
    case .disable: "disable"
    case .detect: "detect"
    case .execute: "execute"
    case .other: "other"
    }
  }
}

/// The closed list of `severity`, from least to most.
enum EventSeverity: Int, Comparable, Sendable {
  case informational, low, medium, high, critical

  var name: StaticString {
    switch self {
    case .informational: "informational"
    case .low: "low"
    case .medium: "medium"
    case .high: "high"
    case .critical: "critical"
    }
  }

  /// Reads the service's word in any letter case.
  init?(_ text: ByteView) {
    if text.isAnyCase("informational") {
      self = .informational
    } else if text.isAnyCase("low") {
      self = .low
    } else if text.isAnyCase("medium") {
      self = .medium
    } else if text.isAnyCase("high") {
      self = .high
    } else if text.isAnyCase("critical") {
      self = .critical
    } else {
      return nil
    }
  }

  static func < (left: EventSeverity, right: EventSeverity) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What an operation means. Data, one row for each operation, keyed by the normalized operation:
/// trimmed, blanks collapsed, without the final full stop, en dashes as hyphens, in lower case.
struct OperationMeaning: Sendable {
  let category: EventCategory
  let action: StaticString
  let verb: EventVerb
  let severity: EventSeverity
  /// What the operation's own words say when the record has no status.
  let impliedOutcome: EventOutcome?

  init(
    _ category: EventCategory, _ action: StaticString, _ verb: EventVerb,
    severity: EventSeverity = .informational, outcome: EventOutcome? = nil
  ) {
    self.category = category
    self.action = action
    self.verb = verb
    self.severity = severity
    impliedOutcome = outcome
  }

  /// The rows of the sign-in family (record types 9, 15 and 275).
  static let signIns: [(name: StaticString, value: OperationMeaning)] = [
    ("userloggedin", .init(.authentication, "user.login", .login)),
    ("userloginfailed", .init(.authentication, "user.login", .login)),
    ("userloggedoff", .init(.authentication, "user.logout", .logout)),
    ("userlogoff", .init(.authentication, "user.logout", .logout)),
    (
      "passwordlogoninitialauthusingpassword",
      .init(.authentication, "user.login", .login)
    ),
    (
      "foreignrealmindexlogoninitialauthusingadfsfederatedtoken",
      .init(.authentication, "user.login", .login)
    ),
    (
      "passwordlogoncookiecopyusingdatoken",
      .init(.authentication, "user.login", .login)
    ),
    (
      "foreignrealmindexlogoncookiecopyusingdatoken",
      .init(.authentication, "user.login", .login)
    ),
  ]

  /// The rows of all other families. Operations that are not here are read by their words.
  static let others: [(name: StaticString, value: OperationMeaning)] = [
    ("add member to role", .init(.identity, "role.member.add", .grant)),
    ("add eligible member to role", .init(.identity, "role.member.add", .grant)),
    ("remove member from role", .init(.identity, "role.member.remove", .revoke)),
    ("new-inboxrule", .init(.mailbox, "mailbox.rule.create", .create)),
    ("harddelete", .init(.mailbox, "mailbox.item.purge", .delete)),
    ("softdelete", .init(.mailbox, "mailbox.item.delete", .delete)),
    ("movetodeleteditems", .init(.mailbox, "mailbox.item.trash", .delete)),
    ("mailitemsaccessed", .init(.mailbox, "mailbox.item.access", .read)),
    ("filedownloaded", .init(.file, "file.download", .read)),
    (
      "anonymouslinkcreated",
      .init(.sharing, "share.link.create", .share, severity: .low)
    ),
    (
      "unmanagedsyncclientblocked",
      .init(.file, "sync.enable", .enable, outcome: .failure)
    ),
    (
      "accessrequestrejected",
      .init(.sharing, "access.request.reject", .update, outcome: .success)
    ),
    (
      "sharinginvitationblocked",
      .init(.sharing, "share.invite.block", .share, outcome: .failure)
    ),
    ("dlprulematch", .init(.dataProtection, "dlp.rule.match", .detect)),
    ("dlpruleundo", .init(.dataProtection, "dlp.rule.undo", .other)),
    ("dlpinfo", .init(.dataProtection, "dlp.false_positive", .other)),
    ("alerttriggered", .init(.alert, "alert.create", .detect)),
    ("alertentitygenerated", .init(.alert, "alert.entity.add", .detect)),
    ("alertupdated", .init(.alert, "alert.update", .update)),
  ]

  private static let table = NameTable<OperationMeaning>(signIns + others)

  /// The row of an operation, by its normalized key; nil when there is none.
  static func find(_ key: ByteView) -> OperationMeaning? { table[key] }
}

/// The closed list of `outcome.result`.
enum EventOutcome: Sendable {
  case success, failure, partial, interrupted, unknown

  var name: StaticString {
    switch self {
    case .success: "success"
    case .failure: "failure"
    case .partial: "partial"
    case .interrupted: "interrupted"
    case .unknown: "unknown"
    }
  }
}
