/// Values of `event.category` (ECS 8.11, "Categorization fields"): a closed list, in the order in
/// which they are written.
struct ECSCategories: OptionSet, Sendable {
  let rawValue: UInt16

  static let names: [StaticString] = [
    "session", "authentication", "intrusion_detection", "malware", "configuration", "file",
    "iam", "email", "web", "api",
  ]

  static let session = Self(rawValue: 1 << 0)
  static let authentication = Self(rawValue: 1 << 1)
  static let intrusionDetection = Self(rawValue: 1 << 2)
  static let malware = Self(rawValue: 1 << 3)
  static let configuration = Self(rawValue: 1 << 4)
  static let file = Self(rawValue: 1 << 5)
  static let iam = Self(rawValue: 1 << 6)
  static let email = Self(rawValue: 1 << 7)
  static let web = Self(rawValue: 1 << 8)
  static let api = Self(rawValue: 1 << 9)
}

/// Values of `event.type` (ECS 8.11, "Categorization fields"): a closed list, in the order in which
/// they are written.
struct ECSTypes: OptionSet, Sendable {
  let rawValue: UInt16

  static let names: [StaticString] = [
    "user", "group", "admin", "start", "end", "denied", "allowed", "access", "change", "creation",
    "deletion", "info",
  ]

  static let user = Self(rawValue: 1 << 0)
  static let group = Self(rawValue: 1 << 1)
  static let admin = Self(rawValue: 1 << 2)
  static let start = Self(rawValue: 1 << 3)
  static let end = Self(rawValue: 1 << 4)
  static let denied = Self(rawValue: 1 << 5)
  static let allowed = Self(rawValue: 1 << 6)
  static let access = Self(rawValue: 1 << 7)
  static let change = Self(rawValue: 1 << 8)
  static let creation = Self(rawValue: 1 << 9)
  static let deletion = Self(rawValue: 1 << 10)
  static let info = Self(rawValue: 1 << 11)
}

/// What an operation is in the vocabularies of ECS and OCSF.
struct ActionClass: Sendable {
  var categories: ECSCategories
  var types: ECSTypes
  var ocsf: OCSFClass

  /// What is said of an operation that nothing is known about.
  static let unknown = ActionClass(.api, .info, OCSFClass(uid: 6003, activity: 99))

  init(_ categories: ECSCategories, _ types: ECSTypes, _ ocsf: OCSFClass) {
    self.categories = categories
    self.types = types
    self.ocsf = ocsf
  }

  /// Reads a row of the table: `iam: user, creation` and `3001/1`.
  fileprivate init(_ ecs: StaticString, _ ocsf: StaticString) {
    let sides = "\(ecs)".split(separator: ":")
    precondition(sides.count == 2, "\(ecs) is categories, a colon, types")
    func bits(_ text: Substring, _ names: [StaticString]) -> UInt16 {
      text.split(separator: ",").reduce(0) { bits, word in
        let name = word.drop { $0 == " " }.prefix { $0 != " " }
        guard let place = names.firstIndex(where: { "\($0)" == name }) else {
          preconditionFailure("\(name) is no word of ECS")
        }
        return bits | 1 << UInt16(place)
      }
    }
    let numbers = "\(ocsf)".split(separator: "/").compactMap { Int($0) }
    precondition(numbers.count == 2, "\(ocsf) is a class, a slash, an activity")
    self.init(
      ECSCategories(rawValue: bits(sides[0], ECSCategories.names)),
      ECSTypes(rawValue: bits(sides[1], ECSTypes.names)),
      OCSFClass(uid: numbers[0], activity: numbers[1]))
  }

  private static let table = read(ActionClasses.rows)

  private static let applicationTables = NameTable<NameTable<ActionClass>>(
    ActionClasses.applications.map { ($0.service, read($0.rows)) })

  private static func read(_ rows: [ActionClasses.Row]) -> NameTable<ActionClass> {
    NameTable(rows.map { ($0.action, ActionClass($0.ecs, $0.ocsf)) })
  }

  /// The class of an action; nil when no table has it.
  static func find(_ action: ByteView) -> ActionClass? { table[action] }

  /// The class of an action on an application that is no object of the directory; nil when it is
  /// that of the action wherever it happens.
  static func find(_ action: ByteView, ofApplicationIn service: ByteView) -> ActionClass? {
    let own = applicationTables[service] ?? applicationTables[ByteView(ActionClasses.otherServices)]
    return own?[action]
  }
}

/// A row of the table of actions, for tests: what an action is in other schemas.
package struct ActionMeaning: Sendable {
  /// The service that the row is for; empty when it holds for all.
  package let service: String
  /// The action of the native event.
  package let action: String
  /// Its `event.category` and `event.type` in ECS.
  package let categories: [String], types: [String]
  /// Its class and activity in OCSF.
  package let classUID: Int, activityID: Int
  /// The activity's name; nil of 99.
  package let activityName: String?

  /// All rows.
  package static var all: [ActionMeaning] {
    ActionClasses.rows.map { ActionMeaning("", $0) }
      + ActionClasses.applications.flatMap { service, rows in
        rows.map { ActionMeaning("\(service)", $0) }
      }
  }

  private init(_ service: String, _ row: ActionClasses.Row) {
    func words(_ bits: UInt16, _ names: [StaticString]) -> [String] {
      names.indices.filter { bits & 1 << UInt16($0) != 0 }.map { "\(names[$0])" }
    }
    let meaning = ActionClass(row.ecs, row.ocsf)
    self.service = service
    action = "\(row.action)"
    categories = words(meaning.categories.rawValue, ECSCategories.names)
    types = words(meaning.types.rawValue, ECSTypes.names)
    classUID = meaning.ocsf.uid
    activityID = meaning.ocsf.activity
    activityName = meaning.ocsf.activityName.map { "\($0)" }
  }
}
