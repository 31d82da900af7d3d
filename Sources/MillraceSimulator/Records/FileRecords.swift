import Glibc
import MillraceCore

/// Records of files with one record a line. Only where they stand is kept, not the records.
final class FileRecords: RecordSource {
  private struct Place {
    let file: Int
    let offset: Int
    let count: Int
  }

  private let files: [OpenFile]
  private let places: [ContentType: [Place]]

  /// Reads the files once, to sort their records into feeds.
  init(paths: [String]) throws(SimulatorError) {
    var files: [OpenFile] = []
    var places: [ContentType: [Place]] = [:]
    for path in paths {
      let file = try OpenFile(path: path)
      try file.forEachLine { (line, offset, number) throws(SimulatorError) in
        guard let record = Self.record(in: line) else { return }
        guard let type = RecordPlacement.contentType(of: line[record]) else {
          throw SimulatorError(
            subject: path, message: "line \(number) is not a JSON object",
            hint: "the file holds one record a line")
        }
        places[type, default: []].append(
          Place(
            file: files.count, offset: offset + record.lowerBound - line.startIndex,
            count: record.count))
      }
      files.append(file)
    }
    self.files = files
    self.places = places
  }

  func count(of type: ContentType) -> Int { places[type]?.count ?? 0 }

  func append(
    _ index: Int, of type: ContentType, created: Timestamp, to bytes: inout [UInt8]
  ) throws(SimulatorError) {
    guard let place = places[type]?[index] else { return }
    bytes += try files[place.file].read(at: place.offset, count: place.count)
  }

  /// A line without the white space around it, which JSON does not count; nil when it is blank.
  private static func record(in line: ArraySlice<UInt8>) -> Range<Int>? {
    let isText = { (byte: UInt8) in ![0x20, 0x09, 0x0D].contains(byte) }
    guard let first = line.firstIndex(where: isText), let last = line.lastIndex(where: isText)
    else { return nil }
    return first..<last + 1
  }
}

/// A file that stays open as long as its records are served.
private final class OpenFile: Sendable {
  private let path: String
  private let descriptor: Int32

  init(path: String) throws(SimulatorError) {
    self.path = path
    let opened = open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw Self.failure(path) }
    descriptor = opened
  }

  deinit {
    close(descriptor)
  }

  func read(at offset: Int, count: Int) throws(SimulatorError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes[done...].withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress, $0.count, off_t(offset + done))
      }
      guard got > 0 else {
        if got < 0 && errno == EINTR { continue }
        throw got < 0
          ? Self.failure(path)
          : SimulatorError(
            subject: path, message: "the file became shorter",
            hint: "leave the file alone while it is served")
      }
      done += got
    }
    return bytes
  }

  /// Calls `body` with every line, its place in the file and its number.
  func forEachLine(
    _ body: (ArraySlice<UInt8>, Int, Int) throws(SimulatorError) -> Void
  ) throws(SimulatorError) {
    var rest: [UInt8] = []
    var offset = 0
    var number = 1
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let got = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw Self.failure(path) }
      if got == 0 { break }
      var start = 0
      // What was searched before has no line feed.
      var search = rest.count
      rest += piece[..<got]
      while let end = rest[search...].firstIndex(of: UInt8(ascii: "\n")) {
        try body(rest[start..<end], offset + start, number)
        start = end + 1
        search = start
        number += 1
      }
      rest.removeFirst(start)
      offset += start
    }
    try body(rest[...], offset, number)
  }

  private static func failure(_ path: String) -> SimulatorError {
    SimulatorError(
      subject: path, message: String(cString: strerror(errno)),
      hint: "give a file that this user can read")
  }
}
