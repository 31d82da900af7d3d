/// What changes of an account say about its second factors.
extension NativeEvent {
  /// Whether the changes empty the list of an account's second factors. The list of methods
  /// decides; where it did not change, all other lists of their kind.
  var removesSecondFactor: Bool {
    guard let changes = json(.changes) else { return false }
    var isAnyEmptied = false
    var isAnyKept = false
    var cursor = ArrayCursor(changes)
    while let change = cursor.next() {
      let found = ObjectCursor.values(of: "name", "old", "new", in: change)
      guard let name = found.0, name.hasPrefix("\"StrongAuthentication") else { continue }
      let isEmptied =
        NativeEvent.isEmptyList(found.2) && !(found.1.map(NativeEvent.isEmptyList) ?? false)
      if name == "\"StrongAuthenticationMethod\"" { return isEmptied }
      if isEmptied { isAnyEmptied = true } else { isAnyKept = true }
    }
    return isAnyEmptied && !isAnyKept
  }

  /// Whether one side of a change says that nothing is there.
  private static func isEmptyList(_ side: ByteView?) -> Bool {
    guard let side else { return true }
    return side == "[]" || side == "\"\"" || side == "\"[]\"" || side == "[\"\"]"
  }
}
