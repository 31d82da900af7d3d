import MillraceCore

/// The beginning of a JSON object that is an object again: cut between two members or elements,
/// with what was open closed.
struct JSONCut {
  /// How many bytes of the text stay.
  let kept: Int
  /// What closes all but the outermost brace.
  let closers: [UInt8]
  /// Whether a member of the object stays, so that a comma is needed before the next one.
  let hasMembers: Bool

  /// The longest beginning that leaves room for `reserve` bytes and its closers in `room`; nil when
  /// the text is no object.
  init?(of text: UnsafeBufferPointer<UInt8>, room: Int, reserve: Int) {
    guard text.first == UInt8(ascii: "{") else { return nil }
    var open: [UInt8] = []
    var (kept, closers, hasMembers) = (1, [UInt8](), false)
    var isQuoted = false
    var index = 0
    while index < text.count, index + reserve <= room {
      let byte = text[index]
      if isQuoted {
        if byte == UInt8(ascii: "\\") {
          index += 1
        } else if byte == UInt8(ascii: "\"") {
          isQuoted = false
        }
      } else {
        switch byte {
        case UInt8(ascii: "\""): isQuoted = true
        case UInt8(ascii: "{"): open.append(UInt8(ascii: "}"))
        case UInt8(ascii: "["): open.append(UInt8(ascii: "]"))
        case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
        case UInt8(ascii: ","):
          // One byte for the comma that goes before the mark.
          if open.count <= Limits.syslogCutDepthMax, index + open.count + reserve <= room {
            kept = index
            closers = Array(open.dropFirst().reversed())
            hasMembers = true
          }
        default: break
        }
      }
      index += 1
    }
    self.kept = kept
    self.closers = closers
    self.hasMembers = hasMembers
  }
}
