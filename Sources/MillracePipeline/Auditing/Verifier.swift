package import MillraceCore
import MillraceEvents
import MillraceRuntime
package import MillraceStore

/// Checks a store against its own digests: every body, the chain over the log, the seals, the
/// totals, and what SQLite itself can say about the file.
///
/// Works beside a running collector: it only reads, in bounded steps, and takes nothing for damage
/// that is on its way. Bodies are unpacked and hashed by two workers while the next are read.
package struct Verifier: Sendable {
  /// How far a verification has come.
  package struct Progress: Hashable, Sendable {
    /// Bytes of the bodies examined so far, as stored.
    package var bytes: Int
    /// Bytes of all bodies, as stored.
    package var totalBytes: Int
  }

  let store: Store
  let tenantNames: [TenantID: String]
  private let workers = WorkerPool(width: Limits.verificationWorkers)

  /// A verification of `store`.
  package init(store: Store, tenantNames: [TenantID: String]) {
    self.store = store
    self.tenantNames = tenantNames
  }

  /// Checks everything.
  ///
  /// - Parameter isWhole: whether SQLite looks at the bodies' table as well, in one long read: only
  ///   while nobody writes.
  package func run(
    isWhole: Bool, at moment: Timestamp, _ progress: @Sendable (Progress) -> Void
  ) async throws(StoreError) -> VerifyReport {
    let start = ContinuousClock.now
    var report = VerifyReport(at: moment)
    try await tolerant(&report) { (report) throws(StoreError) in
      try await checkStructure(isWhole: isWhole, &report)
    }
    try await tolerant(&report) { (report) throws(StoreError) in
      try await checkLog(total: try await totalBytes(), &report, progress)
    }
    try await tolerant(&report) { (report) throws(StoreError) in
      try await checkLedger(&report)
    }
    try await tolerant(&report) { (report) throws(StoreError) in try await checkSeals(&report) }
    try await tolerant(&report) { (report) throws(StoreError) in try await checkTotals(&report) }
    report.sound = report.findings.isEmpty
    report.seconds = Double((ContinuousClock.now - start).milliseconds) / 1000
    return report
  }

  /// What the bodies take, for the progress alone: what keeps it from being read is found later.
  private func totalBytes() async throws(StoreError) -> Int {
    do throws(StoreError) { return try await store.status().heldBytes } catch {
      guard error.kind == .damaged else { throw error }
      return 0
    }
  }

  /// Runs one check; what it cannot read is a finding, and the others go on.
  private func tolerant(
    _ report: inout VerifyReport,
    _ check: (inout VerifyReport) async throws(StoreError) -> Void
  ) async throws(StoreError) {
    do throws(StoreError) {
      try await check(&report)
    } catch {
      guard error.kind == .damaged else { throw error }
      report.add(structural(error.message))
    }
  }

  private func structural(_ message: String) -> VerifyReport.Finding {
    VerifyReport.Finding(
      kind: .structure, message: message,
      remedy: "keep a copy of the store's folder; then restore a backup, or begin with a new "
        + "store.path: content of the last seven days is listed and fetched again")
  }

  private func finding(
    _ kind: VerifyReport.Kind, _ feed: Feed, _ content: ContentID?, _ message: String,
    _ remedy: String
  ) -> VerifyReport.Finding {
    VerifyReport.Finding(
      kind: kind, tenant: tenantNames[feed.tenant] ?? feed.tenant.description,
      contentType: feed.contentType.rawValue, contentId: content?.description, message: message,
      remedy: remedy)
  }

  // MARK: The file

  private func checkStructure(
    isWhole: Bool, _ report: inout VerifyReport
  ) async throws(StoreError) {
    for problem in try await store.structureProblems(isWhole: isWhole) {
      report.add(structural(problem))
    }
  }

  // MARK: The ledger

  private func checkLedger(_ report: inout VerifyReport) async throws(StoreError) {
    for missing in try await store.missingEntries(limit: Limits.verifyFindingsMax) {
      report.add(
        finding(
          .unlogged, missing.feed, missing.content,
          "the ledger has it as fetched, and the log has no entry of it",
          "its entry was taken out of the log; restore a backup, or keep this store as evidence"))
    }
    for sequence in try await store.leftoverBodies(limit: Limits.verifyFindingsMax) {
      report.add(
        VerifyReport.Finding(
          kind: .bodyLeftover, sequence: sequence,
          message: "rows of a body are there, and the log has none for this number",
          remedy: "harmless; \"millrace verify --repair\" deletes them"))
    }
  }

  private func checkTotals(_ report: inout VerifyReport) async throws(StoreError) {
    for mismatch in try await store.totalsMismatches() {
      let columns = mismatch.columns.map { "\($0.name) \($0.kept) instead of \($0.counted)" }
      report.add(
        finding(
          .totals, mismatch.feed, nil, "totals are wrong: " + columns.joined(separator: ", "),
          "only what status shows is wrong; \"millrace verify --repair\" counts anew"))
    }
  }

  // MARK: The log

  private func checkLog(
    total: Int, _ report: inout VerifyReport, _ progress: @Sendable (Progress) -> Void
  ) async throws(StoreError) {
    var chain = ChainCheck()
    var damages: [BodyDamage] = []
    var examined = 0
    var piece: LogPiece? = try await store.logPiece(from: 1)
    var failure: StoreError?
    while let current = piece {
      async let following = attempt(from: current.next)
      for link in current.links { chain.add(link) }
      let results = await examine(current)
      for result in results {
        report.bodies += 1
        switch result {
        case .whole(let count):
          report.bodiesWhole += 1
          report.bytes += count
        case .damaged(let damage):
          if damages.count < Limits.verifyFindingsMax {
            damages.append(damage)
          } else {
            report.moreFindings += 1
          }
        case .undecidable(let finding):
          report.bodiesWhole += 1
          report.add(finding)
        }
      }
      examined += current.storedBytes
      progress(Progress(bytes: min(examined, total), totalBytes: total))
      switch await following {
      case .success(let next): piece = next
      case .failure(let error):
        piece = nil
        failure = error
      }
    }
    for damage in BodyDamage.explained(damages) { report.add(damage.finding(tenantNames)) }
    report.entries = chain.checked
    report.entriesInChain = chain.agreeing
    for found in chain.finish() { report.add(try await explained(found)) }
    // What was read before is told all the same.
    if let failure { throw failure }
  }

  private func attempt(from sequence: Int64?) async -> Result<LogPiece?, StoreError> {
    guard let sequence else { return .success(nil) }
    do throws(StoreError) {
      return .success(try await store.logPiece(from: sequence))
    } catch {
      return .failure(error)
    }
  }

  /// What an examination of a body came to.
  private enum Examined: Sendable {
    case whole(Int)
    case damaged(BodyDamage)
    /// Whole, but not what its decisions are about.
    case undecidable(VerifyReport.Finding)
  }

  private func examine(_ piece: LogPiece) async -> [Examined] {
    await withTaskGroup { group in
      for (index, held) in piece.held.enumerated() {
        group.addTask { (index, await workers.run { examine(held.sequence, held.entry) }) }
      }
      var results = [Examined?](repeating: nil, count: piece.held.count)
      for await (index, result) in group { results[index] = result }
      return results.compactMap { $0 }
    }
  }

  private func examine(_ sequence: Int64, _ entry: Result<StoredEntry, StoreError>) -> Examined {
    switch entry {
    case .failure(let error):
      return .damaged(
        BodyDamage(
          sequence: sequence, blob: nil, isMissing: false,
          message: "it cannot be read: \(error.message)"))
    case .success(let stored):
      guard let body = stored.body else { return .whole(0) }
      var damage = BodyDamage(
        sequence: sequence, blob: stored.head.blob, isMissing: false, message: "")
      damage.expected = body.sha256
      switch body.examine() {
      case .whole(let bytes):
        return fits(bytes, stored.head) ?? .whole(bytes.count)
      case .missing:
        damage.isMissing = true
        damage.message = "its bytes are gone"
        return .damaged(damage)
      case .damaged(let message, let digest):
        damage.message = message
        damage.found = digest
        return .damaged(damage)
      }
    }
  }

  /// Checks that a whole body holds as many records as were decided about.
  private func fits(_ bytes: PaddedBytes, _ head: LogHead) -> Examined? {
    guard let decisions = head.decisions else { return nil }
    let count = BlobScanner.scan(bytes, part: BlobPart(number: head.part, of: head.partCount))
      .records.count
    guard count != decisions.recordCount else { return nil }
    var found = finding(
      .decisions, head.blob.feed, head.blob.id,
      "it holds \(count) records, and \(decisions.recordCount) were decided about",
      "its decisions were changed, or another version of Millrace made them; the body is whole: "
        + "restore a backup to have the decisions back")
    found.sequence = head.sequence
    return .undecidable(found)
  }

  // MARK: Seals

  private func checkSeals(_ report: inout VerifyReport) async throws(StoreError) {
    var previous = Seal.beginning
    for seal in try await store.seals() {
      report.sealedDays += 1
      let ledger = try await store.dayLedger(seal.day)
      if ledger != seal.ledger {
        report.add(
          VerifyReport.Finding(
            kind: .seal, day: seal.day.description,
            message: "the day's ledger is not as it was sealed: \(seal.ledger.blobs) blobs with "
              + "\(seal.ledger.records) records then, \(ledger.blobs) with \(ledger.records) now",
            remedy: "compare with a backup: \"millrace audit --day \(seal.day) --blobs\" lists both"
          ))
      }
      if Seal.link(after: previous, seal.day, ledger: seal.ledger.sha256) != seal.seal {
        report.add(
          VerifyReport.Finding(
            kind: .seal, day: seal.day.description,
            message: "the seal is not chained to the one before it: one of them was changed, or a "
              + "day between them was taken out",
            remedy: "compare the seals with those you noted elsewhere, or with a backup"))
      }
      previous = seal.seal
    }
  }
}
