import MillraceCore

/// Turns one record after the other into the native event.
///
/// Each step reads some members, sets some fields, and says which members need no place in `ext`
/// any more. A step that cannot read a member leaves it alone: nothing in one member ever costs
/// the record.
struct Normalizer: ~Copyable {
  var arena = Arena()
  var event = NativeEvent()
  var members = RecordMembers()
  var issues = ParseIssues()
  /// Where fragments are put together; each use begins with `removeAll`.
  var scratch = ByteBuffer()
  /// What is left of a list of properties.
  var remainder = ByteBuffer()
  /// Where lists for the event are put together, the innermost last.
  var list = ByteBuffer()
  /// The members of an object that is looked at before it is taken; used again for the next.
  var looked: [ObjectCursor.Member] = []
  /// Looks for members that occur twice in JSON that stood in a string.
  var repeated = RepeatedMembers()
  /// The members whose texts were moved to fields, and which.
  private var moves = MovedTexts()
  /// Whether a list of texts had anything else in it, too.
  var hasSkippedStructures = false
  /// The rest of the record; its view lives until the event is written.
  private var rest = ByteBuffer()
  var collectedText = RenderedTime()
  var availableText = RenderedTime()

  /// What is read.
  private(set) var record = ByteView("")
  /// The event's time: `CreationTime`, or the next best that is known.
  private(set) var time = Timestamp(milliseconds: 0)

  // What several steps need to know of the record.
  var recordType: Int?
  var family = RecordFamily.other
  var operation: ByteView?
  var operationKey = ByteView("")
  var meaning: OperationMeaning?
  var isRolePrivileged = false
  /// The tenant's own domains, where it says which they are.
  private var domains = OwnDomains.unknown
  /// What the record calls the tenant, mostly by a domain.
  var organization: ByteView?
  /// Where the event came from, as far as it is an address.
  var sourceIP: IPAddress?
  /// Whether a policy blocked what it matched.
  var isBlocking = false
  /// The properties that an update really changed, as far as it names them; nil before anybody
  /// asked.
  var updates: ByteView?
  /// How many kinds of secrets the rules that were read have found.
  var sensitiveTypeCount = 0
  /// The highest severity of the rules that matched.
  var policySeverity = EventSeverity.informational
  /// Whether the device is both compliant and managed, where the record says it in one word.
  var isCompliantAndManaged: Bool?
  /// How many items of mailboxes the record names.
  var itemCount = 0
  /// Whether the parameters are names and values and no more.
  var areParametersWhole = true
  /// The parameters of the cmdlet; used again for the next record.
  var parameters: [Parameter] = []

  /// What every event carries in `labels`; empty when that is nothing.
  private let labels: [UInt8]
  /// Knows places of addresses; nil when nobody was asked to.
  private let places: (any PlaceFinder)?
  /// The place of `sourceIP`; what the event says of it lies there.
  private var place: EventPlace?

  init(places: (any PlaceFinder)? = nil, labels: EventLabels? = nil) {
    self.places = places
    self.labels = labels?.json ?? []
  }

  /// Reads a record into `event`: all steps, in their order.
  ///
  /// - Parameter time: What a scan read in `CreationTime`; nil when it is not known.
  mutating func read(
    _ record: ByteView, context: EventContext, time known: Timestamp? = nil,
    walk: inout MemberWalk
  ) {
    begin(record, &walk)
    readCommon(context, known)
    readWho()
    readWhere()
    readOutcomeAndTarget()
    readDetails()
    finish()
  }

  /// What all records have.
  mutating func readCommon(_ context: EventContext, _ known: Timestamp?) {
    // Spares counting references where nobody names domains.
    if !context.domains.isEmpty || !domains.isEmpty { domains = context.domains }
    readEnvelope(context)
    unpackStructures()
    time = readTimes(context, known)
    readOperation()
  }

