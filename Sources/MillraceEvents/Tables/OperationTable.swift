/// What an operation means.
struct OperationMeaning: Sendable {
  let category: EventCategory
  let action: StaticString
  let verb: EventVerb
  let severity: EventSeverity
  /// What the operation's own words say when the record has no status.
  let impliedOutcome: EventOutcome?

  init(
    _ category: EventCategory, _ action: StaticString, _ verb: EventVerb,
    severity: EventSeverity = .informational, outcome: EventOutcome? = nil
  ) {
    self.category = category
    self.action = action
    self.verb = verb
    self.severity = severity
    impliedOutcome = outcome
  }
}

/// One row of the tables of operations (Operations….swift, one file for each workload): data for
/// anyone to extend.
struct OperationRow: Sendable {
  /// The operation trimmed, blanks collapsed, without the final full stop, en dashes as hyphens,
  /// in lower case.
  let key: StaticString
  let meaning: OperationMeaning

  init(
    _ key: StaticString, _ category: EventCategory, _ action: StaticString, _ verb: EventVerb,
    severity: EventSeverity = .informational, outcome: EventOutcome? = nil
  ) {
    self.key = key
    meaning = OperationMeaning(category, action, verb, severity: severity, outcome: outcome)
  }
}

/// All tables of operations, and what a record type means by itself.
enum OperationTables {
  /// Counts up whenever a row is added or changed.
  static let version = 5

  /// The tables whose names mean one thing in whatever record type they occur. A name stands in
  /// one of them alone.
  static let shared: [(file: StaticString, rows: [OperationRow])] = [
    ("OperationsSignIn", SignInOperations.rows),
    ("OperationsDirectory", DirectoryOperations.rows),
    ("OperationsExchangeAdmin", ExchangeAdminOperations.rows),
    ("OperationsFiles", FileOperations.rows), ("OperationsSites", SiteOperations.rows),
    ("OperationsSharing", SharingOperations.rows), ("OperationsTeams", TeamsOperations.rows),
    ("OperationsPolicy", PolicyOperations.rows), ("OperationsAlerts", AlertOperations.rows),
    ("OperationsPowerPlatform", PowerPlatformOperations.rows),
    ("OperationsCompliance", ComplianceOperations.rows), ("OperationsAI", AIOperations.rows),
  ]

  /// The tables whose names are too short, or too common, to mean the same elsewhere.
  static let own: [(file: StaticString, rows: [OperationRow])] = [
    ("OperationsMailbox", MailboxOperations.rows), ("OperationsEndpoint", EndpointOperations.rows),
  ]

  private static let sharedTable = table(shared.flatMap(\.rows))
  private static let mailboxTable = table(MailboxOperations.rows)
  private static let endpointTable = table(EndpointOperations.rows)

  private static func table(_ rows: [OperationRow]) -> NameTable<OperationMeaning> {
    NameTable(rows.map { (name: $0.key, value: $0.meaning) })
  }

  /// What an operation means, by its normalized key; nil when no table knows it.
  static func find(_ key: ByteView, family: RecordFamily, recordType: Int?) -> OperationMeaning? {
    if family == .mailbox, let meaning = mailboxTable[key] { return meaning }
    // What Microsoft's own people run is their access first, whatever the cmdlet.
    if recordType == 10 { return lockbox }
    if recordType == 63, let meaning = endpointTable[key] { return meaning }
    return sharedTable[key] ?? OperationBeginnings.find(key, recordType: recordType)
      ?? typical(recordType, key)
  }

  /// What records of a type are about whatever their operation is called; nil when it depends.
  private static func typical(_ recordType: Int?, _ key: ByteView) -> OperationMeaning? {
    switch recordType {
    case 9, 15: isSignIn(key) ? signIn : nil
    case 275: tokenIssue
    case 28: threatMail
    case 41: urlClick
    case 47: threatFile
    case 64, 86, 89: investigation
    case 78, 90, 98, 113: alertCreate
    case 294: riskDetect
    case 261, 284, 328, 334: aiInteract
    default: nil
    }
  }

  /// Whether a sign-in is what an operation is called: `…Logon…`, `UserLogin…`, `…SignIn…`.
  private static func isSignIn(_ key: ByteView) -> Bool {
    for words: StaticString in ["logon", "login", "signin", "sign-in", "loggedin", "signedin"] {
      if key.firstIndex(ofAnyCase: words) != nil { return true }
    }
    return false
  }

  private static let signIn = OperationMeaning(.authentication, "user.login", .login)
  private static let tokenIssue = OperationMeaning(.authentication, "token.issue", .other)
  private static let lockbox = OperationMeaning(.configuration, "microsoft.lockbox", .execute)
  private static let threatMail = OperationMeaning(.threat, "threat.mail", .detect)
  private static let urlClick = OperationMeaning(.threat, "threat.url.click", .detect)
  private static let threatFile = OperationMeaning(.threat, "threat.file", .detect)
  private static let investigation = OperationMeaning(.threat, "investigation.update", .update)
  private static let alertCreate = OperationMeaning(.alert, "alert.create", .detect)
  private static let riskDetect = OperationMeaning(.alert, "risk.detect", .detect)
  private static let aiInteract = OperationMeaning(.ai, "ai.interact", .execute)
}
