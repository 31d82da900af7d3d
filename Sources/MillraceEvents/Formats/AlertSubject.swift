/// Whom an alert is about, and the addresses that it names: an alert is raised by a service, which
/// would count as the busiest user if it stood where users do.
extension NativeEvent {
  /// Whether a service raised an alert, and nobody did what the event tells.
  var isRaisedByService: Bool {
    guard isAlert, !has(.actorUpn), let type = text(.actorType) else { return false }
    return type == "system"
  }

  /// The user whom an alert that a service raised is about: the target, or an account behind it
  /// where the entity is none.
  var subject: EventReceiver {
    guard isRaisedByService, let type = text(.targetType) else { return .nobody }
    if type == "user", has(.targetUpn) { return .target }
    if let targets = json(.targets) {
      var cursor = ArrayCursor(targets)
      _ = cursor.next()
      while let target = cursor.next() {
        if target.isPrincipal { return .listed(target) }
      }
    }
    return type == "user" && has(.targetName) ? .target : .nobody
  }

  /// What the subject is called; nil when there is none.
  func subjectName(in arena: inout Arena) -> ByteView? {
    switch subject {
    case .target: text(.targetUpn) ?? text(.targetName)
    case .listed(let account): account.quotedName?.unquoted(in: &arena)
    case .nobody: nil
    }
  }
}

/// The addresses that an alert names beside that of its source: of the clients, of the entity, of
/// the entities of an investigation and of the servers that sent its mails.
enum AlertAddresses {
  /// Adds the addresses, each once and in its canonical form, as far as the list has room.
  static func add(
    of event: borrowing NativeEvent, to list: inout TextList, _ scratch: inout FormatScratch
  ) {
    guard event.isAlert else { return }
    if let data = event.json(.alertData) {
      add(ObjectCursor.value(of: "sip", in: data), to: &list, &scratch)
    }
    if let type = event.text(.alertEntityType), type.isAnyCase("ip") {
      ECSValues.addAddresses(event.text(.alertEntity), to: &list, &scratch)
    }
    guard let ext = event.json(.ext) else { return }
    let found = ObjectCursor.values(of: "ClientIPs", "Data", "Actions", in: ext)
    addAll(found.0, to: &list, &scratch) { add($0, to: &$1, &$2) }
    for investigated in [found.1, found.2] {
      addAll(investigated, to: &list, &scratch, addEntities)
    }
  }

  private typealias Adding = (ByteView, inout TextList, inout FormatScratch) -> Void

  /// Adds what an element names: of a list, of a JSON text that holds one, or the value itself.
  private static func addAll(
    _ value: ByteView?, to list: inout TextList, _ scratch: inout FormatScratch, _ add: Adding
  ) {
    guard let value = opened(value, &scratch) else { return }
    guard value.first == Ascii.openBracket else { return add(value, &list, &scratch) }
    var cursor = ArrayCursor(value)
    while list.count < TextList.capacity, let element = cursor.next() {
      guard let element = opened(element, &scratch) else { continue }
      add(element, &list, &scratch)
    }
  }

  /// The value that a JSON text holds; any other value as it is.
  private static func opened(_ value: ByteView?, _ scratch: inout FormatScratch) -> ByteView? {
    guard let value, value.first == Ascii.quote else { return value }
    return EmbeddedJSON.parse(value.unquoted(in: &scratch.arena), in: &scratch.arena) ?? value
  }

  private static func addEntities(
    of value: ByteView, to list: inout TextList, _ scratch: inout FormatScratch
  ) {
    guard value.first == Ascii.openBrace,
      let entities = ObjectCursor.value(of: "Entities", in: value),
      entities.first == Ascii.openBracket
    else { return }
    var cursor = ArrayCursor(entities)
    while list.count < TextList.capacity, let entity = cursor.next() {
      guard entity.first == Ascii.openBrace else { continue }
      let found = ObjectCursor.values(of: "Type", "Address", "SenderIP", in: entity)
      if let type = found.0, type.isAnyCase("\"ip\"") { add(found.1, to: &list, &scratch) }
      add(found.2, to: &list, &scratch)
    }
  }

  /// Adds the addresses of a JSON string.
  private static func add(
    _ value: ByteView?, to list: inout TextList, _ scratch: inout FormatScratch
  ) {
    guard let value, value.first == Ascii.quote else { return }
    ECSValues.addAddresses(value.unquoted(in: &scratch.arena), to: &list, &scratch)
  }
}
