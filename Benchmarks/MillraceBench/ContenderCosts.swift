import Foundation
import MillraceRuntime

/// Counts what a contender does: allocations and instructions, each as the difference between some
/// passes and twice as many, so that what is done once does not count.
struct ContenderCosts {
  private enum Counter {
    case perf(String)
    case callgrind(String)
    case none
  }

  private let folder: String
  private let allocations: String?
  private let counter: Counter
  /// What cannot be counted, and how the rest is.
  private(set) var notes: [String] = []

  /// How long a contender is given under callgrind.
  private static let patience: Duration = .seconds(90)

  init(_ tools: ContenderTools, _ folder: String, countsInstructions: Bool) async {
    self.folder = folder
    var reasons: [String] = []
    do throws(ContenderTools.Missing) {
      allocations = try await tools.compile(
        "allocations.c", as: "allocations.so", ["-O2", "-shared", "-fPIC"])
    } catch {
      allocations = nil
      reasons.append(error.reason)
    }
    counter = countsInstructions ? await ContenderCosts.counter() : .none
    switch counter {
    case .perf: reasons.append("instructions are counted by perf stat, in user mode")
    case .callgrind:
      reasons.append("instructions are counted by callgrind: perf finds no counters here")
    case .none:
      if countsInstructions {
        reasons.append("instructions are not counted: neither perf nor valgrind can")
      }
    }
    notes = reasons
  }

  private static func counter() async -> Counter {
    if let perf = Programs.find("perf") {
      do {
        let (_, result) = try await Programs.run(
          perf, ["stat", "-x,", "-e", "instructions:u", "/bin/true"])
        if instructions(perf: result.complaintText) != nil { return .perf(perf) }
      } catch {
        // Not allowed here: the next one is tried.
        ContendersBenchmark.progress("perf stat: \(error)")
      }
    }
    return Programs.find("valgrind").map { .callgrind($0) } ?? .none
  }

  // MARK: Allocations

  /// Calls of malloc and its like for each record; nil when they cannot be counted.
  func allocations(_ contender: Contender, _ corpus: ContenderCorpus) async -> Double? {
    guard let allocations else { return nil }
    let file = folder + "/allocations"
    var counts: [Double] = []
    for passes in [2, 4] {
      let command = command(contender, corpus, passes: passes)
      do {
        let child = try ChildProcess(
          command.words[0], Array(command.words.dropFirst()),
          environment: [
            "LD_PRELOAD": allocations, "ALLOCATIONS_FILE": file, "PATH": "/usr/bin:/bin",
            // Python's own pools would hide what it allocates.
            "PYTHONMALLOC": "malloc", "PYTHONDONTWRITEBYTECODE": "1",
          ],
          folder: "/", input: command.input)
        guard await child.end(atMost: ContenderCosts.patience).exitCode == 0 else { return nil }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        guard let count = Double(text.dropLast()) else { return nil }
        counts.append(count)
      } catch {
        ContendersBenchmark.progress("\(contender.name): allocations are not counted: \(error)")
        return nil
      }
    }
    return (counts[1] - counts[0]) / 2 / Double(corpus.records)
  }

  // MARK: Instructions

  /// User instructions for each byte; nil when they cannot be counted.
  func instructions(_ contender: Contender, _ corpus: ContenderCorpus) async -> Double? {
    var counts: [Double] = []
    for passes in [1, 2] {
      var command = command(contender, corpus, passes: passes)
      do {
        switch counter {
        case .none: return nil
        case .perf(let perf):
          command.words = [perf, "stat", "-x,", "-e", "instructions:u"] + command.words
        case .callgrind(let valgrind):
          // What Swift writes for debuggers is more than valgrind can read.
          command.words[0] = try await stripped(command.words[0])
          command.words =
            [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null"] + command.words
        }
        let child = try Programs.start(
          command.words[0], Array(command.words.dropFirst()), input: command.input)
        let result = await child.end(atMost: ContenderCosts.patience)
        guard result.exitCode == 0 else { return nil }
        let text = result.complaintText
        let count =
          ContenderCosts.instructions(perf: text) ?? ContenderCosts.instructions(callgrind: text)
        guard let count else { return nil }
        counts.append(count)
      } catch {
        ContendersBenchmark.progress("\(contender.name): instructions are not counted: \(error)")
        return nil
      }
    }
    return (counts[1] - counts[0]) / Double(corpus.bytes)
  }

  private static func instructions(perf text: String) -> Double? {
    let line = text.split(separator: "\n").first { $0.contains(",instructions:u") }
    return line?.split(separator: ",").first.flatMap { Double($0) }
  }

  private static func instructions(callgrind text: String) -> Double? {
    let line = text.split(separator: "\n").first { $0.contains("Collected : ") }
    return line?.split(separator: " ").last.flatMap { Double($0) }
  }

  /// A copy of a program of ours without debug information; others stay as they are.
  private func stripped(_ program: String) async throws -> String {
    guard program.contains("/.build/"), !program.hasSuffix("python"),
      let strip = Programs.find("strip")
    else { return program }
    let copy = folder + "/stripped-" + (program.split(separator: "/").last ?? "program")
    if !FileManager.default.fileExists(atPath: copy) {
      _ = try await Programs.run(strip, ["-o", copy, program])
    }
    return copy
  }

  // MARK: Passes

  /// A command that goes through a corpus so many times: as it is told on its input, or as many
  /// files.
  private func command(
    _ contender: Contender, _ corpus: ContenderCorpus, passes: Int
  ) -> (words: [String], input: String) {
    switch contender.way {
    case .filter(let words):
      return (words + [String](repeating: corpus.path, count: passes), "/dev/null")
    case .conversation(let words):
      let path = folder + "/\(passes)-passes"
      let commands = Data(String(repeating: "pass\n", count: passes).utf8)
      let isThere = FileManager.default.createFile(atPath: path, contents: commands)
      precondition(isThere, "the benchmark's own folder takes a small file")
      return (words(corpus.path), path)
    }
  }
}
