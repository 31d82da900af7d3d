/// A survey as a person reads it in a terminal.
enum SurveyText {
  static func lines(_ report: SurveyReport) -> [String] {
    var lines = [
      "\(grouped(report.records)) records; type and operation of \(grouped(report.known)) are known; "
        + "\(grouped(report.unreadable)) more could not be parsed"
    ]
    lines += section(
      "record types without a name", ["type", "workload"],
      report.recordTypes.map {
        ($0.count, ["\($0.recordType)", SurveyReport.named($0.workload)], $0.example)
      })
    lines += section(
      "operations that no table knows", ["workload", "operation"],
      report.operations.map {
        ($0.count, [SurveyReport.named($0.workload), $0.operation], $0.example)
      })
    lines += section(
      "fields that stay in ext", ["workload", "field"],
      report.fields.map {
        ($0.count, [SurveyReport.named($0.workload), $0.field], $0.example)
      })
    if report.others > 0 {
      lines += ["", "\(grouped(report.others)) more, of too many kinds to tell apart"]
    }
    lines.append("")
    if report.records == 0 {
      lines.append("no record was read")
    } else if report.next.isEmpty {
      lines.append("nothing to map: everything is understood")
    } else {
      lines.append("map next:")
      lines += report.next.enumerated().map { "  \($0.offset + 1). \(printable($0.element))" }
    }
    return lines
  }

  private static func section(
    _ title: String, _ names: [String], _ rows: [(count: Int, cells: [String], example: String)]
  ) -> [String] {
    guard !rows.isEmpty else { return ["", "\(title): none"] }
    var table = [["count"] + names + ["example"]]
    table += rows.map { row in
      [grouped(row.count)] + row.cells.map(printable)
        + [row.example.isEmpty ? "(no id)" : printable(row.example)]
    }
    let widths = table[0].indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return ["", "\(title): \(grouped(rows.count))"]
      + table.map { row in
        let cells = zip(row, widths).enumerated().map { index, cell in
          let padding = String(repeating: " ", count: cell.1 - cell.0.count)
          return index == 0 ? padding + cell.0 : cell.0 + padding
        }
        let line = "  " + cells.joined(separator: "  ")
        return String(line.reversed().drop { $0 == " " }.reversed())
      }
  }

  /// Text of a record without what a terminal would obey, and not longer than a line bears.
  private static func printable(_ text: String) -> String {
    let safe = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
        }))
    return safe.count > 120 ? safe.prefix(119) + "…" : safe
  }

  private static func grouped(_ number: Int) -> String { ProgressLine.grouped(number) }
}
