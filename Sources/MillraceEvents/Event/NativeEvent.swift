import MillraceCore

/// The event between reading and writing: one slot for each leaf field. Formats are functions of
/// it. Slots hold views that are good for one record.
struct NativeEvent: ~Copyable {
  /// What a field holds.
  enum Value {
    /// Text without quotes or escapes, followed by slack.
    case text(ByteView)
    /// Text of our own with nothing to escape in it, which slack need not follow.
    case constant(ByteView)
    /// JSON as it is to be written, on one line: a list, an object, a number.
    case json(ByteView)
    case integer(Int)
    case flag(Bool)
    case time(Timestamp)

    /// How many bytes of text that is; 0 when it is something else.
    @inline(__always)
    var textCount: Int {
      switch self {
      case .text(let view), .constant(let view): view.count
      case .json, .integer, .flag, .time: 0
      }
    }
  }

  private let slots: UnsafeMutablePointer<Value>
  /// One bit for each field that holds something, 64 fields to a word.
  private let present: UnsafeMutablePointer<UInt64>
  /// The time in the record's own spelling, for formats that ask for it.
  var spelledTime: ByteView?
  /// The address of the file in the record's own spelling, of which `file.url` is made.
  var spelledAddress: ByteView?
  /// An address of the client beside that of the source, in its canonical form.
  var otherAddress: ByteView?
  /// How many words that takes.
  static let wordCount = (EventField.allCases.count + 63) / 64

  init() {
    let count = EventField.allCases.count
    slots = .allocate(capacity: count)
    slots.initialize(repeating: .flag(false), count: count)
    present = .allocate(capacity: NativeEvent.wordCount)
    present.initialize(repeating: 0, count: NativeEvent.wordCount)
  }

  deinit {
    slots.deallocate()
    present.deallocate()
  }

  /// Empties every field.
  mutating func removeAll() {
    present.update(repeating: 0, count: NativeEvent.wordCount)
    spelledTime = nil
    spelledAddress = nil
    otherAddress = nil
  }

  /// The bits of 64 fields: those from the 64 times `index`th on that hold something.
  @inline(__always)
  func presence(_ index: Int) -> UInt64 { present[index] }

  /// Whether a field holds something.
  @inline(__always)
  func has(_ field: EventField) -> Bool { has(ordinal: Int(field.rawValue)) }

  /// Whether the field with this ordinal holds something.
  @inline(__always)
  func has(ordinal: Int) -> Bool {
    present[ordinal &>> 6] & (1 &<< UInt64(truncatingIfNeeded: ordinal & 63)) != 0
  }

  /// What a field holds; nil when nothing.
  @inline(__always)
  subscript(field: EventField) -> Value? {
    has(field) ? slots[Int(field.rawValue)] : nil
  }

  /// What the field with this ordinal holds, which must be present.
  @inline(__always)
  func value(at index: Int) -> Value { slots[index] }

  /// The text of a field; nil when it holds none.
  @inline(__always)
  func text(_ field: EventField) -> ByteView? {
    guard has(field) else { return nil }
    switch slots[Int(field.rawValue)] {
    case .text(let view), .constant(let view): return view
    default: return nil
    }
  }

  @inline(__always)
  mutating func set(_ field: EventField, _ value: Value) {
    let ordinal = Int(field.rawValue)
    slots[ordinal] = value
    present[ordinal &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: ordinal & 63)
  }

  /// Empties one field.
  mutating func remove(_ field: EventField) {
    let ordinal = Int(field.rawValue)
    present[ordinal &>> 6] &= ~(1 &<< UInt64(truncatingIfNeeded: ordinal & 63))
  }

  mutating func set(_ field: EventField, _ text: ByteView) {
    if !text.isEmpty { set(field, .text(text)) }
  }

  mutating func set(_ field: EventField, _ text: StaticString) {
    if text.utf8CodeUnitCount > 0 { set(field, .constant(ByteView(text))) }
  }

  mutating func set(_ field: EventField, _ flag: Bool) { set(field, .flag(flag)) }
  mutating func set(_ field: EventField, _ integer: Int) { set(field, .integer(integer)) }
  mutating func set(_ field: EventField, _ time: Timestamp) { set(field, .time(time)) }

  /// Sets a field unless it holds something already.
  mutating func setIfAbsent(_ field: EventField, _ text: ByteView) {
    if !has(field) { set(field, text) }
  }
}

extension NativeEvent {
  /// Whether the actor is not plainly a machine: its name is that of a person, not of an account.
  var mayBeByPerson: Bool {
    guard let type = text(.actorType) else { return true }
    return !(type == "system" || type == "app" || type == "service_principal" || type == "policy")
  }
}
