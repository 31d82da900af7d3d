import Glibc
package import MillraceCore
package import MillraceRuntime

/// Writes events to files, each exactly once whatever is killed when.
///
/// The ledger holds, for every file that may have an uncommitted tail, its identity and its
/// committed length. The order of steps is what the promise rests on:
///
/// 1. A file is created (or found), it and its folder are synchronized, and it is entered in the
///    ledger with its present length. Only then the first byte is written.
/// 2. Bytes are written behind the committed length, never appended, so that a second attempt
///    overwrites the first.
/// 3. All files of a batch are synchronized before `deliver` returns. Whoever delivers then commits
///    the new lengths together with its cursor.
/// 4. After a crash, `open` finds each file by its identity and cuts it to its committed length.
///    Files not entered are never touched.
///
/// A compressed file is a row of complete members, one for each delivery, so that every committed
/// length lies between two. A file is rotated by renaming it while nothing in it waits for its
/// commit, so that step 4 finds it as it finds one that others renamed.
///
/// What others do to a file lowers the promise, as far as it goes: `copytruncate` can lose bytes
/// between its copy and its cut, and compressing or moving a file out of its folder before its last
/// batch is committed can leave a repeated tail in it. Renaming inside the folder does not.
///
/// Modes are subject to the process's umask, which may only take permissions away, unless they are
/// said to be exact.
package actor FileSink: Sink {
  package nonisolated let name: String
  /// The thread all system calls block.
  private nonisolated let executor: ThreadExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  let template: PathTemplate
  let options: Options
  let log: Log
  let operations: FileOperations

  private(set) var ledger: (any SinkLedger)?
  private var isBusy = false
  private var pendingReceipt: SinkReceipt?
  /// The number of the current delivery.
  var deliveries = 0
  /// Every file of the ledger that is not forgotten.
  var files: [FileIdentity.Key: TrackedFile] = [:]
  /// The file that a path named when it was last looked at; stale ones are not in `files`.
  var filesByPath: [String: TrackedFile] = [:]
  /// The files with a descriptor, at most `openFilesMax`.
  var openFiles: [TrackedFile] = []
  /// The files that may have bytes behind their committed length.
  var unsettled: [FileIdentity.Key: TrackedFile] = [:]
  /// Entries of the ledger to be retired with the next receipt.
  var forgotten: [FileIdentity.Key: SinkFile] = [:]
  /// Files the sink is done with, to be remembered with the next receipt.
  var finished: [FileIdentity.Key: SinkFile] = [:]
  /// Files that left the ledger because nothing came for them, as they were left; a memory of work
  /// done that may be dropped at any time.
  var leftBehind: [FileIdentity.Key: SinkFile] = [:]
  /// Whether descriptors are to be let go of once the delivery under way is committed.
  var isReopeningAsked = false
  private var upkeep: Task<Void, Never>?
  /// How many files were finished since it was last looked for what is kept no longer.
  var finishedUnseen = 0
  /// Whether that is being looked for.
  var isRemoving = false
  /// Folders whose own names are known to be durable.
  var durableFolders: Set<String> = []

  /// What others did to the files, the latest `Limits.sinkProblemsMax` of it.
  package private(set) var problems: [SinkProblem] = []
  /// How many problems there were since the start.
  package private(set) var problemCount = 0

  /// A sink named `name` that writes where `template` says.
  package init(
    name: String, template: PathTemplate, options: Options = Options(), log: Log,
    operations: FileOperations = .system
  ) {
    precondition(options.openFilesMax > 0 && options.ledgerFilesMax > 0, "a file fits the limits")
    self.name = name
    self.template = template
    self.options = options
    self.log = log
    self.operations = operations
    executor = ThreadExecutor(name: "sink " + name)
  }

  package func open(ledger: any SinkLedger) async throws(SinkError) {
    beginCall()
    defer { isBusy = false }
    forgetEverything()
    try await recover(from: ledger)
    self.ledger = ledger
    if let interval = options.upkeepInterval, needsUpkeep, upkeep == nil {
      upkeep = startUpkeep(every: interval)
    }
  }

  package func deliver(_ batch: EventBatch) async throws(SinkError) -> SinkReceipt {
    guard let ledger else { preconditionFailure("a sink is opened before it delivers") }
    beginCall()
    defer { isBusy = false }
    try await settlePendingReceipt(ledger)
    withdrawUncommitted()
    deliveries += 1
    do throws(SinkError) {
      for group in template.groups(of: batch) {
        let bytes = options.compression.stored(group.bytes(of: batch))
        let file = try await fileForWriting(at: group.path, bytes.count, ledger: ledger)
        try write(bytes, to: file)
      }
      for file in unsettled.values { try synchronize(file) }
      for file in Array(unsettled.values) { try await checkIsUncut(file, ledger: ledger) }
    } catch {
      withdrawUncommitted()
      throw error
    }
    let receipt = makeReceipt()
    pendingReceipt = receipt
    return receipt
  }

  package func committed(_ receipt: SinkReceipt) async {
    precondition(!isBusy, "the calls of a sink do not overlap")
    precondition(receipt == pendingReceipt, "the receipt committed is the one of the last delivery")
    apply(receipt)
    if isReopeningAsked { letGoOfRenamed() }
    // Where much is delivered, upkeep seldom finds the sink idle.
    finishedUnseen += receipt.finished.count
    if finishedUnseen >= Limits.filesFinishedUnseen { await removeWhatIsKeptNoLonger() }
  }

  package func close() async {
    precondition(!isBusy, "the calls of a sink do not overlap")
    // Whether a pending receipt was committed is for the ledger to say, at the next start.
    if pendingReceipt == nil { withdrawUncommitted() }
    upkeep?.cancel()
    upkeep = nil
    if finishedUnseen > 0 { await removeWhatIsKeptNoLonger() }
    forgetEverything()
    ledger = nil
  }

  /// Enters a problem in the list and the count.
  func report(_ kind: SinkProblem.Kind, path: String, bytes: Int64) {
    problemCount += 1
    problems.append(SinkProblem(kind: kind, path: path, bytes: bytes))
    if problems.count > Limits.sinkProblemsMax { problems.removeFirst() }
  }

  /// Whether no call is under way, and nothing waits for its commit.
  var isIdle: Bool { !isBusy && pendingReceipt == nil }

  /// Looks after the files while nothing is delivered, until the sink is closed or gone.
  private func startUpkeep(every interval: Duration) -> Task<Void, Never> {
    Task { [weak self] in
      while !Task.isCancelled {
        await self?.keepUp()
        do { try await Task.sleep(for: interval) } catch { return }
      }
    }
  }

  private func beginCall() {
    precondition(!isBusy, "the calls of a sink do not overlap")
    isBusy = true
  }

  private func forgetEverything() {
    for file in openFiles { file.descriptor = nil }
    openFiles = []
    files = [:]
    filesByPath = [:]
    unsettled = [:]
    forgotten = [:]
    finished = [:]
    leftBehind = [:]
    pendingReceipt = nil
  }
}

