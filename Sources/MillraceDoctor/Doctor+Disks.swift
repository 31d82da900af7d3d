import Glibc
import MillraceConfiguration
import MillraceCore
import MillracePipeline

/// The folders of the store and of the sinks, and the room on their disks.
extension Doctor {
  func sinkFindings() -> [Finding] {
    configuration.sinks.map { sink in
      let subject = "sink \(sink.name)"
      do throws(SetupError) {
        try SinkFactory.checkBuilt(sink)
      } catch {
        return .failure(
          .sink, subject, error.description, meaning: "the collector does not start with it")
      }
      if case .syslog(let settings) = sink.settings {
        let examiner = SyslogExaminer(subject: subject, settings: settings)
        return examiner.examineFiles() ?? .ok(.sink, subject, "it sends to \(examiner.address)")
      }
      if let finding = stdoutFinding(sink) { return finding }
      if let receiver = receiverFinding(sink) { return receiver }
      guard let folder = folder(of: sink) else {
        return .failure(.sink, subject, "this version cannot examine sinks of its kind")
      }
      return obstacle(of: sink, subject)
        ?? folderFinding(folder, area: .sink, subject: subject)
    }
  }

  /// What stands in the place of a file sink's one file and is none; nil where nothing does.
  private func obstacle(of sink: SinkConfiguration, _ subject: String) -> Finding? {
    guard case .file(let file) = sink.settings else { return nil }
    let path = file.path.description
    var status = stat()
    guard !path.contains("{"), stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG
    else { return nil }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    return .failure(
      .sink, subject, "\(path) is \(isFolder ? "a folder" : "no regular file")",
      meaning: "no event can be delivered there; the other sinks go on",
      fix: isFolder
        ? "name a file in it, such as \(path)/events.ndjson" : "name another file, or remove it",
      command: "ls -ld " + ShellWord.quoted(path))
  }

  /// The last folder of a file sink's path that is the same for all events; nil for other sinks.
  private func folder(of sink: SinkConfiguration) -> String? {
    guard case .file(let file) = sink.settings else { return nil }
    let folder = file.path.description.split(separator: "/", omittingEmptySubsequences: false)
      .dropLast().prefix { !$0.contains("{") }
    return folder.isEmpty ? "." : folder.joined(separator: "/") + "/"
  }

  func folderFinding(_ folder: String, area: Finding.Area, subject: String) -> Finding {
    let examined = FolderExamination(folder)
    guard let problem = examined.problem else {
      return .ok(
        area, subject, examined.isThere ? "\(folder) is writable" : "\(folder) can be created")
    }
    return .failure(
      area, subject, problem,
      meaning: area == .sink
        ? "no event can be delivered there; the other sinks go on"
        : "nothing can be collected without the store",
      fix: examined.fix, command: "ls -ld " + ShellWord.quoted(examined.existing))
  }

  /// The room on each disk, once.
  func spaceFindings() -> [Finding] {
    var findings: [Finding] = []
    var devices: Set<UInt64> = []
    let folders = [configuration.store.path] + configuration.sinks.compactMap { folder(of: $0) }
    for (index, folder) in folders.enumerated() {
      let examined = FolderExamination(folder)
      guard let space = examined.space, devices.insert(space.device).inserted else { continue }
      findings.append(spaceFinding(examined.existing, space, holdsStore: index == 0))
    }
    return findings
  }

  private func spaceFinding(
    _ folder: String, _ space: FolderExamination.Space, holdsStore: Bool
  ) -> Finding {
    let subject = "disk of \(folder)"
    let text =
      "\(Doctor.size(space.free)) of \(Doctor.size(space.size)) are free"
    let command = "df -h " + ShellWord.quoted(folder)
    if space.free < Limits.diskFreeFailure {
      return .failure(
        .disk, subject, text,
        meaning: "fetching or delivery stops within minutes, until there is room",
        fix: "make room, or use a larger disk", command: command, cause: .other)
    }
    if let files = space.freeFiles, files < Limits.diskFreeFilesWarning {
      return .warning(
        .disk, subject, "\(text), but only \(files) more files can be made",
        meaning: "files that are rotated need new names", fix: "remove old files",
        command: "df -i " + ShellWord.quoted(folder))
    }
    let wanted = holdsStore ? configuration.store.maxSize - storeBytes() : 0
    if space.free < wanted {
      return .warning(
        .disk, subject, "\(text); the store may still grow by \(Doctor.size(wanted))",
        meaning: "the disk is full before store.max_size is reached; nothing is lost then, but"
          + " fetching stops",
        fix: "set store.max_size below what the disk has, or use a larger disk", command: command)
    }
    if space.free < Limits.diskFreeWarning {
      return .warning(
        .disk, subject, text, meaning: "a busy tenant fills this within a day",
        fix: "make room, or use a larger disk", command: command)
    }
    return .ok(.disk, subject, text)
  }

  /// What the store's files take now.
  private func storeBytes() -> Int64 {
    ["millrace.db", "millrace.db-wal"].reduce(0) { sum, name in
      var status = stat()
      guard stat(configuration.store.path + "/" + name, &status) == 0 else { return sum }
      return sum + Int64(status.st_size)
    }
  }

  /// A size for people, cut to the unit that fits.
  static func size(_ bytes: Int64) -> String {
    for (unit, name) in [(Int64(1) << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB")]
    where bytes >= unit {
      let tenths = bytes * 10 / unit
      return "\(tenths / 10).\(tenths % 10) \(name)"
    }
    return "\(bytes >> 10) KiB"
  }
}
