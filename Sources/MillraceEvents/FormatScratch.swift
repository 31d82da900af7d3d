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

/// A handful of different texts, without memory of its own on the heap.
struct TextList {
  /// What a list of names about one event is cut to; every text beyond is in another field.
  static let capacity = 8
  private var texts:
    (
      ByteView?, ByteView?, ByteView?, ByteView?, ByteView?, ByteView?, ByteView?, ByteView?
    ) = (nil, nil, nil, nil, nil, nil, nil, nil)
  private(set) var count = 0

  subscript(index: Int) -> ByteView {
    let found: ByteView? =
      switch index {
      case 0: texts.0
      case 1: texts.1
      case 2: texts.2
      case 3: texts.3
      case 4: texts.4
      case 5: texts.5
      case 6: texts.6
      default: texts.7
      }
    return found ?? ByteView("")
  }

  /// Adds a text unless it is nil, empty or there already.
  mutating func add(_ text: ByteView?) {
    guard let text, !text.isEmpty, count < TextList.capacity else { return }
    for index in 0..<count where self[index] == text { return }
    switch count {
    case 0: texts.0 = text
    case 1: texts.1 = text
    case 2: texts.2 = text
    case 3: texts.3 = text
    case 4: texts.4 = text
    case 5: texts.5 = text
    case 6: texts.6 = text
    default: texts.7 = text
    }
    count += 1
  }
}
