package import MillraceCore
import MillraceEvents

/// What the user says about an input that does not say it itself.
package struct ImportOptions: Sendable {
  /// Whose records they are; nil when each says so.
  package var tenant: TenantID?
  /// The kind of content they are; nil when it follows from what they are.
  package var contentType: ContentType?

  /// What the user says.
  package init(tenant: TenantID? = nil, contentType: ContentType? = nil) {
    self.tenant = tenant
    self.contentType = contentType
  }
}

/// What reading an input comes to next.
package enum ImportStep: Sendable {
  /// Something to store.
  case piece(ImportPiece)
  /// Something that is not stored.
  case refused(ImportFault)
  /// Reading cannot go on; nothing follows.
  case failed(InputFailure)
}

/// Turns an input into pieces for the store, in memory that does not grow with the input.
///
/// Blocks while it reads: for a thread of its own.
package struct ImportReader {
  private let options: ImportOptions
  private var records: RecordReader
  private var cutter = PieceCutter()
  /// Steps that are known and not handed out yet, the next one first.
  private var waiting: [ImportStep] = []
  private var isOver = false
  /// The feed of the latest record, which broken values beside it are taken to belong to.
  private var latestFeed: Feed?
  /// How many records were found so far.
  package private(set) var recordCount = 0
  /// How many records name another tenant than the options do.
  package private(set) var foreignCount = 0

  /// Reads from a descriptor, which stays open.
  package init(descriptor: Int32, options: ImportOptions = ImportOptions()) {
    self.init(InputReader(descriptor: descriptor), options)
  }

  /// - Parameter valueBytesMax: the most that is looked at as a whole.
  init(
    _ input: InputReader, _ options: ImportOptions,
    valueBytesMax: Int = Limits.importValueBytesMax
  ) {
    self.options = options
    records = RecordReader(input, valueBytesMax: valueBytesMax)
  }

  /// How many bytes of the input are done with, before decompression.
  package var consumedBytes: Int { records.consumedBytes }

  /// The next step; nil at the end of the input.
  package mutating func next() -> ImportStep? {
    while waiting.isEmpty {
      if isOver { return nil }
      do throws(InputFailure) {
        guard let (value, labels) = try records.next() else {
          finish(nil)
          continue
        }
        try take(value, labels)
      } catch {
        finish(error)
      }
    }
    return waiting.removeFirst()
  }

  private mutating func finish(_ failure: InputFailure?) {
    isOver = true
    waiting += cutter.finish().map { .piece($0) }
    if let failure { waiting.append(.failed(failure)) }
  }

  private mutating func take(_ value: InputValue, _ labels: RecordLabels?) throws(InputFailure) {
    guard let labels else { return keep(value) }
    if let own = labels.tenant, let tenant = options.tenant, own != tenant { foreignCount += 1 }
    guard let tenant = options.tenant ?? labels.tenant else {
      let words =
        "the record names no tenant (its OrganizationId is missing or no GUID): say with "
        + "--tenant whose it is"
      // The first record speaks for all: better to stop before anything is stored.
      if recordCount == 0 { throw InputFailure("line \(value.line): \(words)") }
      waiting.append(.refused(ImportFault(line: value.line, reason: words, isKept: false)))
      return
    }
    let type =
      options.contentType
      ?? FeedTable.contentType(workload: labels.workload, recordType: labels.recordType)
    let feed = Feed(tenant: tenant, contentType: type)
    latestFeed = feed
    recordCount += 1
    waiting += cutter.add(value.bytes, to: feed).map { .piece($0) }
  }

  /// Puts what is broken where a dead letter comes of it.
  private mutating func keep(_ value: InputValue) {
    let feed = options.tenant.map {
      Feed(tenant: $0, contentType: options.contentType ?? latestFeed?.contentType ?? .general)
    }
    guard let feed = feed ?? latestFeed, value.bytes.count > 0 else {
      let fault = ImportFault(line: value.line, reason: value.fault ?? "", isKept: false)
      waiting.append(.refused(fault))
      return
    }
    let fault = ImportFault(line: value.line, reason: value.fault ?? "", isKept: true)
    waiting.append(.piece(PieceCutter.piece(keeping: value, in: feed, fault: fault)))
  }
}
