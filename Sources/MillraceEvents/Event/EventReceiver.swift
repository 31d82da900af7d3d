/// Who got a right or a place in a group, or lost it.
enum EventReceiver {
  /// The target of the event.
  case target
  /// An element of `targets` behind the first, which is what it was got on: a JSON object.
  case listed(ByteView)
  /// The event does not say.
  case nobody
}

extension NativeEvent {
  /// Who got or lost what the event is about.
  var receiver: EventReceiver {
    guard let type = text(.targetType) else { return .nobody }
    let action = text(.action) ?? ByteView("")
    // An application that is consented to is who may do more from now on.
    if type == "user" || action.hasPrefix("app.consent") || joinedGroup != nil { return .target }
    if let listed = listedReceiver(isGroup: ECSValues.isGroup(self)) { return .listed(listed) }
    // What is done to an application otherwise is done to a thing, as it is to a group.
    if type == "service_principal" || type == "application" || type == "other" {
      return action.hasPrefix("app.") ? .nobody : .target
    }
    return type == "group" && action.hasPrefix("role.") ? .target : .nobody
  }

  /// Whether the event gives or takes a right or a place in a group.
  private var isAboutRights: Bool {
    guard let verb = text(.verb) else { return false }
    return verb == "grant" || verb == "revoke"
  }

  /// The first principal behind the target; of those who join a group, none is one.
  private func listedReceiver(isGroup: Bool) -> ByteView? {
    guard isAboutRights, let targets = json(.targets) else { return nil }
    let isMembership = isGroup || text(.action).map { $0.hasPrefix("group.") } ?? false
    var cursor = ArrayCursor(targets)
    _ = cursor.next()
    while let target = cursor.next() {
      if target.isPrincipal || !isMembership && target.isGroup { return target }
    }
    return nil
  }

  /// The group behind the target: the one that the target joined or left, or that got a right.
  var listedGroup: ByteView? {
    guard isAboutRights, let targets = json(.targets) else { return nil }
    var cursor = ArrayCursor(targets)
    _ = cursor.next()
    while let target = cursor.next() {
      if target.isGroup { return target }
    }
    return nil
  }

  /// The group that a group joined or left, where the directory tells of it: the member is the
  /// target.
  var joinedGroup: ByteView? {
    guard let type = text(.targetType), type == "group", let action = text(.action),
      action.hasPrefix("group.member.") || action.hasPrefix("group.owner."),
      text(.service).map({ $0 == "entra_id" }) == true
    else { return nil }
    return listedGroup
  }

  /// The account behind the target that got or lost something.
  var listedAccount: ByteView? {
    guard has(.targets), case .listed(let listed) = receiver, listed.isPrincipal else { return nil }
    return listed
  }
}

/// Elements of `targets`.
extension ByteView {
  /// What kind of object the element is, in quotes.
  private var quotedType: ByteView? { ObjectCursor.value(of: "type", in: self) }

  /// Whether the element is an account of a person or of an application.
  var isPrincipal: Bool {
    guard let type = quotedType else { return false }
    return type == "\"user\"" || type == "\"service_principal\"" || type == "\"application\""
  }

  /// Whether the element is a user.
  var isUser: Bool { quotedType.map { $0 == "\"user\"" } ?? false }

  /// Whether the element is a group.
  var isGroup: Bool { quotedType.map { $0 == "\"group\"" } ?? false }

  /// What the element is called: its principal name, else its name, in quotes.
  var quotedName: ByteView? {
    let found = ObjectCursor.values(of: "upn", "name", "id", in: self)
    return found.0 ?? found.1
  }

  /// The text of a string in quotes.
  func unquoted(in arena: inout Arena) -> ByteView {
    guard count > 1, first == Ascii.quote else { return self }
    return JSONText.decode(slice(1, count - 1), in: &arena)
  }
}
