import Foundation
import MillraceCore
import Testing

@testable import MillraceSinks
@testable import MillraceStore

/// When power ends, and by which seed it is decided what survives.
struct Cut: Hashable, Sendable {
  let sync: Int
  let seed: UInt64
}

/// What a workload has led to after some of its steps, by the store's words and by the files'.
struct Standing: Equatable, Sendable {
  let picture: Picture
  /// The sink's files that hold something, each behind those it was rotated to: whether the next
  /// one is begun already does not matter.
  let texts: [String: String]

  init(
    of store: Store, in folder: TemporaryFolder, _ compression: FileCompression = .none
  ) async throws {
    picture = try await Picture(of: store)
    texts = Standing.joined(try folder.texts(in: "events", compression))
      .filter { !$0.value.isEmpty }
  }

  private static func joined(_ texts: [String: String]) -> [String: String] {
    let stamp = ".20260304T120000Z"
    func place(_ name: String) -> (name: String, number: Int) {
      let parts = name.components(separatedBy: stamp)
      guard parts.count == 2 else { return (name, .max) }
      guard parts[1].hasPrefix("-") else { return (parts[0] + parts[1], 1) }
      let number = parts[1].dropFirst().prefix { $0.isNumber }
      return (parts[0] + parts[1].dropFirst(1 + number.count), Int(number) ?? 0)
    }
    var joined: [String: String] = [:]
    for name in texts.keys.sorted(by: { place($0).number < place($1).number }) {
      joined[place(name).name, default: ""] += texts[name] ?? ""
    }
    return joined
  }

  /// What differs, in words.
  func difference(from other: Standing) -> String {
    var words = picture.differences(from: other.picture).map { "table \($0)" }
    let names = Set(texts.keys).union(other.texts.keys)
    words += names.filter { texts[$0] != other.texts[$0] }.sorted().map { "file \($0)" }
    return words.joined(separator: ", ")
  }
}

/// A workload, and how it stands after each of its steps when nothing goes wrong.
struct PowerTrial: Sendable {
  let workload: Workload
  /// How the sink's files are stored, and when they are rotated.
  let compression: FileCompression
  let rotatedAt: Int64?
  /// One more than there are steps.
  private(set) var standings: [Standing] = []
  /// Syncs of a run without losses.
  private(set) var syncs = 0
  /// Files of the sink at the end of such a run.
  private(set) var fileNames: [String] = []

  /// Runs the workload once from its beginning to its end.
  init(
    _ workload: Workload, compression: FileCompression = .none, rotatedAt: Int64? = nil
  ) async throws {
    self.workload = workload
    self.compression = compression
    self.rotatedAt = rotatedAt
    let folder = try TemporaryFolder()
    let place = try place(in: folder)
    var life: Life? = try await Life(at: place)
    standings.append(try await Standing(of: #require(life).store, in: folder, compression))
    for step in workload.steps {
      try await PowerTrial.take(step, &life, at: place)
      standings.append(try await Standing(of: #require(life).store, in: folder, compression))
    }
    await life?.close()
    await place.disk.closed()
    syncs = place.disk.syncCount
    fileNames = try folder.texts(in: "events", compression).keys.sorted()
  }

  private func place(in folder: TemporaryFolder) throws -> Place {
    Place(
      folder: folder.path, disk: try FaultyDisk(), compression: compression,
      rotatedAt: rotatedAt)
  }

  /// What became of a run with losses of power.
  struct Outcome {
    /// What is wrong; empty when nothing is.
    var flaws: [String] = []
    /// How many of the losses came before the workload's end.
    var lossCount = 0
    /// How often a step was done although nobody was told.
    var unheardCount = 0
  }

  /// Runs the workload to its end over losses of power, one after the other, each counted from the
  /// start after the one before. Ends at the first flaw.
  func survive(
    _ cuts: [Cut], spoil: (FaultyDisk) -> Void = { _ in }
  ) async throws -> Outcome {
    let folder = try TemporaryFolder()
    let place = try place(in: folder)
    spoil(place.disk)
    var outcome = Outcome()
    var done = 0
    for cut in cuts.map(Optional.some) + [nil] {
      if let cut { place.disk.losePower(at: cut.sync, seed: cut.seed) }
      try await live(from: &done, at: place, in: folder, &outcome)
      guard outcome.flaws.isEmpty, place.disk.isOff else { break }
      outcome.lossCount += 1
      try await place.disk.reboot()
    }
    await place.disk.closed()
    return outcome
  }

  /// One life, which begins when `done` steps were acknowledged. It may die, but not of anything
  /// else than a loss of power.
  private func live(
    from done: inout Int, at place: Place, in folder: TemporaryFolder, _ outcome: inout Outcome
  ) async throws {
    var life: Life?
    do {
      life = try await Life(at: place)
      if let found = try await standing(of: #require(life), done, in: folder, &outcome) {
        outcome.unheardCount += found - done
        done = found
        for step in workload.steps[done...] {
          try await PowerTrial.take(step, &life, at: place)
          done += 1
        }
      }
    } catch {
      if !place.disk.isOff { outcome.flaws.append("step \(done) failed: \(error)") }
    }
    await life?.close()
  }

  /// How many steps are done by what is found after a start: as many as were acknowledged, or the
  /// one more that was under way. Nil, with the flaws, when it is neither.
  private func standing(
    of life: Life, _ acknowledged: Int, in folder: TemporaryFolder, _ outcome: inout Outcome
  ) async throws -> Int? {
    outcome.flaws += try await life.store.flaws()
    outcome.flaws += await life.sink.problems.map { "the sink found \($0.kind) at \($0.path)" }
    let found = try await Standing(of: life.store, in: folder, compression)
    let possible = acknowledged...min(acknowledged + 1, workload.steps.count)
    let index = possible.first { standings[$0] == found }
    if index == nil {
      let difference = found.difference(from: standings[acknowledged])
      outcome.flaws.append("not as after step \(acknowledged) or the next: \(difference)")
    }
    return outcome.flaws.isEmpty ? index : nil
  }

  static func take(
    _ step: Step, _ life: inout Life?, at place: Place
  ) async throws {
    guard step == .reopen else { return try await #require(life).perform(step) }
    await life?.close()
    // Letting go of the store releases its lock.
    life = nil
    await place.disk.closed()
    life = try await Life(at: place)
  }
}
