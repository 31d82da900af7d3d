/// A class of OCSF 1.8.0 and one of its activities.
struct OCSFClass: Sendable, Hashable {
  /// The class's number, such as 3002.
  let uid: Int
  /// The activity's number within the class; 99 is any other.
  let activity: Int

  /// The call of an interface, which every operation is at least.
  static func call(verb: ByteView) -> OCSFClass {
    OCSFClass(uid: 6003, activity: ActionClass.apiActivity(verb))
  }
}

/// Classes as groups of a table's rows.
struct OCSFClasses: OptionSet, Sendable {
  let rawValue: UInt32

  static let authentication = Self(rawValue: 1 << 0)
  static let accountChange = Self(rawValue: 1 << 1)
  static let entityManagement = Self(rawValue: 1 << 2)
  static let userAccess = Self(rawValue: 1 << 3)
  static let groupManagement = Self(rawValue: 1 << 4)
  static let webResources = Self(rawValue: 1 << 5)
  static let applicationLifecycle = Self(rawValue: 1 << 6)
  static let apiActivity = Self(rawValue: 1 << 7)
  static let fileHosting = Self(rawValue: 1 << 8)
  static let emailActivity = Self(rawValue: 1 << 9)
  static let detectionFinding = Self(rawValue: 1 << 10)
  static let dataSecurityFinding = Self(rawValue: 1 << 11)

  static let all: Self = Self(rawValue: .max)
  static let findings: Self = [.detectionFinding, .dataSecurityFinding]
  static let identity: Self = [
    .authentication, .accountChange, .entityManagement, .userAccess, .groupManagement,
  ]
  /// Classes whose user is the one that something is done to.
  static let withTargetUser: Self = [.accountChange, .userAccess, .groupManagement]
  /// Classes that have an actor only under the profile `host`.
  static let withActorOfHost: Self = [.webResources, .applicationLifecycle, .emailActivity]
  static let withActor: Self = identity.subtracting(.authentication).union([
    .apiActivity, .fileHosting, .dataSecurityFinding, .webResources, .applicationLifecycle,
    .emailActivity,
  ])
  static let withSource: Self = identity.union([
    .webResources, .apiActivity, .fileHosting, .emailActivity, .dataSecurityFinding,
  ])
  static let withFile: Self = [.fileHosting, .detectionFinding, .dataSecurityFinding]
  static let withRequest: Self = identity.union([.webResources, .apiActivity, .fileHosting])

  /// The group of a class.
  init(_ uid: Int) {
    switch uid {
    case 3002: self = .authentication
    case 3001: self = .accountChange
    case 3004: self = .entityManagement
    case 3005: self = .userAccess
    case 3006: self = .groupManagement
    case 6001: self = .webResources
    case 6002: self = .applicationLifecycle
    case 6006: self = .fileHosting
    case 4009: self = .emailActivity
    case 2004: self = .detectionFinding
    case 2006: self = .dataSecurityFinding
    default: self = .apiActivity
    }
  }

  init(rawValue: UInt32) {
    self.rawValue = rawValue
  }
}

extension OCSFClass {
  /// The class of an event: the one its action is of when the event has what that class requires,
  /// else the call of an interface.
  init(of event: borrowing NativeEvent, wanted: OCSFClass) {
    let isComplete =
      switch wanted.uid {
      case 3002: OCSFValues.hasSignedIn(event)
      case 3001: OCSFValues.hasTarget(event)
      case 3004: OCSFValues.hasTarget(event) || event.has(.objectID)
      case 3005:
        OCSFValues.hasReceiver(event) && (event.has(.roles) || event.has(.permissions))
      case 3006: OCSFValues.hasGroup(event)
      case 6001:
        event.has(.objectID) || event.has(.targetID) || event.has(.targetName)
          || event.text(LaterField.fileURL) != nil
      case 6002: event.has(.targetID) || event.has(.targetName)
      case 6006: OCSFValues.fileNameText(event) != nil
      case 4009:
        OCSFValues.hasSenderOrRecipient(event)
      case 2004, 2006: OCSFValues.findingUIDField(event) != nil
      default: true
      }
    self = isComplete ? wanted : .call(verb: event.text(.verb) ?? ByteView("other"))
  }
}
