import Foundation
import MillraceRuntime

/// `make bench`: measures Millrace beside what else could do the job, in the same run.
///
/// Rounds are interleaved and medians are shown, so that a busy neighbour spoils all contenders
/// alike: the ratios are worth something on a shared machine, the absolute figures are not.
@main
enum MillraceBench {
  static func main() async {
    ProcessUsage.boundMemory()
    // A contender that has ended shows in what it does not answer.
    signal(SIGPIPE, SIG_IGN)
    do {
      try await run(try BenchOptions(Array(CommandLine.arguments.dropFirst())))
    } catch let failure as OptionFailure {
      FileHandle.standardError.write(Data((failure.message + "\n").utf8))
      exit(64)
    } catch {
      FileHandle.standardError.write(Data("MillraceBench: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(_ options: BenchOptions) async throws {
    switch options.role {
    case .measure: try await measure(options)
    case .simulate: try await SimulatedSource.serve(options)
    case .deliver: try await MemoryPeer.deliver(options)
    case .contend: try OwnContender.serve(options)
    }
  }

  private static func measure(_ options: BenchOptions) async throws {
    var report = Report(options)
    if options.wants(.contenders) { try await ContendersBenchmark.run(options, &report) }
    if options.wants(.normalize) {
      try await measureNormalizer(try Corpus(options), options, &report)
    }
    if options.wants(.store) { try await StoreBenchmark.run(options, &report) }
    if options.wants(.collector) { try await CollectorBenchmark.run(options, &report) }
    if options.wants(.replay) { try await ReplayBenchmark.run(options, &report) }
    if options.wants(.syslog) { try await SyslogBenchmark.run(options, &report) }
    if options.wants(.peers) { try await PeersBenchmark.run(options, &report) }
    if options.wants(.memory) { try await MemoryBenchmark.run(options, &report) }
    if options.wants(.large) { try await LargeBenchmark.run(options, &report) }
    if options.wants(.backlog) { try await BacklogBenchmark.run(options, &report) }
    if options.wants(.tenants) { try await TenantsBenchmark.run(options, &report) }
    if options.wants(.independence) { try await IndependenceBenchmark.run(options, &report) }
    if options.wants(.http) { try await HTTPBenchmark.run(options, &report) }
    print(options.isJSON ? try report.json() : report.text())
    if !options.results.isEmpty { try ResultsFile.write(report, to: options.results) }
  }

  /// From bytes to bytes, on one core, in memory.
  private static func measureNormalizer(
    _ corpus: Corpus, _ options: BenchOptions, _ report: inout Report
  ) async throws {
    var workloads = [
      NormalizerWorkloads.scan(corpus), NormalizerWorkloads.native(corpus),
      NormalizerWorkloads.nativeByBlob(corpus), NormalizerWorkloads.nativeWithRaw(corpus),
      try NormalizerWorkloads.nativeWithPseudonyms(corpus), NormalizerWorkloads.raw(corpus),
    ]
    if !options.isOwnOnly {
      workloads.append(ReferenceWorkloads.copy(corpus))
      workloads.append(ReferenceWorkloads.decoder(corpus))
      workloads.append(ReferenceWorkloads.serialization(corpus))
      do throws(JQMissing) {
        workloads.append(try JQWorkload.make(corpus))
      } catch {
        report.notes.append(error.reason)
      }
    }
    if let wanted = options.workload { workloads.removeAll { $0.name != wanted } }
    report.corpus = corpus.description
    report.nativeDigest = NormalizerWorkloads.digest(corpus)
    report.normalizer = try await Rounds.run(workloads, rounds: options.rounds)
  }
}
