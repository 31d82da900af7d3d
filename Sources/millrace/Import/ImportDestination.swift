import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillraceImport
import MillracePipeline
import MillraceStore

/// Where an import goes: to the collector that runs on the store, or, where none runs, into the
/// store itself.
struct ImportDestination {
  private enum Way {
    case collector
    case store(StoreImporter)
  }

  private let configuration: Configuration
  private let client: ControlClient
  private var way: Way
  private var hasSaidFull = false

  /// Whether a running collector took the latest pieces, and delivers them at once.
  var isCollector: Bool {
    if case .collector = way { true } else { false }
  }

  init(_ configuration: Configuration) async throws(CommandFailure) {
    self.configuration = configuration
    client = ControlClient(configuration)
    way = .collector
    if !(await client.isCollecting()) { try await takeOver() }
  }

  /// Opens the store, unless a collector has just begun to; waits for one that is stopping.
  private mutating func takeOver() async throws(CommandFailure) {
    let deadline = ContinuousClock.now + Limits.importTakeOverTimeout
    while true {
      do throws(StoreError) {
        way = .store(try StoreImporter(configuration, workers: RunCommand.cores))
        return
      } catch {
        guard error.kind == .locked, ContinuousClock.now < deadline else {
          throw CommandFailure(
            error.description, error.kind == .inputOutput ? .badConfiguration : .failed)
        }
      }
      if await client.isCollecting() {
        way = .collector
        return
      }
      try await pause()
    }
  }

  /// Enters pieces in their order; waits while the store is full and somebody empties it.
  mutating func enter(_ pieces: [ImportPiece]) async throws(CommandFailure) -> [ImportAnswer] {
    var answers = [ImportAnswer?](repeating: nil, count: pieces.count)
    while true {
      let rest = answers.indices.filter { answers[$0] == nil }
      if rest.isEmpty { return answers.compactMap(\.self) }
      switch way {
      case .store(let importer):
        let left = rest.map { (feed: pieces[$0].feed, body: pieces[$0].body) }
        for (index, answer) in zip(rest, try await ImportDestination.enter(left, importer)) {
          answers[index] = answer
        }
      case .collector:
        // Several at once share a commit.
        let asked = rest.prefix(Limits.importPiecesAtOnce)
        let given = try await ask(asked.map { pieces[$0] })
        for (index, answer) in zip(asked, given) {
          if let answer, !answer.full, !answer.stopping { answers[index] = answer }
        }
        if given.contains(where: { $0 == nil }) {
          // It was stopped in the meantime.
          try await takeOver()
        } else if given.contains(where: { $0?.full == true }) {
          try await waitForRoom()
        } else if given.contains(where: { $0?.stopping == true }) {
          try await pause()
        }
      }
    }
  }

  private static func enter(
    _ pieces: [(feed: Feed, body: PaddedBytes)], _ importer: StoreImporter
  ) async throws(CommandFailure) -> [ImportAnswer] {
    let answers: [ImportAnswer]?
    do throws(StoreError) { answers = try await importer.enter(pieces) } catch {
      throw CommandFailure(error.description, .failed)
    }
    if let answers { return answers }
    throw CommandFailure(
      "the store has reached store.max_size and no collector runs that would empty it: start "
        + "\"millrace run\", or raise store.max_size, and import again; what is in stays in and is "
        + "not taken twice", .failed)
  }

  /// Hands pieces to the running collector side by side; nil for those it had gone before.
  private func ask(
    _ pieces: [ImportPiece]
  ) async throws(CommandFailure) -> [ImportAnswer?] {
    // Tasks of ours, awaited below.
    let tasks = pieces.map { piece in Task { try await ask(piece) } }
    var answers: [ImportAnswer?] = []
    for task in tasks {
      do {
        answers.append(try await task.value)
      } catch let failure as CommandFailure {
        throw failure
      } catch {
        throw CommandFailure("\(error)", .failed)
      }
    }
    return answers
  }

  /// Hands a piece to the running collector; nil when it has gone.
  private func ask(_ piece: ImportPiece) async throws(CommandFailure) -> ImportAnswer? {
    do throws(CommandFailure) {
      return try await client.send(
        "/import",
        query: [
          ("tenant", piece.feed.tenant.description),
          ("content_type", piece.feed.contentType.rawValue),
        ],
        bytes: piece.body.bytes, answer: ImportAnswer.self)
    } catch {
      // Whether it took the piece does not matter: the same piece is known.
      if !(await client.isCollecting()) { return nil }
      throw error
    }
  }

  private mutating func waitForRoom() async throws(CommandFailure) {
    if !hasSaidFull {
      Output.say("millrace: the store is full; the import waits until sinks have made room")
      hasSaidFull = true
    }
    try await pause()
  }

  private func pause() async throws(CommandFailure) {
    do { try await Task.sleep(for: Limits.importPause) } catch {
      throw CommandFailure("the import was cancelled", .failed)
    }
  }

  /// Gives the store back.
  func close() {
    if case .store(let importer) = way { importer.close() }
  }
}
