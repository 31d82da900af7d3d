/// The closed list of `category`.
enum EventCategory: CaseIterable, Sendable {
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
enum EventVerb: CaseIterable, Sendable {
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
enum EventSeverity: Int, CaseIterable, Comparable, Sendable {
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

/// The closed list of `outcome.result`.
enum EventOutcome: CaseIterable, Sendable {
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
