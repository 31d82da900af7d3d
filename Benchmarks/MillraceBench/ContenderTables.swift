import Foundation

/// The tables of the contenders.
enum ContenderTables {
  static func contenders(_ all: [ContenderFigures]) -> [String] {
    let figure = ReportTables.figure
    var rows = [["", "MB/s", "events/s", "ratio", "instr/byte", "allocs/event", "peak MB"]]
    for each in all.sorted(by: { $0.megabytesPerSecond > $1.megabytesPerSecond }) {
      let speed = each.megabytesPerSecond
      rows.append([
        each.name, figure(speed, speed < 100 ? 1 : 0), figure(each.eventsPerSecond, 0),
        each.ratio.map { figure($0, 3) } ?? "-",
        each.instructionsPerByte.map { figure($0, 2) } ?? "-",
        each.allocationsPerEvent.map { figure($0, 2) } ?? "-",
        figure(Double(each.residentBytes) / 1e6, 1),
      ])
    }
    return ReportTables.titled(
      "From blobs to lines, one core, by processor time; medians of \(all.first?.rounds ?? 0) "
        + "interleaved rounds. Ratio: to \(ContenderList.baseline), run right before. Memory: without the corpus.",
      rows)
  }

  static func workers(_ all: [WorkerFigures]) -> [String] {
    let figure = ReportTables.figure
    var rows = [["", "two workers, MB/s", "two processes, MB/s", "ratio"]]
    for each in all {
      let megabytes = Double(each.bytes) / 1e6
      rows.append([
        each.name, figure(megabytes / each.workersSeconds, 0),
        figure(megabytes / each.processesSeconds, 0), figure(each.ratio, 2),
      ])
    }
    return ReportTables.titled(
      "Two workers in one process beside two processes, by the clock on the wall.", rows)
  }
}
