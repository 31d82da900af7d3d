import Foundation

/// The tables of a report, each with a line that says what it shows.
enum ReportTables {
  static func normalizer(_ all: [Measured]) -> [String] {
    let decoder = all.first { $0.name.hasPrefix("JSONDecoder") }
    var rows = [["", "MB/s", "events/s", "us/event", "x JSONDecoder", "rounds"]]
    for measured in all.sorted(by: {
      $0.megabytesPerProcessorSecond > $1.megabytesPerProcessorSecond
    }) {
      let speed = measured.megabytesPerProcessorSecond
      let ratio = decoder.map { figure(speed / $0.megabytesPerProcessorSecond, 1) } ?? "-"
      rows.append([
        measured.name, figure(speed, speed < 100 ? 1 : 0),
        figure(measured.eventsPerProcessorSecond, 0),
        figure(1e6 / measured.eventsPerProcessorSecond, 2), ratio, "\(measured.rounds)",
      ])
    }
    return titled(
      "In memory, one core, by processor time; medians of interleaved rounds.", rows)
  }

  static func store(_ all: [StoreFigures]) -> [String] {
    var rows = [
      ["kB", "at once", "store blobs/s", "plain blobs/s", "ratio", "store us CPU", "plain us CPU"]
    ]
    for figures in all {
      let count = Double(figures.blobs)
      rows.append([
        "\(figures.bytes / figures.blobs / 1000)", "\(figures.group)",
        figure(count / figures.storeWallSeconds, 0), figure(count / figures.plainWallSeconds, 0),
        figure(figures.ratio, 2), figure(figures.storeProcessorSeconds / count * 1e6, 0),
        figure(figures.plainProcessorSeconds / count * 1e6, 0),
      ])
    }
    return titled(
      "Bodies hashed, compressed (zstd 1) and committed (synchronous=FULL), beside a plain file: "
        + "compressed the same, appended, fdatasync as often.", rows)
  }

  static func collector(_ all: [CollectorFigures]) -> [String] {
    var rows = [["", "events/s", "us CPU/event", "peak MB", "file MB", "tenant us CPU/event"]]
    for figures in all {
      let events = Double(figures.events)
      rows.append([
        figures.name, figure(events / figures.wallSeconds, 0),
        figure(figures.processorSeconds / events * 1e6, 1),
        megabytes(figures.residentBytesPeak), megabytes(figures.fileBytes),
        figure(figures.simulatorProcessorSeconds / events * 1e6, 1),
      ])
    }
    return titled(
      "The whole way, run --once: simulated tenant on the same cores, HTTP without compression, "
        + "store, native events in a file.", rows)
  }

  static func peers(_ all: [PeerFigures]) -> [String] {
    var rows = [["", "events/s", "MB/s", "us CPU/event", "peak MB", "wall ratio", "CPU ratio"]]
    for figures in all {
      let events = Double(figures.events)
      rows.append([
        figures.name, figure(events / figures.wallSeconds, 0),
        figure(Double(figures.bytes) / 1e6 / figures.wallSeconds, 1),
        figure(figures.processorSeconds / events * 1e6, 1), megabytes(figures.residentBytesPeak),
        figure(figures.wallSeconds / all[0].wallSeconds, 1),
        figure(figures.processorSeconds / all[0].processorSeconds, 1),
      ])
    }
    return titled(
      "JSON lines from a file, a durable queue, parsed, reshaped, a file out; the same records.",
      rows)
  }

  static func memory(_ all: [MemoryFigures]) -> [String] {
    var rows = [["", "events", "peak MB", "s"]]
    for figures in all {
      rows.append([
        figures.name, "\(figures.events)", megabytes(figures.run.residentBytesPeak),
        figure(figures.run.wallSeconds, 1),
      ])
    }
    return titled("Peak memory of run --once (VmHWM).", rows)
  }

  static func replay(_ figures: [ReplayFigures]) -> [String] {
    var rows = [["", "events/s", "us CPU/event", "peak MB"]]
    for entry in figures {
      let events = Double(entry.events)
      rows.append([
        entry.name, figure(events / entry.run.wallSeconds, 0),
        figure(entry.run.processorSeconds / events * 1e6, 1),
        megabytes(entry.run.residentBytesPeak),
      ])
    }
    return titled("Out of the store again, and in from a file: the same records.", rows)
  }

  static func independence(_ figures: IndependenceFigures) -> [String] {
    var rows = [["", "s", "events/s", "peak MB"]]
    func row(_ name: String, _ seconds: Double, _ peak: Int) {
      rows.append([
        name, figure(seconds, 2), figure(Double(figures.events) / seconds, 0), megabytes(peak),
      ])
    }
    row("a file alone", figures.aloneSeconds, figures.alonePeak)
    row("a file beside a sink that is down", figures.besideSeconds, figures.besidePeak)
    row("the other, once its receiver is back", figures.catchUpSeconds, figures.peak)
    return titled(
      "One sink down while \(figures.events) events pass; its receiver is back: the first event "
        + "after \(figure(figures.returnSeconds, 2)) s.", rows)
  }

  static func http(_ all: [HTTPFigures]) -> [String] {
    var rows = [["sender", "events/s", "MB/s", "requests/s", "peak MB"]]
    for one in all {
      rows.append([
        one.name, figure(Double(one.events) / one.seconds, 0),
        figure(Double(one.bytes) / one.seconds / 1e6, 1),
        figure(Double(one.requests) / one.seconds, 0), megabytes(one.peak),
      ])
    }
    return titled(
      "From the store to a receiver over HTTP that counts and keeps nothing; MB as they are sent.",
      rows)
  }

  static func large(_ figures: LargeFigures) -> [String] {
    let events = Double(figures.events)
    var rows = [["", "s", "peak MB"]]
    rows.append([
      "run --once, all new", figure(figures.filling.wallSeconds, 1),
      megabytes(figures.filling.residentBytesPeak),
    ])
    rows.append(["run, until commands can ask it", figure(figures.start, 2), "-"])
    for command in figures.commands {
      rows.append([
        command.name, figure(command.run.wallSeconds, 2),
        megabytes(command.run.residentBytesPeak),
      ])
    }
    return titled(
      "\(figures.events) events in the store: \(megabytes(figures.databaseBytes)) MB database, "
        + "\(megabytes(figures.logBytes)) MB write-ahead log, "
        + "\(megabytes(figures.eventBytes)) MB of native events delivered, "
        + "\(figure(events / figures.filling.wallSeconds, 0)) events/s.", rows)
  }

  // MARK: Layout

  static func megabytes(_ bytes: Int) -> String { figure(Double(bytes) / 1e6, 0) }

  static func figure(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }

  /// The first column to the left, the others to the right.
  static func titled(_ title: String, _ rows: [[String]]) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return ["", title]
      + rows.map { row in
        "  "
          + zip(row, widths).enumerated().map { index, cell in
            let padding = String(repeating: " ", count: cell.1 - cell.0.count)
            return index == 0 ? cell.0 + padding : padding + cell.0
          }.joined(separator: "  ")
      }
  }
}
