import MillraceCore
import MillraceEvents

/// Gathers records into pieces, one open piece for each feed.
struct PieceCutter {
  private struct OpenPiece {
    let feed: Feed
    var body: [UInt8] = []
    var recordCount = 0
    /// Counts records over all feeds; tells which piece waited longest.
    var lastUse = 0

    mutating func append(_ record: PaddedBytes) {
      if recordCount == 0 { body.reserveCapacity(max(Limits.importPieceBytes, record.count) + 128) }
      body.append(recordCount == 0 ? Ascii.openBracket : Ascii.comma)
      record.withUnsafeBytes { body.append(contentsOf: $0) }
      recordCount += 1
    }

    consuming func close() -> ImportPiece {
      body.append(Ascii.closeBracket)
      return ImportPiece(feed: feed, body: PaddedBytes(body), recordCount: recordCount)
    }
  }

  private var open: [OpenPiece] = []
  private var uses = 0

  /// Adds a record and returns the pieces that became full by it.
  mutating func add(_ record: PaddedBytes, to feed: Feed) -> [ImportPiece] {
    uses += 1
    var full: [ImportPiece] = []
    var index = open.firstIndex { $0.feed == feed }
    if let place = index, !fits(record, into: open[place]) {
      full.append(open.remove(at: place).close())
      index = nil
    }
    if index == nil, open.count == Limits.importOpenPiecesMax {
      let idle = open.indices.min { open[$0].lastUse < open[$1].lastUse }
      if let idle { full.append(open.remove(at: idle).close()) }
    }
    let place = index ?? open.endIndex
    if index == nil { open.append(OpenPiece(feed: feed)) }
    open[place].append(record)
    open[place].lastUse = uses
    return full
  }

  private func fits(_ record: PaddedBytes, into piece: OpenPiece) -> Bool {
    piece.recordCount < Limits.importPieceRecordsMax
      && piece.body.count + record.count + 2 <= Limits.importPieceBytes
  }

  /// What is left at the end of the input.
  mutating func finish() -> [ImportPiece] {
    defer { open = [] }
    return open.map { $0.close() }
  }

  /// A piece of its own for something broken, which could spoil the records beside it: one dead
  /// letter comes of it, and a record that is whole in it is not lost. What would be read as
  /// several dead letters, or as a record although it is a row of a table, is kept as a JSON text.
  static func piece(
    keeping value: InputValue, in feed: Feed, fault: ImportFault
  ) -> ImportPiece {
    var body = [Ascii.openBracket]
    body.reserveCapacity(value.bytes.count + 2 + PaddedBytes.slackBytes)
    value.bytes.withUnsafeBytes { body.append(contentsOf: $0) }
    body.append(Ascii.closeBracket)
    let bytes = PaddedBytes(body)
    let found = BlobScanner.scan(bytes).records
    let hasRecord = found.contains { $0.verdict == .event }
    let isRight = hasRecord ? !value.isRow : found.count == 1
    let kept = isRight ? bytes : PaddedBytes(array(ofText: value.bytes))
    return ImportPiece(feed: feed, body: kept, recordCount: 0, fault: fault)
  }

  /// An array of one JSON text that says the bytes (RFC 8259, section 7).
  private static func array(ofText value: PaddedBytes) -> [UInt8] {
    var text: [UInt8] = [Ascii.openBracket, Ascii.quote]
    text.reserveCapacity(value.count + value.count / 8 + 64)
    value.withUnsafeBytes { bytes in
      for byte in bytes {
        if byte == Ascii.quote || byte == Ascii.backslash { text.append(Ascii.backslash) }
        if byte < 0x20 {
          text += Array("\\u00".utf8) + [hexadecimal(byte >> 4), hexadecimal(byte & 15)]
        } else {
          text.append(byte)
        }
      }
    }
    text += [Ascii.quote, Ascii.closeBracket]
    return text
  }

  private static func hexadecimal(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
