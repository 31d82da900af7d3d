/// The groups of values of events that are written as pseudonyms.
package struct PseudonymGroups: OptionSet, Hashable, Sendable {
  /// One bit for each group.
  package let rawValue: UInt8

  /// The groups with these bits.
  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Names of people: principal names, addresses of mail, display names.
  package static let users = PseudonymGroups(rawValue: 1)
  /// Addresses of the network, and the host names that stand in their place.
  package static let addresses = PseudonymGroups(rawValue: 2)
  /// Numbers of people, their mailboxes, devices and sessions.
  package static let ids = PseudonymGroups(rawValue: 4)
  /// Names of devices.
  package static let devices = PseudonymGroups(rawValue: 8)

  /// The groups by the names that configurations have for them.
  package static let byName: [(name: String, group: PseudonymGroups)] = [
    ("users", .users), ("addresses", .addresses), ("ids", .ids), ("devices", .devices),
  ]
}

/// What of events is written as pseudonyms.
package struct PseudonymSelection: Hashable, Sendable {
  /// Whole groups, with what is left of records searched for more of the kind.
  package var groups: PseudonymGroups
  /// Further fields of the native event, by their paths; their values are replaced everywhere.
  package var fields: [String]

  /// A selection.
  package init(groups: PseudonymGroups, fields: [String] = []) {
    self.groups = groups
    self.fields = fields
  }

  /// The fields that can be named one by one: those that hold texts.
  package static var nameableFields: [String] {
    PseudonymFields.nameable.map { "\($0.path)" }
  }
}

/// In which shape a pseudonym is written.
package enum PseudonymForm: Sendable {
  /// Letters and digits.
  case text
  /// An address of mail, in a domain that does not exist.
  case mail
  /// An address of the network, in a range that nobody has.
  case address
}

/// Makes pseudonyms; shared by all workers. Encoders borrow what they need for one tenant.
package protocol Pseudonymizer: Sendable {
  /// What is to be replaced.
  var selection: PseudonymSelection { get }
  /// What makes pseudonyms in one tenant, for one user at a time.
  func borrow(tenant: [UInt8]) -> any PseudonymMaker
  /// Takes it back, with what it remembers.
  func giveBack(_ maker: any PseudonymMaker)
}

/// Makes the pseudonyms of one tenant, and remembers those it made lately.
package protocol PseudonymMaker: AnyObject, Sendable {
  /// The tenant, as it was given.
  var tenant: [UInt8] { get }
  /// The pseudonym of a text in its canonical form: letters in lower case, addresses as RFC 5952
  /// has them. The same text always gets the same one.
  func pseudonym(of canonical: UnsafeBufferPointer<UInt8>, form: PseudonymForm) -> [UInt8]
}
