import MillraceCore

/// The event between reading and writing: one slot for each leaf field. Formats are functions of
/// it. Slots hold views that are good for one record.
struct NativeEvent: ~Copyable {
  /// What a field holds.
  enum Value {
    /// Text without quotes or escapes.
    case text(ByteView)
    /// JSON as it is to be written, on one line: a list, an object, a number.
    case json(ByteView)
    case integer(Int)
    case flag(Bool)
    case time(Timestamp)
  }

  private var slots: [Value]
  /// One bit for each field that holds something.
  private(set) var present = SIMD4<UInt64>()

  init() {
    precondition(EventField.allCases.count <= 256, "every field has a bit")
    slots = Array(repeating: .flag(false), count: EventField.allCases.count)
  }

  /// Empties every field.
  mutating func removeAll() {
    present = SIMD4()
  }

  /// Whether a field holds something.
  func has(_ field: EventField) -> Bool {
    present[Int(field.rawValue) >> 6] & 1 << (UInt64(field.rawValue) & 63) != 0
  }

  /// What a field holds; nil when nothing.
  subscript(field: EventField) -> Value? {
    has(field) ? slots[Int(field.rawValue)] : nil
  }

  /// What the field with this ordinal holds, which must be present.
  func value(at index: Int) -> Value { slots[index] }

  /// The text of a field; nil when it holds none.
  func text(_ field: EventField) -> ByteView? {
    if case .text(let view) = self[field] { return view }
    return nil
  }

  mutating func set(_ field: EventField, _ value: Value) {
    slots[Int(field.rawValue)] = value
    present[Int(field.rawValue) >> 6] |= 1 << (UInt64(field.rawValue) & 63)
  }

  mutating func set(_ field: EventField, _ text: ByteView) {
    if !text.isEmpty { set(field, .text(text)) }
  }

  mutating func set(_ field: EventField, _ text: StaticString) { set(field, ByteView(text)) }
  mutating func set(_ field: EventField, _ flag: Bool) { set(field, .flag(flag)) }
  mutating func set(_ field: EventField, _ integer: Int) { set(field, .integer(integer)) }
  mutating func set(_ field: EventField, _ time: Timestamp) { set(field, .time(time)) }

  /// Sets a field unless it holds something already.
  mutating func setIfAbsent(_ field: EventField, _ text: ByteView) {
    if !has(field) { set(field, text) }
  }
}
