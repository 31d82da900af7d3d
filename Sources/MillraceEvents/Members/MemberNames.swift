/// A text that can stand in a set, as the names of members do; compares bytes.
struct MemberName: Hashable {
  let view: ByteView

  static func == (left: MemberName, right: MemberName) -> Bool { left.view == right.view }

  func hash(into hasher: inout Hasher) {
    hasher.combine(bytes: UnsafeRawBufferPointer(view.buffer))
  }
}

/// Remembers the member names of one object and finds a repeated one: by comparison while they
/// are few, by a seeded hash when there are many, so that no record is costly.
struct MemberNames {
  private var names: [ByteView] = []
  private var positions: [MemberName: Int] = [:]
  private static let comparedMax = 32

  mutating func removeAll() {
    names.removeAll(keepingCapacity: true)
    if !positions.isEmpty { positions.removeAll() }
  }

  /// Adds a name; returns the place of the same name among those added before, when there is one,
  /// and makes the new place count from now on.
  mutating func add(_ name: ByteView) -> Int? {
    let place = names.count
    names.append(name)
    if place < MemberNames.comparedMax {
      var index = place - 1
      while index >= 0 {
        if names[index] == name { return index }
        index -= 1
      }
      return nil
    }
    if positions.isEmpty {
      for (index, name) in names.dropLast().enumerated() {
        positions[MemberName(view: name)] = index
      }
    }
    return positions.updateValue(place, forKey: MemberName(view: name))
  }
}

/// Finds and removes repeated members inside values. Receivers disagree about which of them
/// counts, and some refuse the whole event; here the last one counts, as in most parsers.
struct RepeatedMembers: ~Copyable {
  /// The names of all open objects, those of the innermost last.
  private var open: UnsafeMutablePointer<ByteView>
  private var count = 0
  private var capacity = 128
  private(set) var escapes = ValidJSON.Escapes()
  private(set) var isRepeated = false
  private var orders = MemberOrders()
  /// So many that a record's own members are hardly ever more: a table of hashes takes memory.
  private static let comparedMax = 64

  init() {
    open = .allocate(capacity: capacity)
  }

  deinit {
    open.deallocate()
  }

  /// The byte behind the value at `pointer`; notes whether it holds escapes or repeated members.
  mutating func skip(
    _ pointer: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>, arena: inout Arena
  ) -> UnsafePointer<UInt8> {
    count = 0
    escapes = ValidJSON.Escapes()
    isRepeated = false
    orders.makeRoom()
    return walk(pointer, end, &arena)
  }

  /// Valid records nest at most `Limits.recordDepthMax` deep, which bounds the recursion.
  private mutating func walk(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ arena: inout Arena
  ) -> UnsafePointer<UInt8> {
    switch start[0] {
    case Ascii.quote: return ValidJSON.skipString(start + 1, escapes: &escapes)
    case Ascii.openBrace: return walkObject(start + 1, end, &arena)
    case Ascii.openBracket: break
    default: return ValidJSON.skipScalar(start)
    }
    var pointer = start + 1
    while pointer < end {
      pointer = ValidJSON.skipBlanks(pointer)
      if pointer[0] == Ascii.closeBracket { return pointer + 1 }
      if pointer[0] == Ascii.comma { pointer = ValidJSON.skipBlanks(pointer + 1) }
      pointer = walk(pointer, end, &arena)
    }
    return end
  }

  private mutating func walkObject(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ arena: inout Arena
  ) -> UnsafePointer<UInt8> {
    let first = count
    defer { count = first }
    var many: Set<MemberName>?
    var node: MemberOrders.Node? = .root
    var pointer = start
    while pointer < end {
      if pointer[0] == Ascii.closeBrace { return pointer + 1 }
      if let last = node, let match = orders.next(after: last, at: pointer) {
        node = match.node
        append(match.name)
        pointer =
          match.value[0] == Ascii.quote
          ? ValidJSON.skipString(match.value + 1, escapes: &escapes)
          : walk(match.value, end, &arena)
        continue
      }
      let leadStart = pointer
      pointer = ValidJSON.skipBlanks(pointer)
      if pointer[0] == Ascii.closeBrace { return pointer + 1 }
      if pointer[0] == Ascii.comma { pointer = ValidJSON.skipBlanks(pointer + 1) }
      var nameEscapes = ValidJSON.Escapes()
      let nameEnd = ValidJSON.skipString(pointer + 1, escapes: &nameEscapes)
      var name = ByteView(from: pointer + 1, to: nameEnd - 1)
      if nameEscapes.areThere {
        escapes.areThere = true
        if nameEscapes.haveUnits { escapes.haveUnits = true }
        name = JSONText.decode(name, in: &arena)
      }
      pointer = ValidJSON.skipBlanks(ValidJSON.skipBlanks(nameEnd) + 1)
      let isFirst = isFirst(name, first, &many)
      node =
        if let last = node, isFirst, !nameEscapes.areThere {
          orders.learn(name, nil, from: leadStart, to: pointer, after: last)
        } else {
          nil
        }
      append(name)
      pointer = walk(pointer, end, &arena)
    }
    return end
  }

  /// Whether a name is not among those of its object, which begin at `first`; notes it when it is.
  private mutating func isFirst(
    _ name: ByteView, _ first: Int, _ many: inout Set<MemberName>?
  ) -> Bool {
    var isNew = true
    if count - first < RepeatedMembers.comparedMax {
      for index in first..<count where open[index] == name { isNew = false }
    } else {
      isNew = isFirstByHash(name, first, &many)
    }
    if !isNew { isRepeated = true }
    return isNew
  }

  @inline(never)
  private mutating func isFirstByHash(
    _ name: ByteView, _ first: Int, _ many: inout Set<MemberName>?
  ) -> Bool {
    var names = many.take() ?? Set((first..<count).map { MemberName(view: open[$0]) })
    let isNew = names.insert(MemberName(view: name)).inserted
    many = names
    return isNew
  }

  @inline(__always)
  private mutating func append(_ name: ByteView) {
    if count == capacity { grow() }
    (open + count).initialize(to: name)
    count += 1
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<ByteView>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: open, count: count)
    open.deallocate()
    open = larger
    capacity *= 2
  }

  /// Writes `value` without those members that a later one of the same name replaces.
  static func write(_ value: ByteView, to buffer: inout ByteBuffer, arena: inout Arena) {
    switch value.first {
    case Ascii.openBrace:
      var cursor = ObjectCursor(value)
      var members: [ObjectCursor.Member] = []
      var names = MemberNames()
      var isReplaced: [Bool] = []
      while let member = cursor.next() {
        if let earlier = names.add(JSONText.decode(member.key, in: &arena)) {
          isReplaced[earlier] = true
        }
        members.append(member)
        isReplaced.append(false)
      }
      buffer.append(Ascii.openBrace)
      for (index, member) in members.enumerated() where !isReplaced[index] {
        if buffer.last != Ascii.openBrace { buffer.append(Ascii.comma) }
        buffer.append(Ascii.quote)
        buffer.append(member.key)
        buffer.append("\":")
        write(member.value, to: &buffer, arena: &arena)
      }
      buffer.append(Ascii.closeBrace)
    case Ascii.openBracket:
      var cursor = ArrayCursor(value)
      buffer.append(Ascii.openBracket)
      while let element = cursor.next() {
        if buffer.last != Ascii.openBracket { buffer.append(Ascii.comma) }
        write(element, to: &buffer, arena: &arena)
      }
      buffer.append(Ascii.closeBracket)
    default:
      buffer.append(value)
    }
  }
}
