/// Members that hold objects or lists come in more than one way: as JSON in a text, as an object
/// where a list is usual, as a list of one where an object is usual. All steps find them in the
/// usual one.
extension Normalizer {
  private enum Structure {
    case object, list
    /// A list of objects with a name and a value.
    case properties
  }

  private static let structures: [(member: RawMember, structure: Structure)] = [
    (.actor, .list), (.target, .list), (.modifiedProperties, .list),
    (.extendedProperties, .properties), (.deviceProperties, .properties),
    (.operationProperties, .properties), (.extraProperties, .properties),
    (.appAccessContext, .object), (.exchangeMetaData, .object), (.sharePointMetaData, .object),
    (.endpointMetaData, .object), (.policyMatchInfo, .object), (.policyDetails, .list),
    (.sensitiveInfoTypeData, .list), (.item, .object), (.folder, .object), (.destFolder, .object),
    (.affectedItems, .list), (.folders, .list), (.messages, .list), (.recipientList, .list),
    (.recipients, .list), (.receivers, .list), (.sender, .object), (.attachmentData, .list),
    (.fileData, .object), (.common, .object), (.sensitivityLabelEventData, .object),
    (.alertLinks, .list), (.members, .list), (.participantInfo, .object),
    (.additionalInfo, .object), (.sharingInformation, .list), (.membershipInformation, .list),
    (.reportMetadata, .object), (.parameters, .properties), (.copilotEventData, .object),
    (.exceptionInfo, .object), (.location, .object), (.exchangeDetails, .object),
  ]

  /// Brings structures into their usual form. A text that only looks like JSON stays, and is an
  /// issue.
  mutating func unpackStructures() {
    for (member, structure) in Normalizer.structures {
      guard let value = members.value(member) else { continue }
      switch (value.first, structure) {
      case (Ascii.quote, _): unpackText(member, structure)
      case (Ascii.openBracket, .object), (Ascii.openBrace, .list), (Ascii.openBrace, .properties):
        reshape(value, member, structure)
      default: continue
      }
    }
  }

  private mutating func unpackText(_ member: RawMember, _ structure: Structure) {
    guard let text = text(member), text.mayBeJSON else { return }
    guard let json = embedded(text) else {
      return issues.add(RawMember.names[Int(member.rawValue)], "not JSON")
    }
    members.reshape(member, as: json)
    reshape(json, member, structure)
  }

  private mutating func reshape(
    _ value: ByteView, _ member: RawMember, _ structure: Structure
  ) {
    switch structure {
    case .object:
      guard value.first == Ascii.openBracket else { return }
      var cursor = ArrayCursor(value)
      guard let only = cursor.next(), cursor.next() == nil, only.first == Ascii.openBrace
      else { return }
      members.reshape(member, as: only)
    case .properties:
      // An object may also be a property for each of its members.
      let found = ObjectCursor.values(of: "Name", "Key", "Value", in: value)
      guard value.first == Ascii.openBrace, found.0 ?? found.1 != nil, found.2 != nil
      else { return }
      wrap(value, member)
    case .list:
      if value.first == Ascii.openBrace { wrap(value, member) }
    }
  }

  private mutating func wrap(_ value: ByteView, _ member: RawMember) {
    if let list = elements(of: value) { members.reshape(member, as: list) }
  }

  /// Notes what is looked into only for a word or two and is no JSON, though it begins as if: the
  /// data and the actions of an investigation, the place of a risk.
  mutating func noteBrokenStructures() {
    for member in [RawMember.data, .actions, .location] {
      guard let value = members.value(member) else { continue }
      var isBroken = isBrokenText(value)
      if value.first == Ascii.openBracket {
        var cursor = ArrayCursor(value)
        while !isBroken, let element = cursor.next() { isBroken = isBrokenText(element) }
      }
      if isBroken { issues.add(RawMember.names[Int(member.rawValue)], "not JSON") }
    }
  }

  private mutating func isBrokenText(_ value: ByteView) -> Bool {
    guard value.first == Ascii.quote, let text = scalarText(value)?.trimmed, text.mayBeJSON else {
      return false
    }
    return EmbeddedJSON.parse(text, in: &arena) == nil
  }
}

extension ByteView {
  /// Whether a text begins as a JSON object or list does.
  var mayBeJSON: Bool { first == Ascii.openBrace || first == Ascii.openBracket }
}