// MARK: - Receipts

extension FileSink {
  private func makeReceipt() -> SinkReceipt {
    let leaving = filesToRetire()
    let leavingKeys = Set(leaving.map(\.identity.key))
    let written = unsettled.values.filter {
      $0.hasPendingBytes && !leavingKeys.contains($0.identity.key)
    }
    return SinkReceipt(
      files: written.map(\.entry).sorted { $0.path < $1.path },
      retired: (leaving.map(\.entry) + forgotten.values).sorted { $0.path < $1.path },
      finished: finishing(leaving).sorted { $0.path < $1.path })
  }

  /// What is remembered of files that leave, where some are to be removed later.
  private func finishing(_ leaving: [TrackedFile]) -> [SinkFile] {
    let idle = options.retention.keepsEverything ? [] : leaving.map(\.entry)
    return idle + finished.values
  }

  /// Files not used for long, by deliveries or by the clock, and those beyond the ledger's limit.
  /// Once committed, a file has no tail that would have to be cut, so its entry can go; it is
  /// entered again when needed.
  private func filesToRetire() -> [TrackedFile] {
    let settled = files.values.filter {
      unsettled[$0.identity.key] == nil || $0.hasPendingBytes
    }
    let now = options.clock.now()
    func isUnused(_ file: TrackedFile) -> Bool {
      deliveries - file.lastDelivery > options.idleDeliveriesMax
        || now - file.lastWrittenAt > Limits.sinkFileIdleTimeMax
    }
    var leaving = settled.filter(isUnused)
    let excess = files.count - leaving.count - options.ledgerFilesMax
    if excess > 0 {
      let staying = settled.filter { !isUnused($0) }
        .sorted { $0.lastDelivery < $1.lastDelivery }
      // One stays: `settlePendingReceipt` tells by it whether a receipt was committed.
      leaving += staying.dropLast().prefix(excess)
    }
    return leaving
  }

  /// The last delivery was not confirmed: either its commit failed, or it succeeded and the
  /// confirmation was lost. The ledger knows.
  private func settlePendingReceipt(_ ledger: any SinkLedger) async throws(SinkError) {
    guard let receipt = pendingReceipt else { return }
    pendingReceipt = nil
    guard let probe = receipt.files.first else {
      // Nothing was written, so nothing tells. Files that may have left the ledger are no longer
      // known; they are entered again when needed, which is right in both cases.
      for entry in receipt.retired {
        if let file = files[FileIdentity(entry).key] { stopTracking(file) }
      }
      return
    }
    do throws(SinkError) {
      let isCommitted = try await ledger.files().contains {
        $0.device == probe.device && $0.inode == probe.inode && $0.length == probe.length
      }
      if isCommitted { apply(receipt) }
    } catch {
      pendingReceipt = receipt
      throw error
    }
  }

  private func apply(_ receipt: SinkReceipt) {
    pendingReceipt = nil
    for (key, file) in unsettled where file.hasPendingBytes {
      file.committedLength = file.pendingLength
      unsettled[key] = nil
    }
    for entry in receipt.retired {
      let key = FileIdentity(entry).key
      forgotten[key] = nil
      if let file = files[key] {
        if leftBehind.count >= options.ledgerFilesMax { leftBehind = [:] }
        leftBehind[key] = entry
        stopTracking(file)
      }
    }
    for entry in receipt.finished { finished[FileIdentity(entry).key] = nil }
  }
}
