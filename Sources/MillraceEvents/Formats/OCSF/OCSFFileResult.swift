/// What a file became that was renamed, moved or copied (OCSF's `file_result`); `file` is what it
/// was.
enum OCSFFileResult {
  static let name: FormatSource.Maker = { event, _ in nameText(event).map { .text($0) } }

  /// A file stays one, and so does a folder.
  static let type: FormatSource.Maker = { event, _ in
    nameText(event) == nil ? nil : .integer(OCSFValues.fileTypeID(event))
  }

  /// The extension of a file's new name, which a rename may be all about.
  static let nameExtension: FormatSource.Maker = { event, _ in
    guard let name = nameText(event), OCSFValues.fileTypeID(event) == 1,
      let dot = name.lastIndex(of: Ascii.dot), dot > 0, dot + 1 < name.count
    else { return nil }
    return .text(name.dropFirst(dot + 1))
  }

  /// The new place; of what was renamed where it is, beside its old name.
  static let path: FormatSource.Maker = { event, scratch in
    guard let name = nameText(event) else { return nil }
    if let path = event.text(.fileDestPath) {
      if lastPart(of: path) == name { return .text(path) }
      return .text(
        path.last == Ascii.backslash
          ? scratch.arena.join(path, name) : scratch.arena.joinPath(path, name))
    }
    guard scratch.ocsf.activity == 5, let old = event.text(LaterField.filePath),
      let slash = old.lastIndex(of: Ascii.slash)
    else { return nil }
    return .text(scratch.arena.joinPath(old.prefix(slash), name))
  }

  /// The new name. Where only a place is known, devices say it with the name; sites say the folder,
  /// in which the name is as it was.
  private static func nameText(_ event: borrowing NativeEvent) -> ByteView? {
    if let name = event.text(.fileDestName) { return name }
    guard let path = event.text(.fileDestPath) else { return nil }
    let last = lastPart(of: path)
    if event.text(.action)?.hasPrefix("endpoint.") == true, !last.isEmpty { return last }
    return OCSFValues.fileNameText(event)
  }

  /// What stands behind the last separator, be it that of sites or that of Windows.
  private static func lastPart(of path: ByteView) -> ByteView {
    let slash = path.lastIndex(of: Ascii.slash) ?? -1
    let backslash = path.lastIndex(of: Ascii.backslash) ?? -1
    return path.dropFirst(max(slash, backslash) + 1)
  }
}
