import Glibc
import MillraceCore
import MillraceEvents

/// The files of `normalize`, one after the other, in pieces.
struct NormalizeInput: Sendable {
  /// What comes next.
  struct Ticket: Sendable {
    /// How many came before it, over all files.
    let number: Int
    /// How messages name the file.
    let file: String
    let content: Content
  }

  enum Content: Sendable {
    case piece(StreamPiece)
    /// The file cannot be read, or not to its end; the next one follows.
    case failure(String)
  }

  private var paths: ArraySlice<String>
  private var file = ""
  private var descriptor: Int32?
  private var cutter = StreamCutter()
  private var count = 0

  /// - Parameter paths: Files; "-" is standard input.
  init(_ paths: [String]) {
    self.paths = paths[...]
  }

  /// The next piece, in memory that was used before; nil at the end. Blocks while it reads.
  mutating func next(spare: inout [UInt8]) -> Ticket? {
    while true {
      if descriptor == nil {
        guard let path = paths.popFirst() else { return nil }
        if let failure = open(path) { return end(failure) }
      }
      guard let descriptor else { return nil }
      let step = cutter.next(spare: &spare) { NormalizeInput.read(descriptor, into: $0) }
      switch step {
      case .piece(let piece): return ticket(.piece(piece))
      case .end: close()
      case .failed(let code): return end(String(cString: strerror(code)))
      }
    }
  }

  private mutating func open(_ path: String) -> String? {
    let isInput = path == "-"
    file = isInput ? "standard input" : path
    let opened = isInput ? STDIN_FILENO : Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { return String(cString: strerror(errno)) }
    descriptor = opened
    cutter = StreamCutter()
    return NormalizeInput.otherKind(opened)
  }

  /// What a file is whose records `import` reads, and no filter; nil for anything else, pipes
  /// included, into which nobody can look ahead.
  private static func otherKind(_ descriptor: Int32) -> String? {
    var first = [UInt8](repeating: 0, count: 512)
    // Of standard input, somebody may have read the beginning.
    let here = lseek(descriptor, 0, SEEK_CUR)
    guard here >= 0 else { return nil }
    let count = pread(descriptor, &first, first.count, here)
    guard count > 4 else { return nil }
    let beginning = first.prefix(count)
    let isCompressed = [[0x1F, 0x8B], [0x28, 0xB5, 0x2F, 0xFD], [0x50, 0x4B, 0x03, 0x04]]
      .contains { beginning.starts(with: $0) }
    let hint = "; uncompress it, or have \"millrace import\" read it"
    if isCompressed { return "the file is compressed" + hint }
    if isWide(beginning) {
      return "the file is in UTF-16, as Windows PowerShell writes it; convert it to UTF-8, or have"
        + " \"millrace import\" read it"
    }
    let header = beginning.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "{") }
    guard String(decoding: header, as: UTF8.self).contains("AuditData") else { return nil }
    return
      "the file is a table, as Purview and PowerShell export it; have \"millrace import\" read it"
  }

  /// Whether a file begins as one in UTF-16 does: with its byte order mark, or with two ASCII
  /// characters beside a zero each, which JSON in UTF-8 never has.
  private static func isWide(_ beginning: ArraySlice<UInt8>) -> Bool {
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
    if marks.contains(where: { beginning.starts(with: $0) }) { return true }
    let isASCII = beginning.prefix(4).map { (1..<0x80).contains($0) }
    let isZero = beginning.prefix(4).map { $0 == 0 }
    return isASCII == [true, false, true, false] && isZero == [false, true, false, true]
      || isASCII == [false, true, false, true] && isZero == [true, false, true, false]
  }

  private mutating func close() {
    if let descriptor, descriptor != STDIN_FILENO { Glibc.close(descriptor) }
    descriptor = nil
  }

  private mutating func end(_ reason: String) -> Ticket {
    close()
    return ticket(.failure("\(file): \(reason)"))
  }

  private mutating func ticket(_ content: Content) -> Ticket {
    defer { count += 1 }
    return Ticket(number: count, file: file, content: content)
  }

  private static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { return -Int(errno) }
    }
  }
}
