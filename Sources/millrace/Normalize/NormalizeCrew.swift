import MillraceCore
import MillraceEvents
import MillraceRuntime
import Synchronization

/// Workers that share an input. Each takes the next piece, works on it while the others take
/// theirs, and waits until it is its turn to write; so output has the order of the input, and no
/// more pieces are in memory than there are workers.
final class NormalizeCrew: Sendable {
  /// What came of the whole input.
  struct Outcome: Sendable {
    /// How many records could not be parsed.
    var refused = 0
    /// How many files could not be read, or not to their end.
    var unreadFiles = 0
    /// Why work ended before the end of the input.
    var failure: CommandFailure?
    var survey = Survey()
  }

  private struct Turn: Sendable {
    /// The number of the piece that is written next.
    var number = 0
    var outcome = Outcome()
    var working: Int
    /// The file whose complaints were told last, and how many it had.
    var file = ""
    var complaints = 0

    var isOver: Bool { outcome.failure != nil }
  }

  private let job: NormalizeJob
  private let workers: Int
  private let input: ConditionLock<NormalizeInput>
  private let turn: ConditionLock<Turn>

  init(_ input: NormalizeInput, _ job: NormalizeJob, workers: Int) {
    self.job = job
    self.workers = workers
    self.input = ConditionLock(input)
    turn = ConditionLock(Turn(working: workers))
  }

  /// Works until the input is done with. To be called once.
  func work() async -> Outcome {
    await withCheckedContinuation { continuation in
      for number in 0..<workers {
        startThread(name: "normalize-\(number)") { [self] in
          let survey = workAlong()
          let outcome = turn.withLock { turn -> Outcome? in
            turn.outcome.survey.add(survey)
            turn.working -= 1
            if turn.working == 0 { tellRest(&turn) }
            return turn.working == 0 ? turn.outcome : nil
          }
          if let outcome { continuation.resume(returning: outcome) }
        }
      }
    }
  }

  /// What one worker does.
  private func workAlong() -> Survey {
    var worker = NormalizeWorker(job)
    var spare: [UInt8] = []
    while let ticket = take(&spare) {
      let number = ticket.number
      let file = ticket.file
      switch (consume ticket).content {
      case .piece(let piece):
        worker.work(on: piece, of: file) { handPart($0, number) }
        spare = (consume piece).takeMemory()
        hand(worker.output, worker.complaints, of: file, number)
      case .failure(let complaint):
        onTurn(of: number) { turn in
          turn.outcome.unreadFiles += 1
          tellRest(&turn)
          Output.say("millrace: \(complaint)")
        }
      }
    }
    return worker.survey
  }

  private func take(_ spare: inout [UInt8]) -> NormalizeInput.Ticket? {
    if turn.withLock({ $0.isOver }) { return nil }
    return input.withLock { $0.next(spare: &spare) }
  }

  /// Writes some of what came of a piece once all before it is written; whether work goes on.
  private func handPart(_ output: [UInt8], _ number: Int) -> Bool {
    turn.wait(
      { $0.number == number || $0.isOver },
      then: { turn in
        if turn.isOver { return false }
        write(output, &turn)
        return !turn.isOver
      })
  }

  private func write(_ output: [UInt8], _ turn: inout Turn) {
    do throws(CommandFailure) { try Output.data(output) } catch { turn.outcome.failure = error }
  }

  /// Writes what came of a piece once all before it is written.
  private func hand(
    _ output: [UInt8], _ complaints: [String], of file: String, _ number: Int
  ) {
    onTurn(of: number) { turn in
      turn.outcome.refused += complaints.count
      write(output, &turn)
      tell(complaints, of: file, &turn)
    }
  }

  /// Names what could not be parsed, the first of a file one by one.
  private func tell(_ complaints: [String], of file: String, _ turn: inout Turn) {
    if file != turn.file {
      tellRest(&turn)
      turn.file = file
    }
    for complaint in complaints.prefix(max(Limits.faultsNamed - turn.complaints, 0)) {
      Output.say("millrace: \(complaint)")
    }
    turn.complaints += complaints.count
  }

  /// Says of how many more nothing was said.
  private func tellRest(_ turn: inout Turn) {
    let rest = turn.complaints - Limits.faultsNamed
    if rest > 0 { Output.say("millrace: \(turn.file): \(rest) more could not be parsed") }
    turn.complaints = 0
  }

  /// Waits for the turn of a piece; does nothing once work has ended.
  private func onTurn(of number: Int, then act: (inout Turn) -> Void) {
    turn.wait(
      { $0.number == number || $0.isOver },
      then: { turn in
        if turn.isOver { return }
        act(&turn)
        turn.number += 1
      })
    turn.broadcast()
  }
}
