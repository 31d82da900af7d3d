import Glibc

/// Memory that ends where the process may not read: whoever reads behind a text that it holds is
/// ended by the system.
struct GuardedPage: ~Copyable {
  private let start: UnsafeMutableRawPointer
  private let readable: Int
  private let mapped: Int

  /// The system refused the memory, with this error number.
  struct Refusal: Error {
    let code: Int32
  }

  init() throws(Refusal) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let memory = mmap(
      nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED, mprotect(memory + page, page, PROT_NONE) == 0
    else { throw Refusal(code: errno) }
    start = memory
    readable = page
    mapped = 2 * page
  }

  deinit { munmap(start, mapped) }

  /// Calls `body` with a copy of `text` that ends where the readable page ends.
  borrowing func holding<Value>(_ text: [UInt8], _ body: (UnsafePointer<UInt8>) -> Value) -> Value {
    precondition(text.count <= readable, "a text fits into a page")
    let target = start + (readable - text.count)
    text.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { target.copyMemory(from: base, byteCount: text.count) }
    }
    return body(UnsafePointer(target.assumingMemoryBound(to: UInt8.self)))
  }
}
