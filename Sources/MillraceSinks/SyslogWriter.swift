import MillraceCore

/// Turns encoded events into messages as they go over the wire: framed, marked, and no larger than
/// the receiver takes.
struct SyslogWriter {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// Where messages end; datagrams end by themselves.
  enum Framing {
    case octetCounting
    case newline
    case none

    init(_ framing: SyslogOptions.Framing) {
      self = framing == .newline ? .newline : .octetCounting
    }
  }

  var framing: Framing
  let messageBytesMax: Int
  let oversize: SyslogOptions.Oversize
  let marksUTF8: Bool
  let isJSON: Bool
  let enterprise: Int

  /// How many events were larger than allowed.
  private(set) var oversizeCount = 0

  /// The byte order mark (RFC 5424, section 6.4).
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  init(_ options: SyslogOptions) {
    framing = .init(options.framing)
    if case .udp = options.transport { framing = .none }
    messageBytesMax = options.messageBytesMax
    oversize = options.oversize
    marksUTF8 = options.marksUTF8
    isJSON = options.isJSON
    enterprise = options.enterprise
  }

  /// Calls `put` with each message of an event: the pieces it is made of, in order.
  ///
  /// - Parameter line: the encoded event, its line feed left out.
  /// - Returns: why there is no message, when it cannot be sent; nil when it can.
  mutating func write(_ line: Bytes, _ put: ([Bytes]) throws -> Void) rethrows -> String? {
    guard let message = SyslogMessage(line) else {
      return "the encoded event is no syslog message"
    }
    let isMarked = needsMark(message)
    let size = line.count + (isMarked ? SyslogWriter.mark.count : 0)
    guard size > messageBytesMax else {
      try emit(message, [], [message.body], isMarked: isMarked, put)
      return nil
    }
    oversizeCount += 1
    switch oversize {
    case .deadLetter:
      return "the message has \(size) bytes, and max_message_size is \(messageBytesMax)"
    case .truncate: return try truncate(message, isMarked: isMarked, put)
    case .split: return try split(message, isMarked: isMarked, put)
    }
  }

  /// The mark belongs to texts in UTF-8 of messages of RFC 5424; a text of ASCII alone is either.
  private func needsMark(_ message: SyslogMessage) -> Bool {
    marksUTF8 && message.hasElements && message.body.contains { $0 >= 0x80 }
  }

  private func emit(
    _ message: SyslogMessage, _ element: [UInt8], _ body: [Bytes], isMarked: Bool,
    _ put: ([Bytes]) throws -> Void
  ) rethrows {
    // An element goes before the blank that ends the header.
    let blank = message.header.count - 1
    let mark = isMarked ? SyslogWriter.mark : []
    try element.withUnsafeBufferPointer { element in
      try mark.withUnsafeBufferPointer { mark in
        try put(
          [
            Bytes(rebasing: message.header[..<blank]), element,
            Bytes(rebasing: message.header[blank...]), mark,
          ] + body)
      }
    }
  }

  // MARK: Cutting

  private func truncate(
    _ message: SyslogMessage, isMarked: Bool, _ put: ([Bytes]) throws -> Void
  ) rethrows -> String? {
    let room = messageBytesMax - message.header.count - (isMarked ? SyslogWriter.mark.count : 0)
    var kept: Int
    var tail: [UInt8]
    let member = Array("\"millrace_truncated\":\(message.body.count)}".utf8)
    if isJSON, let cut = JSONCut(of: message.body, room: room, reserve: member.count + 1) {
      kept = cut.kept
      tail = cut.closers + (cut.hasMembers ? [UInt8(ascii: ",")] : []) + member
    } else {
      tail = Array(" [truncated, \(message.body.count) bytes]".utf8)
      let end = SyslogWriter.boundary(in: message.body, at: room - tail.count)
      kept = SyslogWriter.beforeOpenEscape(in: message.body, at: end)
    }
    guard kept >= 0, kept + tail.count <= room else { return tooLittleRoom(message) }
    let start = Bytes(rebasing: message.body[..<kept])
    try tail.withUnsafeBufferPointer { tail in
      try emit(message, [], [start, tail], isMarked: isMarked, put)
    }
    return nil
  }

  private func split(
    _ message: SyslogMessage, isMarked: Bool, _ put: ([Bytes]) throws -> Void
  ) rethrows -> String? {
    let mark = isMarked ? SyslogWriter.mark.count : 0
    // As if each number had six digits, so that the parts can be counted first.
    let room =
      messageBytesMax - message.header.count - mark - partMark(message, 999_999, 999_999).count
    guard room >= 64 else { return tooLittleRoom(message) }
    var cuts = [0]
    while let last = cuts.last, last < message.body.count {
      let cut = SyslogWriter.boundary(in: message.body, at: last + room)
      // A character has no end in sight: then it is none.
      cuts.append(cut > last ? cut : last + room)
    }
    let count = cuts.count - 1
    for part in 0..<count {
      let body = Bytes(rebasing: message.body[cuts[part]..<cuts[part + 1]])
      let number = partMark(message, part + 1, count)
      if message.hasElements {
        try emit(message, number, [body], isMarked: isMarked, put)
      } else {
        try number.withUnsafeBufferPointer { number in
          try emit(message, [], [number, body], isMarked: isMarked, put)
        }
      }
    }
    return nil
  }

  /// What numbers a part: an element, or where there are none the beginning of the text.
  private func partMark(_ message: SyslogMessage, _ part: Int, _ count: Int) -> [UInt8] {
    message.hasElements
      ? Array("[part@\(enterprise) number=\"\(part)\" of=\"\(count)\"]".utf8)
      : Array("[part \(part) of \(count)] ".utf8)
  }

  /// The last place at or before `limit` where a character begins; the end of the text when it is
  /// shorter.
  private static func boundary(in text: Bytes, at limit: Int) -> Int {
    guard limit < text.count else { return text.count }
    var place = limit
    while place > 0, text[place] & 0xC0 == 0x80 { place -= 1 }
    return place
  }

  /// The same place, or the one before a backslash that is parted there from what it escapes, as
  /// CEF does.
  private static func beforeOpenEscape(in text: Bytes, at place: Int) -> Int {
    var start = place
    while start > 0, text[start - 1] == UInt8(ascii: "\\") { start -= 1 }
    return (place - start).isMultiple(of: 2) ? place : place - 1
  }

  private func tooLittleRoom(_ message: SyslogMessage) -> String {
    "the header alone has \(message.header.count) bytes, and max_message_size is \(messageBytesMax)"
  }
}

extension SyslogWriter.Framing {
  /// Appends a message, and where it ends, to a stream's bytes.
  func append(_ pieces: [SyslogWriter.Bytes], to stream: inout [UInt8]) {
    if self == .octetCounting {
      stream.append(contentsOf: "\(pieces.reduce(0) { $0 + $1.count }) ".utf8)
    }
    for piece in pieces { stream.append(contentsOf: piece) }
    if self == .newline { stream.append(UInt8(ascii: "\n")) }
  }
}
