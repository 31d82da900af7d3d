import CMillraceScan

/// Files, pages, lists and sites of SharePoint and OneDrive.
extension Normalizer {
  mutating func readFiles() {
    guard family == .sharePoint else { return }
    readSite()
    readFileNames()
    readFileDetails()
    readFilePath()
    readFileURL()
    // Some senders put the address here.
    if let name = text(.deviceDisplayName) {
      if SourceAddress.isAddressAlone(name) { return members.lift(.deviceDisplayName) }
      liftIfSame(.deviceDisplayName, .deviceName)
    }
  }

  mutating func readSite() {
    if let id = text(.site) {
      event.set(.siteID, arena.lowercase(id))
      members.lift(.site)
    }
    if let id = text(.webId) {
      event.set(.siteWebID, arena.lowercase(id))
      members.lift(.webId)
    }
    let named = text(.siteUrl)
    guard var url = named ?? siteInObject() else { return }
    while url.last == Ascii.slash { url = url.prefix(url.count - 1) }
    event.set(.siteURL, url)
    if named != nil { members.lift(.siteUrl) }
    if let mark = url.firstIndex(ofAnyCase: "/personal/") {
      let rest = url.dropFirst(mark + 10)
      event.set(.siteOwnerHint, rest.prefix(rest.firstIndex(of: Ascii.slash) ?? rest.count))
    }
  }

  /// The address of a site on which something was done, where `ObjectId` is that.
  private mutating func siteInObject() -> ByteView? {
    guard let action = event.text(.action), action.hasPrefix("site."),
      let object = text(.objectId), object.hasPrefix(anyCase: "http"),
      !object.hasSuffix(anyCase: ".aspx"), !object.hasSuffix(anyCase: ".000")
    else { return nil }
    return object
  }

  mutating func readFileNames() {
    if recordType == 6 || recordType == 14 || recordType == 7 || recordType == 277
      || family == .informationProtection
      || event.text(.category).map({ $0 == "file" || $0 == "sharing" }) ?? false
    {
      if let name = text(.sourceFileName) ?? nameInAddress() { event.set(.fileName, name) }
    }
    if let id = text(.listItemUniqueId) { event.set(.fileItemID, arena.lowercase(id)) }
    lift(.sourceFileExtension, to: .fileExt)
    lift(.destinationFileName, to: .fileDestName)
    if let id = text(.listId) {
      event.set(.fileListID, arena.lowercase(id))
      members.lift(.listId)
    }
    if event.has(.fileDestName) { liftIfExtension(.destinationFileExtension) }
  }

  /// The name of a file of which the record has only the address.
  private func nameInAddress() -> ByteView? {
    recordType == 6 ? event.text(.targetName) : nil
  }

  /// An extension that the name ends with anyway.
  private mutating func liftIfExtension(_ member: RawMember) {
    guard let text = text(member), let name = event.text(.fileDestName),
      name.count > text.count, name[name.count - text.count - 1] == Ascii.dot,
      name.dropFirst(name.count - text.count).equalsIgnoringCase(text)
    else { return }
    members.lift(member)
  }

  private static let fileTypes: [(number: Int, name: StaticString)] = [
    (1, "file"), (5, "folder"), (6, "web"), (7, "site"), (8, "tenant"), (9, "documentlibrary"),
    (11, "page"),
  ]

  mutating func readFileDetails() {
    if let type = text(.itemType) {
      if let number = LenientNumber.integer(type) {
        if let known = Normalizer.fileTypes.first(where: { $0.number == number }) {
          event.set(.fileType, known.name)
          members.lift(.itemType)
        }
      } else {
        event.set(.fileType, arena.lowercase(type))
        members.lift(.itemType)
      }
    }
    if !event.has(.fileType), event.text(.action).map({ $0.hasPrefix("folder.") }) ?? false {
      event.set(.fileType, "folder")
    }
    for member in [RawMember.fileSizeBytes, .fileSyncBytesCommitted] {
      guard !event.has(.fileSize), let size = integer(member), size >= 0 else { continue }
      event.set(.fileSize, size)
      members.lift(member)
    }
    for member in [RawMember.sensitivityLabelId, .destinationLabel] {
      liftIfSame(member, .fileLabelID)
    }
    lift(.sourceLabel, to: .filePrevLabelID)
    lift(.virusInfo, to: .fileMalware)
  }

