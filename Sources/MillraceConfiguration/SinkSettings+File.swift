package import MillraceCore

/// A sink of type `file`.
package struct FileSinkSettings: Sendable {
  /// How bytes are stored.
  package enum Compression: String, CaseIterable, Sendable {
    case none
    case gzip
    case zstd

    /// What names of such files end with.
    package var ending: String {
      switch self {
      case .none: ""
      case .gzip: ".gz"
      case .zstd: ".zst"
      }
    }
  }

  /// Where events go.
  package let path: NameTemplate
  /// How bytes are stored.
  package let compression: Compression
  /// When files are set aside.
  package let rotate: FileRotationConfiguration
  /// Which of the files set aside are kept.
  package let keep: FileRetention
  /// Permissions of new files; nil leaves them to the umask.
  package let mode: UInt32?
  /// Permissions of new folders; nil leaves them to the umask.
  package let folderMode: UInt32?

  init?(_ mapping: MappingReader) {
    mapping.requireKey("path", hint: "such as /var/log/millrace/{tenant}-{date}.ndjson")
    let path = mapping.fileTemplate("path")
    // What is not compressed is `none`; tools that rewrite YAML 1.1 make no word of it.
    compression = mapping.choice("compression", default: .none)
    rotate = FileRotationConfiguration(mapping.section("rotate", .rotate))
    keep = FileRetention(mapping.section("keep", .keep))
    mode = mapping.mode("mode", owner: 0o600)
    folderMode = mapping.mode("folder_mode", owner: 0o700)
    guard let path else { return nil }
    self.path = path
  }
}

/// The section `rotate` of a file sink.
package struct FileRotationConfiguration: Sendable {
  /// Bytes a file grows to; nil for any size.
  package let size: Int64?
  /// The time a file holds, counted in whole multiples since 1970 in UTC; nil for any time.
  package let every: Duration?

  init(_ mapping: MappingReader) {
    let size = mapping.size("size", default: 0, in: Limits.rotationSizeMin...(1 << 50))
    let every = mapping.duration(
      "every", default: .zero, in: .seconds(1)...Limits.durationMax)
    self.size = mapping.has("size") ? size : nil
    self.every = mapping.has("every") ? every : nil
    mapping.finish()
  }
}

extension FileRetention {
  /// The section `keep` of a file sink.
  init(_ mapping: MappingReader) {
    let age = mapping.duration("age", default: .zero, in: .seconds(1)...Limits.durationMax)
    let files = mapping.integer("files", default: 0, in: 1...1_000_000)
    let size = mapping.size("size", default: 0, in: Limits.rotationSizeMin...(1 << 60))
    self.init(
      ageMax: mapping.has("age") ? age : nil, filesMax: mapping.has("files") ? files : nil,
      bytesMax: mapping.has("size") ? size : nil)
    mapping.finish()
  }
}

extension MappingReader {
  /// A path with placeholders that names a file.
  fileprivate func fileTemplate(_ key: String) -> NameTemplate? {
    guard let value = scalar(key), isUsablePath(value) else { return nil }
    guard !value.text.hasSuffix("/") else {
      fail(value, "the path names a folder", hint: "add a file name: {tenant}-{date}.ndjson")
      return nil
    }
    do {
      return try NameTemplate(value.text)
    } catch {
      fail(value, error.message, hint: error.hint)
      return nil
    }
  }

  /// Permissions as `chmod` takes them, in octal digits. The owner needs those in `owner`.
  fileprivate func mode(_ key: String, owner: UInt32) -> UInt32? {
    guard let value = scalar(key) else { return nil }
    let digits = value.text.hasPrefix("0o") ? value.text.dropFirst(2) : value.text[...]
    guard (3...4).contains(digits.count), let mode = UInt32(digits, radix: 8) else {
      fail(value, "\(value.shown) is no file mode", hint: "three or four octal digits: \"0640\"")
      return nil
    }
    guard mode & owner == owner else {
      fail(
        value, "\(value.shown) would keep Millrace itself out",
        hint: "the first of the last three digits is \(owner == 0o600 ? "6 or 7" : "7")")
      return nil
    }
    return mode
  }
}
