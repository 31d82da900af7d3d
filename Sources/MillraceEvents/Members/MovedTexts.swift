/// Which members' texts were moved to which fields, in memory that is used again for the next
/// record.
struct MovedTexts: ~Copyable {
  /// A text that is in a field now, for as long as no later step puts another one there.
  struct Move {
    let member: RawMember
    let field: EventField
    let text: ByteView
  }

  private var moves: UnsafeMutablePointer<Move>
  private(set) var count = 0
  private var capacity = 128

  init() {
    moves = .allocate(capacity: capacity)
  }

  deinit {
    moves.deallocate()
  }

  subscript(index: Int) -> Move {
    precondition(index < count, "a move that was noted")
    return moves[index]
  }

  mutating func removeAll() {
    count = 0
  }

  @inline(__always)
  mutating func append(_ member: RawMember, _ field: EventField, _ text: ByteView) {
    if count == capacity { grow() }
    (moves + count).initialize(to: Move(member: member, field: field, text: text))
    count &+= 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Move>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: moves, count: count)
    moves.deallocate()
    moves = larger
    capacity *= 2
  }
}
