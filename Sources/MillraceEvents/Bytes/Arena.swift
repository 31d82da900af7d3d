import CMillraceScan

/// Memory for what one record needs beside its own bytes: decoded strings, lower-cased names,
/// rendered fragments. Views into it stay good until `reset`; in the steady state nothing is
/// allocated.
struct Arena: ~Copyable {
  private var chunk: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var used = 0
  /// Chunks that were too small; they live until `reset`, as views point into them.
  private var outgrown: [UnsafeMutablePointer<UInt8>] = []

  private static let initialCapacity = 16 << 10
  /// What is kept from one record to the next, at most.
  private static let keptCapacity = 4 << 20
  /// Bytes that may be read behind each allocation.
  private static let slack = 64

  init() {
    capacity = Arena.initialCapacity
    chunk = .allocate(capacity: capacity)
    chunk.initialize(repeating: 0, count: capacity)
  }

  deinit {
    chunk.deallocate()
    for chunk in outgrown { chunk.deallocate() }
  }

  /// Forgets everything.
  mutating func reset() {
    used = 0
    guard !outgrown.isEmpty || capacity > Arena.keptCapacity else { return }
    for chunk in outgrown { chunk.deallocate() }
    outgrown.removeAll()
    if capacity > Arena.keptCapacity {
      chunk.deallocate()
      capacity = Arena.initialCapacity
      chunk = .allocate(capacity: capacity)
      chunk.initialize(repeating: 0, count: capacity)
    }
  }

  /// Room for `count` bytes.
  @inline(__always)
  mutating func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    // No run of bytes in memory is so long that this wraps.
    if used &+ count &+ Arena.slack > capacity { grow(count) }
    let start = chunk + used
    used &+= count
    return start
  }

  @inline(never)
  private mutating func grow(_ count: Int) {
    outgrown.append(chunk)
    capacity = max(2 * capacity, count + 2 * Arena.slack)
    chunk = .allocate(capacity: capacity)
    chunk.initialize(repeating: 0, count: capacity)
    used = 0
  }

  /// Gives back the end of the latest allocation.
  mutating func giveBack(_ count: Int) {
    used -= count
  }

  /// A copy of bytes.
  mutating func copy(_ view: ByteView) -> ByteView {
    let copy = allocate(view.count)
    millrace_copy_short(copy, view.start, view.count)
    return ByteView(start: copy, count: view.count)
  }

  /// A copy of an array's bytes.
  mutating func copy(_ bytes: [UInt8]) -> ByteView {
    let copy = allocate(bytes.count)
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { copy.update(from: start, count: bytes.count) }
    }
    return ByteView(start: copy, count: bytes.count)
  }

  /// A copy that slack follows which begins with a quote, as the JSON parser wants it.
  mutating func copyForParsing(_ view: ByteView) -> ByteView {
    let copy = allocate(view.count + Arena.slack)
    copy.update(from: view.start, count: view.count)
    (copy + view.count).update(repeating: 0, count: Arena.slack)
    copy[view.count] = Ascii.quote
    return ByteView(start: copy, count: view.count)
  }

  /// The bytes with ASCII letters in lower case; the view itself when it has no capital.
  mutating func lowercase(_ view: ByteView) -> ByteView {
    guard millrace_has_capitals(view.start, view.count) else { return view }
    let copy = allocate(view.count)
    millrace_copy_lowercase(copy, view.start, view.count)
    return ByteView(start: copy, count: view.count)
  }

  /// The bytes with ASCII letters in upper case.
  mutating func uppercase(_ view: ByteView) -> ByteView {
    let copy = allocate(view.count)
    for index in 0..<view.count { copy[index] = uppercased(view.start[index]) }
    return ByteView(start: copy, count: view.count)
  }

  /// `first`, then `second`.
  mutating func join(_ first: ByteView, _ second: ByteView) -> ByteView {
    let copy = allocate(first.count + second.count)
    copy.update(from: first.start, count: first.count)
    (copy + first.count).update(from: second.start, count: second.count)
    return ByteView(start: copy, count: first.count + second.count)
  }
}