  /// Who did it, and with what.
  mutating func readWho() {
    readActor()
    readExtendedProperties()
    readAccessContext()
    readDeviceProperties()
    readApplications()
  }

  /// Where it came from.
  mutating func readWhere() {
    readClient()
    readSource()
    readPlace()
  }

  /// How it went, and what it was done to.
  mutating func readOutcomeAndTarget() {
    readOutcome()
    readAuthentication()
    readCorrelation()
    readTarget()
  }

  /// What the workloads say beyond that.
  mutating func readDetails() {
    readMailbox()
    readFiles()
    readSharing()
    readCmdlet()
    readChanges()
    readPolicy()
    readAlert()
    readThreat()
    readTeams()
    readDevice()
    readEndpoint()
    readLabels()
    readWindow()
    readPowerPlatform()
    readCopilot()
  }

  /// Finds the members of a record.
  mutating func begin(_ record: ByteView, _ walk: inout MemberWalk) {
    arena.reset()
    event.removeAll()
    issues.removeAll()
    moves.removeAll()
    self.record = record
    members.read(record, walk: &walk, arena: &arena, scratch: &scratch, issues: &issues)
    recordType = nil
    family = .other
    operation = nil
    operationKey = ByteView("")
    meaning = nil
    isRolePrivileged = false
    organization = nil
    sourceIP = nil
    place = nil
  }

  /// Whether a domain is none of the tenant's; nil when the tenant does not say which are its own.
  func isOutside(_ domain: ByteView) -> Bool? {
    if domains.isEmpty { return nil }
    if domains.contains(domain) { return false }
    return organization.map { !domain.equalsIgnoringCase($0) } ?? true
  }

  /// Asks where an address is, and keeps the answer until the next record.
  mutating func findPlace(of address: IPAddress) -> EventPlace? {
    place = places?.place(of: address.bits, isPublic: address.isPublic)
    return place
  }

  /// What remains when all else is known.
  mutating func finish() {
    readObjectID()
    readSeverity()
    if isInvestigation || recordType == 294 { noteBrokenStructures() }
    if !labels.isEmpty { event.set(.labels, .json(arena.copy(labels))) }
    takeBackOverwritten()
    rest.removeAll()
    members.writePending(to: &rest)
    if !rest.view.isEmpty { event.set(.ext, .json(rest.view)) }
    if !issues.isEmpty {
      scratch.removeAll()
      issues.write(to: &scratch)
      event.set(.parseIssues, .json(arena.copy(scratch.view)))
    }
  }

  /// Leaves to `ext` what was moved to a field in which a later step, which knew better, has put
  /// something else.
  private mutating func takeBackOverwritten() {
    for index in 0..<moves.count {
      let move = moves[index]
      if let present = event.text(move.field),
        present.start == move.text.start || present.equalsIgnoringCase(move.text)
      {
        continue
      }
      members.takeBack(move.member)
    }
  }

  // MARK: Reading members

  /// The text of a scalar: a string decoded, a number or boolean as it is written; nil for
  /// anything else.
  mutating func scalarText(_ value: ByteView) -> ByteView? {
    switch value.first {
    case Ascii.quote: decoded(value.slice(1, value.count - 1))
    case Ascii.openBrace, Ascii.openBracket, UInt8(ascii: "n"), nil: nil
    default: value
    }
  }

  /// The text of a JSON string; where the record has no escape, there is none to look for.
  @inline(__always)
  private mutating func decoded(_ content: ByteView) -> ByteView {
    assert(members.hasEscapes || content.firstIndex(of: Ascii.backslash) == nil, "no escape")
    return members.hasEscapes ? JSONText.decode(content, in: &arena) : content
  }

  /// The text of a scalar without blanks around it; nil when it is absent or a word for that.
  mutating func cleanText(_ value: ByteView?) -> ByteView? {
    guard let value, let text = scalarText(value)?.trimmed, !UnsetWords.contains(text)
    else { return nil }
    return text
  }

