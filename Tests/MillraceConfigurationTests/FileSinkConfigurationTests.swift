import MillraceConfiguration
import MillraceCore
import Testing

/// The keys of sinks that write files.
struct FileSinkConfigurationTests {
  private func settings(_ more: String) throws -> FileSinkSettings {
    let configuration = try parsed(
      oneTenant + "sinks: {a: {type: file, path: \"/log/{workload}.ndjson\"\(more)}}\n")
    guard case .file(let settings) = configuration.sinks[0].settings else {
      throw WrongKind()
    }
    return settings
  }

  private struct WrongKind: Error {}

  @Test func `a file sink that says nothing rotates, removes and compresses nothing`() throws {
    let plain = try settings("")
    #expect(plain.compression == .none && plain.keep.keepsEverything)
    #expect(plain.rotate.size == nil && plain.rotate.every == nil)
    #expect(plain.mode == nil && plain.folderMode == nil)
  }

  @Test func `everything a file sink can be told is read`() throws {
    let full = try settings(
      """
      , compression: zstd, rotate: {size: 1GiB, every: 1h},
      keep: {age: 30d, files: 100, size: 50GiB}, mode: "0640", folder_mode: 2750
      """)
    #expect(full.compression == .zstd)
    #expect(full.rotate.size == 1 << 30 && full.rotate.every == .seconds(3600))
    #expect(
      full.keep
        == FileRetention(ageMax: .seconds(30 * 86_400), filesMax: 100, bytesMax: 50 << 30))
    #expect(full.mode == 0o640 && full.folderMode == 0o2750)
  }

  @Test(arguments: [
    (
      "compression: gzipped",
      "compression: \"gzipped\" is none of none, gzip, zstd; did you mean \"gzip\"?"
    ),
    ("mode: rw-r", "mode: \"rw-r\" is no file mode; three or four octal digits: \"0640\""),
    ("mode: 0890", "mode: \"0890\" is no file mode; three or four octal digits: \"0640\""),
    (
      "mode: \"0440\"",
      "mode: \"0440\" would keep Millrace itself out; the first of the last three digits is 6 or 7"
    ),
    (
      "folder_mode: 640",
      "folder_mode: \"640\" would keep Millrace itself out;"
        + " the first of the last three digits is 7"
    ),
    (
      "rotate: {sice: 1}",
      "rotate: unknown key \"sice\"; did you mean \"size\"?"
    ),
    ("rotate: {every: 0s}", "rotate.every: \"0s\" is out of range; it may be 1s to 3660d"),
    ("keep: {files: 0}", "keep.files: \"0\" is out of range; it may be 1 to 1000000"),
  ])
  func `what cannot be is refused with its place`(text: String, complaint: String) {
    let said = complaints(oneTenant + "sinks: {a: {type: file, path: x, \(text)}}\n")
    #expect(said.count == 1 && said[0].hasSuffix("sinks.a." + complaint), "\(said)")
  }
}
