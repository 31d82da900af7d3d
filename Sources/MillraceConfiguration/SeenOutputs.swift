internal import MillraceCore

/// Refuses two sinks that would write into one file.
///
/// Templates are compared with all that their placeholders may become, so that `{tenant}.ndjson`
/// and `contoso.ndjson` are found to meet, and links of folders that exist are followed. What no
/// configuration shows, such as a hard link, is for the sinks to find when they open their files.
struct SeenOutputs {
  private struct Output {
    let sink: String
    /// Whether its path has no placeholders.
    let isFixed: Bool
    let pattern: OutputPattern
  }

  private let tenants: [String]
  private var files: [Output] = []
  private var stdoutSink: String?

  init(tenants: [TenantConfiguration]) {
    self.tenants = tenants.map(\.name)
  }

  mutating func insert(_ sink: SinkConfiguration, _ entry: YAMLNode.Entry, _ reading: Reading) {
    let path = "sinks.\(sink.name)"
    switch sink.settings {
    case .file(let file):
      let output = Output(
        sink: sink.name,
        isFixed: file.path.parts.allSatisfy { if case .text = $0 { true } else { false } },
        pattern: OutputPattern(file.path, tenants: tenants))
      if let other = files.first(where: { $0.pattern.meets(output.pattern) }) {
        let isSure = other.isFixed && output.isFixed
        reading.fail(
          at: entry.keyPlace, path: path,
          "it \(isSure ? "writes" : "can write") to the same file as the sink \"\(other.sink)\"",
          hint: "give each sink a path of its own"
            + (isSure ? "" : ", whatever its placeholders become"))
        return
      }
      files.append(output)
    case .stdout:
      if let other = stdoutSink {
        reading.fail(
          at: entry.keyPlace, path: path,
          "it writes to standard output, as the sink \"\(other)\" does",
          hint: "two sinks there would mix their lines")
      }
      stdoutSink = sink.name
    default: break
    }
  }
}
