/// Memory in which a format puts together what no field of the event holds as it is. Views into
/// it stay good until `begin`; in the steady state nothing is allocated.
struct FormatScratch: ~Copyable {
  var arena = Arena()
  /// Where one list or text at a time is put together.
  var buffer = ByteBuffer(capacity: 4 << 10)
  /// Where one part of an event is written whose size has no bound of its own.
  var rest = ByteBuffer()
  /// The names of one list of properties.
  var names = MemberNames()
  /// What the operation is in the vocabularies of other schemas.
  var meaning = ActionClass.unknown
  /// The OCSF class that the event has enough fields for.
  var ocsf = OCSFClass(uid: 6003, activity: 99)

  /// Forgets what the last event needed, and reads what every format needs of the next one.
  mutating func begin(_ event: borrowing NativeEvent) {
    arena.reset()
    meaning = ActionClass(of: event)
    ocsf = OCSFClass(of: event, wanted: meaning.ocsf)
  }

  /// What stands in the buffer, as JSON.
  mutating func json() -> NativeEvent.Value {
    .json(arena.copy(buffer.view))
  }

  /// A JSON list of the texts that `add` appends, without repetitions; nil when there are none.
  mutating func list(
    _ add: (inout TextList) -> Void
  ) -> NativeEvent.Value? {
    var texts = TextList()
    add(&texts)
    return list(texts)
  }

  /// A JSON list of texts; nil when there are none.
  mutating func list(_ list: TextList) -> NativeEvent.Value? {
    buffer.removeAll()
    buffer.append(Ascii.openBracket)
    for index in 0..<list.count {
      if index > 0 { buffer.append(Ascii.comma) }
      buffer.appendString(list[index])
    }
    guard list.count > 0 else { return nil }
    buffer.append(Ascii.closeBracket)
    return json()
  }
}
