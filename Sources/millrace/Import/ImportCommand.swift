import MillraceConfiguration
import MillraceCore
import MillraceImport
import MillracePipeline
import MillraceRuntime

/// `import`: puts saved blobs, records and exports into the store, from where they go the way of
/// everything else.
struct ImportCommand {
  static let declaration = CommandDeclaration(
    name: "import",
    summary: "put saved blobs, records and exports into the store",
    details: [
      "Takes API blobs (JSON arrays), single records, NDJSON, what Search-UnifiedAuditLog gives as "
        + "JSON, and the CSV that it and the Purview portal export; also compressed with gzip or "
        + "zstd. What a file is shows in its content. Importing a file again adds nothing, and "
        + "records that were collected inside the deduplication window are not delivered again.",
      "A record that cannot be parsed costs itself alone: it is named with its line, kept as a dead "
        + "letter, and the exit code is 65.",
      "Goes to the running collector, which delivers at once; where none runs, into the store.",
    ],
    options: [
      .text(
        "tenant", "NAME",
        "whose records they are: a configured name or a GUID (default: as each record says)"),
      .choice(
        "content-type", ContentType.allCases.map(\.rawValue),
        "which kind of content they are (default: by each record's workload)"),
    ],
    positionals: [
      PositionalDeclaration(
        name: "FILE", help: "a file; \"-\" is standard input", isRepeating: true)
    ],
    printsReport: true,
    examples: [
      ("import AuditLog_2026-03-04.csv", "an export of the Purview portal"),
      ("import --tenant contoso blobs/*.json.gz", "blobs that were saved earlier"),
      ("import - < records.ndjson", "standard input"),
    ])

  private let names: [TenantID: String]
  private let options: ImportOptions
  /// Nil when no file can be read: then nothing is begun, and no store made.
  private var destination: ImportDestination?
  private var report = ImportReport()
  private var progress: ProgressLine
  /// Bytes of the files that are done with, and of all; nil when they cannot be known.
  private var doneBytes = 0
  private let totalBytes: Int?

  static func run(_ invoked: Invoked) async throws(CommandFailure) -> ExitCode {
    let arguments = invoked.arguments
    let configuration = await OpenedStore.resolved(try invoked.configuration())
    let options = ImportOptions(
      tenant: try arguments.string("tenant").map { word throws(CommandFailure) in
        try OpenedStore.tenant(word, in: configuration)
      },
      contentType: arguments.string("content-type").flatMap { ContentType(rawValue: $0) })
    // All are opened first: a name that is wrong should not show after an hour.
    let files = arguments.words("FILE").map { ImportFile($0) }
    for file in files {
      if let failure = file.failure { Output.say("millrace: \(file.name): \(failure)") }
    }
    let isBegun = files.contains { $0.failure == nil }
    var command = ImportCommand(
      configuration, options, files, isBegun ? try await ImportDestination(configuration) : nil,
      log: invoked.log)
    for file in files { try await command.take(file) }
    return try command.finish(json: arguments.flag("json"))
  }

  private init(
    _ configuration: Configuration, _ options: ImportOptions, _ files: [ImportFile],
    _ destination: ImportDestination?, log: Log
  ) {
    progress = ProgressLine(log: log, of: "records read")
    names = OpenedStore.tenantNames(configuration)
    self.options = options
    self.destination = destination
    let files = files.filter { $0.failure == nil }
    let sizes = files.compactMap(\.byteCount)
    totalBytes = sizes.count == files.count ? sizes.reduce(0, +) : nil
  }

  // MARK: Files

  private mutating func take(_ file: ImportFile) async throws(CommandFailure) {
    var result = ImportReport.FileReport(file: file.name, failure: file.failure)
    if file.failure != nil { return report.add(result, foreign: 0) }
    let reading = ImportReading(descriptor: file.descriptor, options: options)
    var batch = await reading.batch()
    while true {
      // Read on while this one is stored.
      let next = batch.isLast ? nil : Task { await reading.batch() }
      name(batch.faults, in: file, after: result.dead)
      result.dead += batch.faults.count
      guard let answers = try await destination?.enter(batch.pieces) else {
        preconditionFailure("there is a destination where a file can be read")
      }
      for (piece, answer) in zip(batch.pieces, answers) {
        report.add(piece, answer, name: names[piece.feed.tenant])
      }
      result.records = batch.recordCount
      result.bytes = batch.consumedBytes
      showProgress(file, result)
      if let failure = batch.failure {
        result.failure = failure.description
        progress.finish()
        Output.say("millrace: \(file.name): \(failure)")
      }
      guard let next else { break }
      batch = await next.value
    }
    if result.dead > Limits.faultsNamed {
      progress.finish()
      Output.say(
        "millrace: \(file.name): \(result.dead - Limits.faultsNamed) more are not imported")
    }
    report.add(result, foreign: batch.foreignCount)
    doneBytes += result.bytes
    file.close()
  }

  /// Names what is broken, the first of a file one by one.
  private mutating func name(_ faults: [ImportFault], in file: ImportFile, after named: Int) {
    let room = max(Limits.faultsNamed - named, 0)
    guard room > 0, !faults.isEmpty else { return }
    progress.finish()
    for fault in faults.prefix(room) {
      Output.say("millrace: \(file.name): \(fault.description)")
    }
  }

  private mutating func showProgress(_ file: ImportFile, _ result: ImportReport.FileReport) {
    let done = doneBytes + result.bytes
    let records = report.records + result.records
    let total = totalBytes
    progress.show { elapsed in
      ImportCommand.progress(
        file: file.name, done: done, total: total, records: records, elapsed: elapsed)
    }
  }

  static func progress(
    file: String, done: Int, total: Int?, records: Int, elapsed: Duration
  ) -> String {
    let seconds = max(elapsed / .seconds(1), 0.001)
    let rate = Double(done) / seconds
    var text = ByteSize.text(done)
    if let total { text += " of \(ByteSize.text(total))" }
    text += " read, \(ByteSize.text(Int(rate)))/s, \(ProgressLine.grouped(records)) records"
    if let total, total > done, rate > 0 {
      text += ", \(Int((Double(total - done) / rate).rounded(.up))) s left"
    }
    return text + " (\(file))"
  }

  private mutating func finish(json: Bool) throws(CommandFailure) -> ExitCode {
    progress.finish()
    report.isDelivering = destination?.isCollector ?? false
    destination?.close()
    report.peakMemoryBytes = ProcessUsage.residentBytesPeak
    if json {
      try Output.line(ReportJSON.text(report))
    } else {
      for line in report.lines { try Output.line(line) }
    }
    return report.isClean ? .done : .badData
  }
}
