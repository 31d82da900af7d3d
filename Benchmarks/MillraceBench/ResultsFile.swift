import Foundation

/// The report as a page of Markdown.
enum ResultsFile {
  static func write(_ report: Report, to path: String) throws {
    var lines = [
      "# Results", "",
      "Written by `make bench`; [docs/benchmarks.md](../docs/benchmarks.md) says what is measured. "
        + "Compare the ratios, in one table.", "",
      "- machine: \(report.machine.processor), \(report.machine.cores) cores, "
        + "\(report.machine.system), \(report.fileSystem ?? "")",
      "- compiler: Swift \(report.machine.swift), `\(Machine.build)`",
      "- command: `\(report.command)`",
    ]
    if let compiler = report.contenderCompiler { lines.append("- \(compiler)") }
    if let corpus = report.corpus { lines.append("- corpus: \(corpus)") }
    lines += report.notes.map { "- note: \($0)" }
    for line in report.tables() {
      // Rows are indented; what is not, is a title.
      lines.append(line.hasPrefix("  ") ? line : line.isEmpty ? "" : "**\(line)**\n")
    }
    var text = ""
    var isTable = false
    for line in lines {
      if line.hasPrefix("  ") != isTable {
        text += "```\n"
        isTable.toggle()
      }
      text += line + "\n"
    }
    if isTable { text += "```\n" }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
}
