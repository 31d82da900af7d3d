import Glibc
import MillraceConfiguration
import MillraceCore

/// What is worth saying of sinks that write files, and of standard output.
extension Doctor {
  /// Standard output, which is there or not; nil for other sinks.
  func stdoutFinding(_ sink: SinkConfiguration) -> Finding? {
    guard case .stdout = sink.settings else { return nil }
    return .ok(
      .sink, "sink \(sink.name)",
      "events go to the standard output of \"millrace run\", at least once, and its end ends it")
  }

  /// Settings of file sinks that are accepted and do something else than they look like.
  func fileAdvice() -> [Finding] {
    configuration.sinks.flatMap { sink -> [Finding] in
      guard case .file(let file) = sink.settings else { return [] }
      return [ending(file), retention(file)].compactMap { $0 }.map {
        var finding = $0
        finding.subject = "sink \(sink.name)"
        return finding
      }
    }
  }

  private func ending(_ file: FileSinkSettings) -> Finding? {
    let path = file.path.description
    let known = FileSinkSettings.Compression.allCases.filter { $0 != .none }
    let named = known.first { path.hasSuffix($0.ending) } ?? .none
    guard named != file.compression else { return nil }
    return .warning(
      .sink, "",
      named == .none
        ? "its files are compressed with \(file.compression.rawValue), and their names do not say so"
        : "the names of its files end with \(named.ending), and they are not such files",
      meaning: "people and programs take them for something else",
      fix: file.compression == .none
        ? "set compression: \(named.rawValue), or choose another name"
        : "end the path with \(file.compression.ending)")
  }

  private func retention(_ file: FileSinkSettings) -> Finding? {
    guard !file.keep.keepsEverything, file.rotate.size == nil, file.rotate.every == nil,
      !file.path.parts.contains(.placeholder(.date)), !file.path.parts.contains(.placeholder(.hour))
    else { return nil }
    return .warning(
      .sink, "", "\"keep\" removes finished files, and its files are never finished",
      meaning: "what is kept grows without an end",
      fix: "set rotate.size or rotate.every, or put {date} into the path")
  }
}
