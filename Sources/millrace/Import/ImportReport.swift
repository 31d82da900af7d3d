import MillraceCore
import MillraceImport
import MillracePipeline
import MillraceRuntime

/// What an import came to, over all its files.
struct ImportReport: Codable {
  /// The sums of one feed.
  struct FeedReport: Codable {
    var tenant: String
    var tenantName: String?
    var contentType: String
    var records = 0
    var newRecords = 0
  }

  /// What one file came to.
  struct FileReport: Codable {
    var file: String
    var bytes = 0
    var records = 0
    /// What could not be imported as a record.
    var dead = 0
    /// Why it was not read, or not to its end; nil when it was.
    var failure: String?

    init(file: String, failure: String? = nil) {
      self.file = file
      self.failure = failure
    }
  }

  var files: [FileReport] = []
  var feeds: [FeedReport] = []
  var records = 0
  /// Those of them in blobs that the store did not have; whether they repeat others shows when they
  /// are indexed.
  var newRecords = 0
  var newBlobs = 0
  var knownBlobs = 0
  /// What could not be imported as a record.
  var dead = 0
  /// Those of them that the store keeps as dead letters.
  var keptDead = 0
  /// Records that name another tenant than `--tenant` does.
  var foreignRecords = 0
  /// Whether a running collector took them, which delivers at once.
  var isDelivering = false
  var peakMemoryBytes = 0

  /// Whether everything could be imported.
  var isClean: Bool { dead == 0 && files.allSatisfy { $0.failure == nil } }

  mutating func add(_ piece: ImportPiece, _ answer: ImportAnswer, name: String?) {
    if answer.known { knownBlobs += 1 } else { newBlobs += 1 }
    if piece.fault != nil {
      keptDead += 1
      return
    }
    let tenant = piece.feed.tenant.description
    let type = piece.feed.contentType.rawValue
    var index = feeds.firstIndex { $0.tenant == tenant && $0.contentType == type }
    if index == nil {
      feeds.append(FeedReport(tenant: tenant, tenantName: name, contentType: type))
      index = feeds.count - 1
    }
    let new = answer.known ? 0 : piece.recordCount
    newRecords += new
    if let index {
      feeds[index].records += piece.recordCount
      feeds[index].newRecords += new
    }
  }

  /// Takes in a file that is done with.
  mutating func add(_ file: FileReport, foreign: Int) {
    files.append(file)
    records += file.records
    dead += file.dead
    foreignRecords += foreign
  }

  /// The report for a terminal, line by line.
  var lines: [String] {
    func row(_ name: String, _ value: String) -> String {
      "  " + name + String(repeating: " ", count: max(1, 16 - name.count)) + value
    }
    let count = ProgressLine.grouped
    var lines = ["\(count(records)) records read, \(count(newRecords)) of them in new blobs"]
    lines.append(row("blobs", "\(count(newBlobs)) new, \(count(knownBlobs)) known already"))
    for feed in feeds.sorted(by: { ($0.tenant, $0.contentType) < ($1.tenant, $1.contentType) }) {
      lines.append(
        row(
          "feed",
          "\(feed.tenantName ?? "\(feed.tenant) (not configured)") \(feed.contentType): "
            + "\(count(feed.records)) records, \(count(feed.newRecords)) new"))
    }
    if dead > 0 {
      lines.append(
        row(
          "not imported",
          "\(count(dead)), named above; \(count(keptDead)) of them kept as dead letters"))
    }
    let failed = files.count { $0.failure != nil }
    if failed > 0 {
      lines.append(
        row(
          "not read",
          "\(count(failed)) of \(count(files.count)) files, or not to the end; named above"))
    }
    if foreignRecords > 0 {
      lines.append(
        row("other tenant", "\(count(foreignRecords)) records name another than --tenant does"))
    }
    lines.append(
      row("delivery", isDelivering ? "by the running collector" : "with the next \"millrace run\""))
    lines.append(row("peak memory", ByteSize.text(peakMemoryBytes)))
    return lines
  }
}
