/// Groups of record types that are read alike (Activity API schema, "AuditLogRecordType").
enum RecordFamily: Sendable {
  case signIn, directory, exchangeAdmin, mailbox, sharePoint, teams, dataLossPrevention, alert,
    threat, informationProtection, discovery, powerPlatform, artificialIntelligence, other

  init(recordType: Int?) {
    switch recordType {
    case 9, 15, 275: self = .signIn
    case 8: self = .directory
    case 1, 10, 18, 23: self = .exchangeAdmin
    case 2, 3, 19, 50, 101: self = .mailbox
    case 4, 6, 7, 14, 36, 37, 54, 55, 56, 102, 277: self = .sharePoint
    case 25, 57, 59, 73, 462: self = .teams
    // Those above 107 are in no published list, but are written by the same service.
    case 11, 13, 33, 63, 99, 100, 107, 108, 234, 263, 270, 271, 276, 289:
      self = .dataLossPrevention
    case 40, 78, 90, 98, 113, 294: self = .alert
    case 28, 41, 47, 51, 62, 64, 86, 89: self = .threat
    case 43, 70, 71, 72, 75, 82, 83, 84, 93, 94, 95, 96, 97, 206: self = .informationProtection
    case 24, 31, 38, 42, 48, 52, 68, 106, 295, 296, 297, 333: self = .discovery
    case 20, 21, 30, 45, 46, 79, 186, 187, 256, 357: self = .powerPlatform
    case 261, 284, 310, 311, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 322, 323, 324, 325,
      328, 334, 362, 363, 379, 380, 383, 384:
      self = .artificialIntelligence
    default: self = .other
    }
  }

  /// The category of operations that no table knows.
  func category(recordType: Int?) -> EventCategory {
    switch self {
    case .signIn: .authentication
    case .directory: .identity
    case .exchangeAdmin: .configuration
    case .mailbox: .mailbox
    case .sharePoint:
      switch recordType {
      case 6, 7, 277: .file
      case 14: .sharing
      default: .site
      }
    case .teams: recordType == 57 ? .configuration : .collaboration
    case .dataLossPrevention, .informationProtection: .dataProtection
    case .alert: .alert
    case .threat: .threat
    case .discovery: .discovery
    case .powerPlatform: recordType == 20 || recordType == 357 ? .analytics : .application
    case .artificialIntelligence: .ai
    case .other: .other
    }
  }

  /// Whether records are of policies that look for secrets in mail and files, and may say word for
  /// word what they found.
  var isOfPolicies: Bool { self == .dataLossPrevention || self == .informationProtection }

  /// Whether records may say, word for word, what such a policy found. Those of services that look
  /// for nothing do not.
  var mayHoldMatchedSecrets: Bool {
    switch self {
    case .signIn, .directory, .exchangeAdmin, .mailbox, .sharePoint, .teams: false
    default: true
    }
  }

  /// Whether the service logs only what was done, so that a missing status means success.
  static func logsCompletedActionsOnly(_ recordType: Int?) -> Bool {
    switch recordType {
    case 4, 6, 14, 20, 25, 28, 36, 52, 54, 55, 56: true
    default: false
    }
  }

  /// Whether `ResultStatus` is one of the numbers of Planner: 1 success, 2 and 3 failures.
  static func hasNumericStatus(_ recordType: Int?) -> Bool {
    switch recordType {
    case 188, 189, 190, 191, 192, 193, 194, 231, 386, 387, 401, 402: true
    default: false
    }
  }
}
