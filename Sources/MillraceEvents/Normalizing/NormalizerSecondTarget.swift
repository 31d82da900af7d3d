/// The second target of a directory change, which only the changes name: the group that somebody
/// joined, the principal that was given a role or a permission, what somebody owns now.
extension Normalizer {
  /// The beginnings of the actions that have one.
  private static let actionsOnTwo: [StaticString] = [
    "group.", "app.role.", "app.permission.", "app.assign", "app.unassign", "app.owner.",
    "device.owner.",
  ]

  /// What properties say of one object: `User.ObjectID`, `User.UPN` and the like.
  private struct SecondTarget {
    let prefix: StaticString
    let type: StaticString
    var id: ByteView?
    var name: ByteView?
    var upn: ByteView?
    var puid: ByteView?
  }

  mutating func readSecondTarget() {
    guard family == .directory, let action = event.text(.action),
      Normalizer.actionsOnTwo.contains(where: { action.hasPrefix($0) }),
      !event.has(.targets), let changes = event.json(.changes),
      let second = secondTarget(in: changes)
    else { return }
    setTargets { (self: inout Normalizer) in
      self.appendObject { (self: inout Normalizer) in
        self.append("type", ByteView(second.type))
        self.append("id", second.id)
        self.append("name", second.name)
        self.append("upn", second.upn)
        self.append("puid", second.puid)
      }
    }
  }

  /// The first object that the changes name and that is not the target.
  private mutating func secondTarget(in changes: ByteView) -> SecondTarget? {
    var found = [
      SecondTarget(prefix: "Group.", type: "group"), SecondTarget(prefix: "User.", type: "user"),
      SecondTarget(prefix: "ServicePrincipal.", type: "service_principal"),
      SecondTarget(prefix: "Application.", type: "application"),
      SecondTarget(prefix: "Device.", type: "device"),
    ]
    var cursor = ArrayCursor(changes)
    while let change = cursor.next() {
      let sides = ObjectCursor.values(of: "name", "new", "old", in: change)
      guard let property = cleanText(sides.0),
        let index = found.firstIndex(where: { property.hasPrefix($0.prefix) }),
        let text = plainText(sides.1) ?? plainText(sides.2)
      else { continue }
      let attribute = property.dropFirst(found[index].prefix.utf8CodeUnitCount)
      if attribute == "ObjectID" {
        found[index].id = arena.lowercase(text)
      } else if attribute == "DisplayName" {
        found[index].name = text
      } else if attribute == "UPN" {
        found[index].upn = arena.lowercase(text)
      } else if attribute == "PUID" {
        found[index].puid = arena.uppercase(text)
      }
    }
    return found.first { second in
      guard second.id ?? second.name ?? second.upn != nil else { return false }
      let isTarget = second.id.map { agrees($0, .targetID) } ?? false
      let isTargetName = second.upn.map { agrees($0, .targetUpn) } ?? false
      return !isTarget && !isTargetName
    }
  }
}
