/// What of findings depends on what they say: alerts, matches of policies, threats.
extension ActionClass {
  /// What of a finding depends on its values: whether it was stopped, what it is about, whether it
  /// is closed.
  mutating func refineFinding(_ event: borrowing NativeEvent) {
    let action = event.text(.action) ?? ByteView("")
    if ocsf.uid == 2006 { refineMatch(event, action) }
    if action == "threat.url.click", let isStopped = event.isClickStopped {
      types = isStopped ? .denied : .allowed
    }
    addMalware(event, action)
    if let category = event.text(LaterField.alertCategory) { addSubject(category) }
    if let status = event.text(LaterField.alertStatus), ocsf.uid == 2004 {
      refineActivity(status, action)
    }
  }

  private mutating func refineMatch(_ event: borrowing NativeEvent, _ action: ByteView) {
    if event.isEmail {
      categories.insert(.email)
      types.insert(.info)
    } else if event.isFile {
      categories.insert(.file)
      types.insert(.access)
    }
    // What a device was about to do, where a policy stopped it or looked on.
    if action.hasPrefix("endpoint."), let isBlocked = event.flag(LaterField.isBlocked),
      event.has(.policies)
    {
      categories.insert(.intrusionDetection)
      types.insert(isBlocked ? .denied : .allowed)
    }
    if action == "dlp.rule.match" {
      types.insert(event.flag(LaterField.isBlocked) == true ? .denied : .allowed)
      if !categories.contains(.email) { types.remove(.info) }
    }
    if action == "dlp.rule.undo", event.flag(LaterField.isOverride) == true {
      ocsf = OCSFClass(uid: 2006, activity: 2)
    }
  }

  /// Mail is what its verdict says; an alert is about malware where the policy's name says so, as
  /// its category holds all threats.
  private mutating func addMalware(_ event: borrowing NativeEvent, _ action: ByteView) {
    if action == "threat.mail" {
      guard let verdict = event.text(.emailVerdict),
        verdict.firstIndex(ofAnyCase: "malware") != nil
      else { return }
      categories.remove(.intrusionDetection)
      return categories.formUnion(.malware)
    }
    guard let category = event.text(LaterField.alertCategory),
      category.isAnyCase("threatmanagement"), let name = event.text(LaterField.alertName),
      name.firstIndex(ofAnyCase: "malware") != nil
    else { return }
    categories.insert(.malware)
  }

  /// What an alert is about, by its category.
  private mutating func addSubject(_ category: ByteView) {
    if category.firstIndex(ofAnyCase: "dataloss") != nil || category.isAnyCase("datagovernance") {
      categories.insert(.file)
    } else if category.isAnyCase("accessgovernance")
      || category.firstIndex(ofAnyCase: "insiderrisk") != nil
    {
      categories.insert(.iam)
    } else if category.isAnyCase("mailflow") {
      categories.insert(.email)
    }
  }

  /// Whether a finding begins, goes on or ends with its status.
  private mutating func refineActivity(_ status: ByteView, _ action: ByteView) {
    if action == "investigation.update" {
      ocsf = OCSFClass(uid: 2004, activity: InvestigationStatus.activity(status))
    } else if action == "alert.update",
      status.isAnyCase("resolved") || status.isAnyCase("dismissed")
    {
      ocsf = OCSFClass(uid: 2004, activity: 3)
    }
  }
}

/// The states of investigations (Activity API schema, "Automated investigation and response").
enum InvestigationStatus {
  /// The activity of class 2004: 1 for a state in which it begins, 3 for one in which it has ended,
  /// 2 for all others.
  static func activity(_ status: ByteView) -> Int {
    for (words, activity) in activities where status.isAnyCase(words) { return activity }
    return 2
  }

  private static let activities: [(StaticString, Int)] = [
    ("investigation started", 1), ("investigationstarted", 1), ("started", 1), ("queued", 1),
    ("remediated", 3), ("no threats found", 3), ("nothreatsfound", 3), ("threats not found", 3),
    ("terminated by system", 3), ("terminatedbysystem", 3), ("terminated by user", 3),
    ("terminatedbyuser", 3), ("failed", 3), ("benign", 3), ("closed", 3), ("resolved", 3),
    ("dismissed", 3),
  ]
}

extension NativeEvent {
  /// Whether who clicked a link was stopped by a page that blocks it; false when he went past the
  /// page, nil when none was shown. The record's own number says so (Activity API schema, "URL time
  /// of click events").
  var isClickStopped: Bool? {
    guard let ext = json(.ext) else { return nil }
    // The service and its own pages spell the name in two ways.
    let found = ObjectCursor.values(of: "UrlClickAction", "URLClickAction", "ClickAction", in: ext)
    guard let value = found.0 ?? found.1 else { return nil }
    let isText = value.first == Ascii.quote && value.count > 1
    let word = isText ? value.slice(1, value.count - 1) : value
    if word.isAnyCase("blockpage") { return true }
    if word.isAnyCase("blockpageoverride") || word.isAnyCase("pendingdetonationpageoverride") {
      return false
    }
    switch word.decimalInteger {
    case 2: return true
    case 4, 5: return false
    default: return nil
    }
  }
}
