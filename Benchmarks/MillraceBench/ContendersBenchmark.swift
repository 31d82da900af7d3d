import Foundation

/// Millrace and what a reader would pick instead, on the same bytes, in the same run.
///
/// Each contender is a process that holds the corpus. Rounds are interleaved: in each one every
/// contender goes through its corpus once, alone, and says what processor time that took.
enum ContendersBenchmark {
  /// What the corpus is read from.
  private struct Corpora {
    /// For the fast contenders, and a part of it for the slow ones.
    let full, part: ContenderCorpus
    /// For fast programs that read a file: the same several times, so that what is measured is the
    /// work and not the start of a process.
    let large: ContenderCorpus
    /// Some blobs, for what is counted and not timed.
    let few: ContenderCorpus

    func of(_ contender: Contender) -> ContenderCorpus {
      if contender.isSlow { return part }
      if case .filter = contender.way { return large }
      return full
    }
  }

  static func run(_ options: BenchOptions, _ report: inout Report) async throws {
    let folder = try TemporaryFolder(in: FileManager.default.temporaryDirectory.path)
    let tools: ContenderTools
    do throws(ContenderTools.Missing) {
      tools = try ContenderTools(folder: folder.path)
    } catch {
      throw ChildFailure(description: error.reason)
    }
    progress("inventing a corpus of \(options.megabytes) MB")
    let corpora = try corpora(options, folder.path)
    progress("compiling contenders")
    let list = await ContenderList(tools)
    report.notes += list.notes
    let compiler = await ContenderTools.version(of: "g++")
    report.contenderCompiler = "contenders: \(compiler), -O3; Millrace: \(Machine.build)"
    report.corpus =
      "\(corpora.full.records) records, \(corpora.full.bytes) bytes, seed \(options.seed); slow "
      + "contenders: the first \(corpora.part.bytes) bytes; millrace normalize: a file of the "
      + "corpus \(corpora.large.bytes / corpora.full.bytes) times"
    progress("checking that all outputs agree")
    try await ContenderCheck.run(list.contenders, corpora.few, folder.path)
    var figures = try await rounds(list.contenders, corpora, options.rounds)
    let costs = await ContenderCosts(tools, folder.path, countsInstructions: !options.isSmoke)
    report.notes += costs.notes
    for (index, contender) in list.contenders.enumerated() {
      progress("counting: \(contender.name)")
      figures[index].allocationsPerEvent = await costs.allocations(contender, corpora.few)
      figures[index].instructionsPerByte = await costs.instructions(contender, corpora.few)
    }
    report.contenders = figures
    for name in ["native", "scan"] {
      progress("two workers and two processes: \(name)")
      report.workers.append(try workers(name, corpora.full, options.rounds))
    }
    withExtendedLifetime(folder) {}
  }

  /// How many times the corpus is in the file of those that read one.
  private static let largeTimes = 4

  private static func corpora(_ options: BenchOptions, _ folder: String) throws -> Corpora {
    let bytes = options.isSmoke ? 400_000 : options.megabytes * 1_000_000
    let written = try ContenderCorpus.write(
      [("full", bytes), ("part", min(bytes, 4_000_000)), ("few", min(bytes, 400_000))],
      seed: options.seed, in: folder)
    let large = try written[0].repeated(options.isSmoke ? 1 : largeTimes, as: "large", in: folder)
    return Corpora(full: written[0], part: written[1], large: large, few: written[2])
  }

  /// Says on standard error how far it is.
  static func progress(_ words: String) {
    FileHandle.standardError.write(Data("bench: \(words)\n".utf8))
  }

  // MARK: Rounds

  private static func rounds(
    _ contenders: [Contender], _ corpora: Corpora, _ rounds: Int
  ) async throws -> [ContenderFigures] {
    var conversations: [Int: Conversation] = [:]
    for (index, contender) in contenders.enumerated() {
      guard case .conversation(let command) = contender.way else { continue }
      conversations[index] = try Conversation(
        contender.name, Programs.pinned(command(corpora.of(contender).path)))
    }
    let baseline = contenders.firstIndex { $0.name == ContenderList.baseline }
    var ratios = [[Double]](repeating: [], count: contenders.count)
    var seconds = [[Double]](repeating: [], count: contenders.count)
    var peaks = [Int](repeating: 0, count: contenders.count)
    // One round more than asked for: the first warms up.
    for round in 0...rounds {
      progress(round == 0 ? "warming up" : "round \(round) of \(rounds)")
      for (index, contender) in contenders.enumerated() {
        // A shared machine is fast at one time and slow at another, so that the baseline goes
        // right before each.
        var reference: Double?
        if let baseline, index != baseline {
          let took = try conversations[baseline]?.ask("pass").processorSeconds
          reference = took.map { $0 / Double(corpora.of(contenders[baseline]).bytes) }
        }
        let took: Double
        switch contender.way {
        case .conversation:
          took = try conversations[index]?.ask("pass").processorSeconds ?? .nan
        case .filter(let command):
          let run = try await filter(Programs.pinned(command), corpora.of(contender).path)
          took = run.processorSeconds
          peaks[index] = max(peaks[index], run.residentBytesPeak)
        }
        guard round > 0 else { continue }
        seconds[index].append(took)
        if index == baseline { ratios[index].append(1) }
        guard let reference else { continue }
        ratios[index].append(reference * Double(corpora.of(contender).bytes) / took)
      }
    }
    for (index, conversation) in conversations {
      let corpus = corpora.of(contenders[index])
      peaks[index] = max(try conversation.residentBytesPeak() - corpus.bytes, 0)
      try conversation.end()
    }
    return contenders.enumerated().map { index, contender in
      let corpus = corpora.of(contender)
      return ContenderFigures(
        name: contender.name, bytes: corpus.bytes, records: corpus.records, rounds: rounds,
        processorSeconds: Measured.median(seconds[index]),
        ratio: ratios[index].isEmpty ? nil : Measured.median(ratios[index]),
        residentBytes: peaks[index])
    }
  }

  /// Runs a filter with its output going nowhere.
  private static func filter(_ command: [String], _ corpus: String) async throws -> ProgramRun {
    try await Programs.run(
      "/bin/sh", ["-c", "exec \"$0\" \"$@\" > /dev/null"] + command + [corpus]
    ).run
  }

  // MARK: Two workers

  private static func workers(
    _ name: String, _ corpus: ContenderCorpus, _ rounds: Int
  ) throws -> WorkerFigures {
    let command = [
      Programs.ownPath, "--role-contend", "--workload", name, "--input", corpus.path, "--threads",
    ]
    let both = try Conversation("\(name), two workers", command + ["2"])
    let one = try Conversation("\(name), first process", command + ["1"])
    let other = try Conversation("\(name), second process", command + ["1"])
    var workers: [Double] = []
    var processes: [Double] = []
    for round in 0...rounds {
      var watch = Stopwatch()
      _ = try both.ask("pass")
      if round > 0 { workers.append(watch.sample.wallSeconds) }
      watch = Stopwatch()
      try one.tell("pass")
      try other.tell("pass")
      _ = try one.answer()
      _ = try other.answer()
      if round > 0 { processes.append(watch.sample.wallSeconds) }
    }
    for conversation in [both, one, other] { try conversation.end() }
    return WorkerFigures(
      name: name, bytes: 2 * corpus.bytes, workersSeconds: Measured.median(workers),
      processesSeconds: Measured.median(processes))
  }
}
