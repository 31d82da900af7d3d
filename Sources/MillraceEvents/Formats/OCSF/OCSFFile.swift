/// Files as objects (OCSF's `file`), put together in the scratch's buffer.
enum OCSFFile {
  /// The file that a finding is about, in the class that has it beside no evidence.
  static let object: FormatSource.Maker = { event, scratch in
    guard let name = OCSFValues.fileNameText(event) else { return nil }
    scratch.buffer.removeAll()
    append(name, of: event, &scratch)
    return scratch.json()
  }

  /// Appends the file of an event, which is called `name`.
  static func append(
    _ name: ByteView, of event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) {
    scratch.buffer.append(Ascii.openBrace)
    scratch.add("name", name)
    // What findings are about is a regular file where the record does not say what it is.
    let type = OCSFValues.fileTypeID(event)
    scratch.add("type_id", integer: type == 0 && !event.has(.fileType) ? 1 : type)
    scratch.add("ext", event.text(LaterField.fileExtension))
    scratch.add("size", integer: event.value(LaterField.fileSize))
    scratch.add("uid", event.text(LaterField.fileItemID))
    scratch.add("path", event.text(LaterField.filePath))
    if let url = event.text(LaterField.fileURL) {
      scratch.key("url")
      scratch.buffer.append(Ascii.openBrace)
      scratch.add("url_string", url)
      scratch.add("hostname", ECSValues.host(url))
      scratch.buffer.append(Ascii.closeBrace)
    }
    if let hash = event.text(LaterField.fileSha256) {
      scratch.key("hashes")
      appendHash(hash, &scratch)
    }
    scratch.buffer.append(Ascii.closeBrace)
  }

  // MARK: Hashes

  /// The hash of the file, as a list of one.
  static let hashes: FormatSource.Maker = { event, scratch in
    guard let hash = event.text(LaterField.fileSha256) else { return nil }
    scratch.buffer.removeAll()
    appendHash(hash, &scratch)
    return scratch.json()
  }

  private static func appendHash(_ hash: ByteView, _ scratch: inout FormatScratch) {
    scratch.buffer.append("[{\"algorithm_id\":3,\"algorithm\":\"SHA-256\"")
    scratch.add("value", hash)
    scratch.buffer.append("}]")
  }

  // MARK: Attachments

  /// The attachments of a mail.
  static let attachments: FormatSource.Maker = { event, scratch in
    guard AttachmentCursor.hasElements(event) else { return nil }
    scratch.buffer.removeAll()
    appendAttachments(of: event, &scratch)
    return scratch.json()
  }

  /// Appends the list of the attachments.
  static func appendAttachments(
    of event: borrowing NativeEvent, _ scratch: inout FormatScratch
  ) {
    scratch.buffer.append(Ascii.openBracket)
    var cursor = AttachmentCursor(event)
    while let attachment = cursor.next() {
      if scratch.buffer.last != Ascii.openBracket { scratch.buffer.append(Ascii.comma) }
      scratch.buffer.append(Ascii.openBrace)
      scratch.add("name", json: attachment.name)
      scratch.add("type_id", integer: 1)
      scratch.add("size", json: attachment.size)
      if let hash = attachment.hash {
        scratch.key("hashes")
        appendHash(hash.unquoted(in: &scratch.arena), &scratch)
      }
      scratch.buffer.append(Ascii.closeBrace)
    }
    scratch.buffer.append(Ascii.closeBracket)
  }
}

/// The attachments of a mail that have a name, which a file must have, one after the other.
struct AttachmentCursor {
  private var cursor: ArrayCursor

  /// An attachment, its values as they are written in JSON.
  struct Attachment {
    let name: ByteView
    let size: ByteView?
    let hash: ByteView?
  }

  init(_ event: borrowing NativeEvent) {
    cursor = ArrayCursor(AttachmentCursor.list(of: event) ?? ByteView(""))
  }

  mutating func next() -> Attachment? {
    while let element = cursor.next() {
      let found = ObjectCursor.values(of: "name", "size", "sha256", in: element)
      guard let name = found.0, name.first == Ascii.quote else { continue }
      let size = found.1?.decimalInteger == nil ? nil : found.1
      return Attachment(name: name, size: size, hash: found.2)
    }
    return nil
  }

  static func hasElements(_ event: borrowing NativeEvent) -> Bool {
    var cursor = AttachmentCursor(event)
    return cursor.next() != nil
  }

  /// Those of the mail, or of the only item in a mailbox: of several, one says which has what.
  private static func list(of event: borrowing NativeEvent) -> ByteView? {
    if let list = event.json(LaterField.attachments) { return list }
    guard let items = event.json(LaterField.items) else { return nil }
    var cursor = ArrayCursor(items)
    guard let only = cursor.next(), cursor.next() == nil else { return nil }
    return ObjectCursor.value(of: "attachments", in: only)
  }
}