  /// The path on the server: that of the site, the relative one, and the name, which records of
  /// sharing have in the relative one already.
  mutating func readFilePath() {
    let site = event.text(.siteURL).map(Normalizer.path(ofURL:)) ?? ByteView("")
    if let relative = text(.sourceRelativeUrl) {
      var path = arena.joinPath(site, relative)
      if let name = event.text(.fileName), !endsWithName(relative, name, text(.objectId)) {
        path = arena.joinPath(path, name)
      }
      event.set(.filePath, path)
      members.lift(.sourceRelativeUrl)
    } else if event.has(.siteURL), isEmpty(.sourceRelativeUrl), let name = event.text(.fileName) {
      event.set(.filePath, arena.joinPath(site, name))
    }
    if let relative = text(.destinationRelativeUrl) {
      var path = arena.joinPath(site, relative)
      if let name = event.text(.fileDestName), !endsWithName(relative, name, nil) {
        path = arena.joinPath(path, name)
      }
      event.set(.fileDestPath, path)
      members.lift(.destinationRelativeUrl)
    } else if event.has(.siteURL), isEmpty(.destinationRelativeUrl),
      let name = event.text(.fileDestName)
    {
      event.set(.fileDestPath, arena.joinPath(site, name))
    }
  }

  /// Whether the record says that a file is in no folder: the relative path is there, and empty.
  private mutating func isEmpty(_ relativePath: RawMember) -> Bool {
    guard let value = members.value(relativePath) else { return false }
    return scalarText(value)?.trimmed.isEmpty ?? false
  }

  /// Whether a relative path ends with the name of what is there, and not with a folder that is
  /// called the same, which the address tells.
  private mutating func endsWithName(
    _ path: ByteView, _ name: ByteView, _ address: ByteView?
  ) -> Bool {
    let last = path.lastIndex(of: Ascii.slash).map { path.dropFirst($0 + 1) } ?? path
    guard last.equalsIgnoringCase(name) || percentDecoded(last).equalsIgnoringCase(name) else {
      return false
    }
    if recordType == 14 { return true }
    guard let address, address.firstIndex(ofAnyCase: "://") != nil else {
      return recordType != 6
    }
    let whole = spelledPath(ofURL: address)
    return whole.ends(with: last) && !whole.ends(with: arena.joinPath(last, name))
  }

  /// What stands behind the host of a URL.
  private static func path(ofURL url: ByteView) -> ByteView {
    guard let scheme = url.firstIndex(ofAnyCase: "://") else { return ByteView("") }
    let rest = url.dropFirst(scheme + 3)
    guard let slash = rest.firstIndex(of: Ascii.slash) else { return ByteView("") }
    return rest.dropFirst(slash)
  }

  /// `ObjectId`, which is a URL with blanks and letters of all kinds in it, encoded once.
  private mutating func readFileURL() {
    let isFile = event.text(.category).map { $0 == "file" || $0 == "sharing" } ?? false
    let isPage = event.text(.targetType).map { $0 == "page" } ?? false
    guard isFile || isPage || event.has(.fileName) else { return }
    guard let object = text(.objectId), object.hasPrefix(anyCase: "http"),
      object.firstIndex(ofAnyCase: "://") != nil
    else { return }
    event.set(
      .fileURL,
      arena.percentEncoding(
        object, hasNumberSigns: isNamedWithNumberSign, hasEscapes: !isSpelledOut(object)))
    event.spelledAddress = object
  }

  /// Whether the name of the file or of a folder has a `#`, which in its address is no end of it.
  private var isNamedWithNumberSign: Bool {
    for field in [EventField.fileName, .filePath] {
      if event.text(field)?.firstIndex(of: UInt8(ascii: "#")) != nil { return true }
    }
    return false
  }

