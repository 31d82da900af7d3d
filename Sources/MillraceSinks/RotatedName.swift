import MillraceCore

/// The names of files that were rotated: the moment stands before the extension, so that
/// `audit.ndjson.gz` becomes `audit.20260304T081530Z.ndjson.gz`, and its second one of that second
/// `audit.20260304T081530Z-2.ndjson.gz`.
enum RotatedName {
  /// The `number`-th name for a file that is rotated at `moment`.
  static func path(of path: String, at moment: Timestamp, number: Int) -> String {
    let (stem, ending) = parts(of: path)
    let time = CivilTime(moment)
    let stamp =
      digits(time.year, 4) + digits(time.month, 2) + digits(time.day, 2) + "T"
      + digits(time.hour, 2) + digits(time.minute, 2) + digits(time.second, 2) + "Z"
    return stem + "." + stamp + (number > 1 ? "-\(number)" : "") + ending
  }

  /// Whether `path` is such a name for a file that was at `original`.
  static func isOne(_ path: String, of original: String) -> Bool {
    let (stem, ending) = parts(of: original)
    guard path.hasPrefix(stem + "."), path.hasSuffix(ending),
      path.utf8.count > stem.utf8.count + 1 + ending.utf8.count
    else { return false }
    let middle = path.dropFirst(stem.count + 1).dropLast(ending.count)
    let pieces = middle.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    if pieces.count == 2 && (Int(pieces[1]) ?? 0) < 2 { return false }
    let stamp = Array(pieces[0].utf8)
    guard stamp.count == 16, stamp[8] == UInt8(ascii: "T"), stamp[15] == UInt8(ascii: "Z") else {
      return false
    }
    return (stamp[..<8] + stamp[9..<15]).allSatisfy { (0x30...0x39).contains($0) }
  }

  /// A path cut before its extension: `.gz` or `.zst` belongs to the one before it. What begins
  /// with a dot is a name without one.
  private static func parts(of path: String) -> (stem: String, ending: String) {
    var cut = path.endIndex
    for compressed in [".gz", ".zst"] where path.hasSuffix(compressed) {
      cut = path.index(path.endIndex, offsetBy: -compressed.count)
    }
    let name = path[..<cut]
    let nameStart = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    if let dot = name.lastIndex(of: "."), dot > nameStart,
      (1...8).contains(name[dot...].dropFirst().count),
      name[dot...].dropFirst().allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
    {
      cut = dot
    } else if cut <= nameStart {
      cut = path.endIndex
    }
    return (String(path[..<cut]), String(path[cut...]))
  }

  private static func digits(_ number: Int, _ width: Int) -> String {
    let text = String(max(number, 0))
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
