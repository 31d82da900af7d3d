/// What formats that want one name for the actor call it.
extension NativeEvent {
  /// The actor as the record spells it, where no field has its name: not a word for nobody, not an
  /// id. Counted as names, those would be the busiest users of all.
  var spelledActor: ByteView? {
    guard let text = text(.actorRawID)?.trimmed, !UnsetWords.contains(text),
      !text.isAnyCase("certificate"), !text.hasPrefix(anyCase: "s-1-"), !text.isGUID,
      !text.hasPrefix(anyCase: "serviceprincipal_")
    else { return nil }
    return text
  }
}
