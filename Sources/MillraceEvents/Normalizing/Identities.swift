/// One principal, put together from the list of ids that directory records give of it.
struct Identity {
  /// `User`, `ServicePrincipal`, `Group` and so on.
  var kind: ByteView?
  /// The object id, in lower case.
  var id: ByteView?
  var upn: ByteView?
  var puid: ByteView?
  var name: ByteView?
  /// A GUID that is not the object's own: the client application of an actor, the application of
  /// a service principal.
  var applicationID: ByteView?
  /// Whether every element of the list is in one of the above.
  var isComplete = true
  /// How many elements name an object by kind and id; more than one when several are listed.
  var objectCount = 0
}

extension Normalizer {
  /// Reads `Actor` or `Target`: elements of `{"ID":…,"Type":n}` whose order says nothing.
  ///
  /// Types are 0 claim, 1 name, 2 other, 3 PUID, 4 SPN, 5 UPN. In sign-ins 0 is the object id; 2 is
  /// a kind and an id (`User_<guid>`), the same id alone, the kind alone, or one more id.
  mutating func readIdentities(_ list: ByteView, ofSignIn: Bool) -> Identity {
    var identity = Identity()
    var cursor = ArrayCursor(list)
    var isEmpty = true
    var needsSecondLook = false
    while let element = cursor.next() {
      isEmpty = false
      let found = ObjectCursor.values(of: "ID", "Type", "Id", in: element)
      if !Normalizer.isWholeIdentity(element, found.0, found.1) { identity.isComplete = false }
      let type = cleanText(found.1)
      guard let text = cleanText(found.0 ?? found.2) else {
        if type != nil, type.flatMap(LenientNumber.integer) == nil { identity.isComplete = false }
        continue
      }
      let isOther = type.flatMap(LenientNumber.integer) == 2
      if text.isGUID ? isOther : Normalizer.isKindWord(text) {
        needsSecondLook = true
      }
      add(text, type.flatMap(LenientNumber.integer), ofSignIn: ofSignIn, &identity)
    }
    if isEmpty, list.first != Ascii.openBracket { identity.isComplete = false }
    if needsSecondLook { resolveBareIDs(list, &identity) }
    return identity
  }

  /// Whether an element is nothing but an id and a type. The length of the usual ones tells.
  private static func isWholeIdentity(
    _ element: ByteView, _ id: ByteView?, _ type: ByteView?
  ) -> Bool {
    let around: StaticString = #"{"ID":,"Type":}"#
    if let id, let type, !id.mayBeJSON, !type.mayBeJSON,
      element.count == id.count + type.count + around.utf8CodeUnitCount
    {
      return true
    }
    guard element.first == Ascii.openBrace else { return false }
    var hasID = false
    var cursor = ObjectCursor(element)
    while let member = cursor.next() {
      if member.value.mayBeJSON { return false }
      if member.key == "Type" { continue }
      guard member.key == "ID" || member.key == "Id", !hasID else { return false }
      hasID = true
    }
    return true
  }

  /// The same of a list that names several principals: each begins with its kind and id.
  mutating func splitIdentities(_ list: ByteView) -> [Identity] {
    var identities = [Identity()]
    var cursor = ArrayCursor(list)
    while let element = cursor.next() {
      let found = ObjectCursor.values(of: "ID", "Type", "Id", in: element)
      guard let text = cleanText(found.0 ?? found.2) else { continue }
      let before = identities[identities.count - 1]
      var next = before
      let type = cleanText(found.1).flatMap(LenientNumber.integer)
      add(text, type, ofSignIn: false, &next)
      if next.objectCount > 1 {
        next = Identity()
        add(text, type, ofSignIn: false, &next)
        identities.append(next)
      } else {
        identities[identities.count - 1] = next
      }
    }
    return identities
  }

  private mutating func add(
    _ text: ByteView, _ type: Int?, ofSignIn: Bool, _ identity: inout Identity
  ) {
    func keep(_ part: inout ByteView?, _ value: ByteView) {
      if part == nil {
        part = value
      } else if let known = part, !known.equalsIgnoringCase(value) {
        identity.isComplete = false
      }
    }
    switch type {
    case 0 where ofSignIn && text.isGUID: keep(&identity.id, arena.lowercase(text))
    case 1: keep(&identity.name, text)
    case 3 where Normalizer.isPUID(text): keep(&identity.puid, text)
    case 5: keep(&identity.upn, text)
    case 2, 0:
      if let underscore = text.firstIndex(of: Ascii.underscore),
        text.dropFirst(underscore + 1).isGUID
      {
        if UnsetWords.contains(text.dropFirst(underscore + 1)) {
          return keep(&identity.kind, text.prefix(underscore))
        }
        identity.objectCount += 1
        keep(&identity.kind, text.prefix(underscore))
        keep(&identity.id, arena.lowercase(text.dropFirst(underscore + 1)))
      } else if text.isGUID ? type == 0 : !Normalizer.isKindWord(text) {
        identity.isComplete = false
      }
    default: identity.isComplete = false
    }
  }

  private static func isKindWord(_ text: ByteView) -> Bool {
    guard text.count <= 16, !text.isEmpty, isLetter(text[0]) else { return false }
    for word: StaticString in [
      "user", "serviceprincipal", "application", "group", "device", "company", "role", "policy",
      "domain", "certificate", "other",
    ] where text.isAnyCase(word) {
      return true
    }
    return false
  }

  /// Bare ids of type 2: the object's own again, or one other, which is an application's.
  private mutating func resolveBareIDs(_ list: ByteView, _ identity: inout Identity) {
    var cursor = ArrayCursor(list)
    while let element = cursor.next() {
      let found = ObjectCursor.values(of: "ID", "Type", "Id", in: element)
      guard let text = cleanText(found.0 ?? found.2) else { continue }
      if Normalizer.isKindWord(text) {
        if let kind = identity.kind {
          if !kind.equalsIgnoringCase(text) { identity.isComplete = false }
        } else {
          identity.kind = text
        }
      }
      guard text.isGUID, cleanText(found.1).flatMap(LenientNumber.integer) == 2
      else { continue }
      let id = arena.lowercase(text)
      if identity.objectCount == 0, identity.id == nil {
        identity.id = id
      } else if let known = identity.id, known == id {
        continue
      } else if identity.applicationID == nil {
        identity.applicationID = id
      } else if let known = identity.applicationID, !(known == id) {
        identity.isComplete = false
      }
    }
  }
}