  /// The clean text of a member. A member that holds a word for a missing value counts as lifted.
  @inline(__always)
  mutating func text(_ member: RawMember) -> ByteView? {
    guard let value = members.value(member) else { return nil }
    return text(member, value)
  }

  private mutating func text(_ member: RawMember, _ value: ByteView) -> ByteView? {
    let text: ByteView
    if value.first == Ascii.quote, !members.hasEscapes || !members.isEscaped(member) {
      text = value.slice(1, value.count - 1).trimmed
    } else {
      guard let decoded = scalarText(value) else { return nil }
      text = decoded.trimmed
    }
    if UnsetWords.contains(text) {
      members.lift(member)
      return nil
    }
    return text
  }

  /// A member's number: a JSON number without a fraction, or the same in a string.
  mutating func integer(_ member: RawMember) -> Int? {
    guard let text = text(member) else { return nil }
    return LenientNumber.integer(text)
  }

  /// A member's truth: `true`, `"True"`, `"1"`, `$true` and the like.
  mutating func flag(_ member: RawMember) -> Bool? {
    guard let text = text(member) else { return nil }
    return Normalizer.flag(text)
  }

  static func flag(_ text: ByteView) -> Bool? {
    if text.isAnyCase("true") || text == "1" || text.isAnyCase("$true") { return true }
    if text.isAnyCase("false") || text == "0" || text.isAnyCase("$false") { return false }
    return nil
  }

  /// Moves the clean text of a member to a field.
  mutating func lift(_ member: RawMember, to field: EventField) {
    guard let text = text(member) else { return }
    event.set(field, text)
    members.lift(member)
    moves.append(member, field, text)
  }

  /// Moves the first of several members that has a text to a field. The others are lifted too
  /// when they say the same.
  mutating func lift(firstOf candidates: [RawMember], to field: EventField) {
    for member in candidates { liftIfSame(member, field) }
  }

  /// Sets a field that is still empty, and lifts a member that says what the field says.
  mutating func liftIfSame(_ member: RawMember, _ field: EventField) {
    guard let text = text(member) else { return }
    if !event.has(field) { event.set(field, text) }
    guard let present = event.text(field), present.equalsIgnoringCase(text) else { return }
    members.lift(member)
    moves.append(member, field, text)
  }
}

/// Numbers as records write them: integers, floats and exponents, as numbers or as text.
enum LenientNumber {
  /// The integer that a number has as its value; nil when it has a fraction or is no number.
  static func integer(_ text: ByteView) -> Int? {
    if let integer = text.decimalInteger { return integer }
    return viaFraction(text)
  }

  /// Reads `15.0`, `1e1`, `1.5E+1`.
  private static func viaFraction(_ text: ByteView) -> Int? {
    var digits = 0
    var value = 0
    var scale = 0
    var index = text.first == Ascii.hyphen ? 1 : 0
    let isNegative = index == 1
    var isFraction = false
    while index < text.count, isDigit(text[index]) || (text[index] == Ascii.dot && !isFraction) {
      if text[index] == Ascii.dot {
        isFraction = true
      } else {
        digits += 1
        guard digits <= 18 else { return nil }
        value = value * 10 + Int(text[index] - Ascii.zero)
        if isFraction { scale -= 1 }
      }
      index += 1
    }
    guard digits > 0 else { return nil }
    if index < text.count {
      guard text[index] | 0x20 == UInt8(ascii: "e") else { return nil }
      var exponent = text.dropFirst(index + 1)
      if exponent.first == UInt8(ascii: "+") { exponent = exponent.dropFirst(1) }
      guard let power = exponent.decimalInteger, abs(power) <= 18 else { return nil }
      scale += power
    }
    while scale < 0 {
      guard value % 10 == 0 else { return nil }
      value /= 10
      scale += 1
    }
    while scale > 0 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      value = product
      scale -= 1
    }
    return isNegative ? -value : value
  }
}