  /// Whether an address has the name of the file as people read it, so that a percent sign in it is
  /// one.
  private func isSpelledOut(_ address: ByteView) -> Bool {
    guard let name = event.text(.fileName), name.firstIndex(of: Ascii.percent) != nil
    else { return false }
    return name.count < address.count && address.dropFirst(address.count - name.count) == name
  }

  /// Takes the address of a file, and from it the path on its server and the name, where nothing
  /// else says them.
  mutating func setFileURL(_ url: ByteView) {
    event.set(.fileURL, arena.percentEncoding(url))
    event.spelledAddress = url
    let path = spelledPath(ofURL: url)
    guard let slash = path.lastIndex(of: Ascii.slash), slash + 1 < path.count else { return }
    event.setIfAbsent(.filePath, path)
    event.setIfAbsent(.fileName, path.dropFirst(slash + 1))
  }

  /// The path in a URL as people read it. One in which blanks stand as they are is spelled so
  /// already.
  private mutating func spelledPath(ofURL url: ByteView) -> ByteView {
    let path = Normalizer.path(ofURL: url)
    guard path.firstIndex(of: Ascii.percent) != nil, path.firstIndex(of: Ascii.blank) == nil
    else { return path }
    let decoded = percentDecoded(path)
    let isText = UTF8Checking.firstMalformed(decoded.start, decoded.end) == nil
    return isText ? decoded : path
  }

  /// Whether `ObjectId` says what the URL of the file says.
  mutating func isFileURL(_ object: ByteView) -> Bool {
    guard let url = event.text(.fileURL), object.hasPrefix(anyCase: "http") else { return false }
    if let spelled = event.spelledAddress, spelled == object { return true }
    return url == object || url == arena.percentEncoding(object)
  }
}

extension ByteView {
  /// Whether the last bytes are those of another text.
  fileprivate func ends(with text: ByteView) -> Bool {
    count >= text.count && dropFirst(count - text.count) == text
  }
}

extension Arena {
  /// Two parts of a path with one slash between them.
  mutating func joinPath(_ first: ByteView, _ second: ByteView) -> ByteView {
    var first = first
    var second = second
    while first.last == Ascii.slash { first = first.prefix(first.count - 1) }
    while second.first == Ascii.slash { second = second.dropFirst(1) }
    let copy = allocate(first.count + second.count + 1)
    copy.update(from: first.start, count: first.count)
    copy[first.count] = Ascii.slash
    (copy + first.count + 1).update(from: second.start, count: second.count)
    return ByteView(start: copy, count: first.count + second.count + 1)
  }

  /// A URL in which what may not stand in one is percent-encoded. Escapes that are there already
  /// stay, unless none are meant; a percent sign that begins none is encoded, and so is `#` where
  /// names have it.
  mutating func percentEncoding(
    _ url: ByteView, hasNumberSigns: Bool = false, hasEscapes: Bool = true
  ) -> ByteView {
    let copy = allocate(3 * url.count)
    var count = 0
    var index = 0
    while index < url.count {
      var run = millrace_url_run(url.start + index, url.count - index)
      if hasNumberSigns {
        run = url.slice(index, index + run).firstIndex(of: UInt8(ascii: "#")) ?? run
      }
      (copy + count).update(from: url.start + index, count: run)
      count += run
      index += run
      guard index < url.count else { break }
      let byte = url[index]
      let isEscape =
        hasEscapes && byte == Ascii.percent && index + 2 < url.count
        && hexadecimalValue(url[index + 1]) != nil
        && hexadecimalValue(url[index + 2]) != nil
      if isEscape {
        copy[count] = byte
        count += 1
      } else {
        copy[count] = Ascii.percent
        copy[count + 1] = Arena.upperHexadecimal(byte >> 4)
        copy[count + 2] = Arena.upperHexadecimal(byte & 15)
        count += 3
      }
      index += 1
    }
    giveBack(3 * url.count - count)
    return ByteView(start: copy, count: count)
  }

  private static func upperHexadecimal(_ value: UInt8) -> UInt8 {
    value < 10 ? Ascii.zero + value : UInt8(ascii: "A") + value - 10
  }
}
