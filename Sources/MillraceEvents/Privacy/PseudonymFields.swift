/// How each field of the native event is treated when values become pseudonyms.
enum PseudonymFields {
  /// What happens to a field.
  enum Treatment: Sendable {
    /// It says nothing of a person, or numbers, times and words of closed lists only.
    case keep
    /// The whole value belongs to a group.
    case whole(PseudonymGroups)
    /// It may hold anything: what looks like a value of a group is replaced in it.
    case scan
    /// The same for texts in which versions and numbers of the service stand.
    case scanNames
    /// Only what was replaced elsewhere in the event is replaced in it.
    case known
  }

  /// The treatments, by the ordinals of the fields.
  static let table: [Treatment] = {
    var table = [Treatment](repeating: .keep, count: EventField.allCases.count)
    for (treatment, fields) in rows {
      for field in fields { table[Int(field.rawValue)] = treatment }
    }
    return table
  }()

  private static let rows: [(Treatment, [EventField])] = [
    (
      .whole(.users),
      [
        .actorUpn, .actorHomeUpn, .actorName, .actorRawID, .actorRawKey, .targetUpn,
        .mailboxOwner, .mailboxDestOwner, .emailFrom, .emailEnvelopeFrom, .emailTo, .emailCc,
        .emailBcc, .mailRuleForwardTo, .mailRuleRedirectTo, .mailRuleFrom, .siteOwnerHint,
        .sharingTarget, .teamMembers, .alertEntity,
      ]
    ),
    (.whole(.addresses), [.sourceIP, .sourceAddress, .sourceDomain, .emailSenderIP]),
    (
      .whole(.ids),
      [
        .actorID, .actorPuid, .actorSid, .targetID, .targetPuid, .targets, .mailboxGuid,
        .mailboxOwnerSid, .deviceID, .deviceMachineID, .sessionID, .sessionTokenID,
      ]
    ),
    (.whole(.devices), [.deviceName]),
    (
      .scan,
      [
        .message, .outcomeReason, .outcomeDetail, .outcomeStatus, .actorProcess, .targetName,
        .objectID, .mailboxFolder, .mailboxDestFolder, .emailSubject, .emailItems,
        .emailAttachments, .mailRuleName, .mailRuleMoveTo, .mailRuleSubjectWords,
        .mailRuleBodyWords, .fileName, .filePath, .fileURL, .fileDestPath, .fileDestName,
        .fileMalware, .siteURL, .teamName, .channelName, .chatID, .params, .changes,
        .dlpJustification, .alertName, .alertSource, .alertOperation, .alertComment, .alertURL,
        .alertData, .riskDetail, .ext, .parseIssues,
      ]
    ),
    (
      .scanNames,
      [
        .userAgentOriginal, .userAgentName, .appClientInfo, .appName, .appProcess,
        .appResourceName, .policies, .dlpSensitiveTypes, .roles, .permissions, .aiResources,
        .authRequestType, .correlationTicket,
      ]
    ),
    (
      .known,
      [
        .emailMessageID, .teamID, .channelID, .aiThreadID, .sharingID, .appVersion,
        .correlationRequestID, .alertID, .riskEventType, .aiAppHost, .aiModel, .aiProvider,
        .deviceOs, .devicePlatform, .deviceBrowser, .fileType, .fileExt,
      ]
    ),
  ]

  /// Fields whose GUIDs are those of the service and of applications; they stay wherever they are.
  static let ofTheService: [EventField] = [
    .id, .tenantID, .actorTenantID, .targetTenantID, .appID, .appResourceID, .appApiID,
    .appHostID, .correlationID, .correlationInterSystemID, .correlationIntraSystemID,
    .correlationRequestID, .alertID, .alertPolicyID, .fileItemID, .fileListID, .fileLabelID,
    .filePrevLabelID, .siteID, .siteWebID, .teamGroupID, .sharingID, .emailNetworkMessageID,
  ]

  /// Kinds of targets that are no people; others might be.
  static func isThing(_ type: ByteView) -> Bool { things[type] != nil }

  private static let things = NameTable<Bool>([
    ("application", true), ("role", true), ("policy", true), ("site", true), ("file", true),
    ("folder", true), ("list", true), ("list_item", true), ("page", true), ("alert", true),
    ("domain", true), ("channel", true), ("app", true), ("transport_rule", true),
    ("case", true), ("group", true), ("team", true), ("email", true),
  ])

  /// Fields that may be named one by one in a configuration: texts that no receiver depends on.
  static let nameable: [EventField] = EventField.allCases.filter { field in
    switch table[Int(field.rawValue)] {
    case .keep: alsoNameable.contains(field)
    default: !unnameable.contains(field)
    }
  }

  private static let alsoNameable: Set<EventField> = [
    .actorDomain, .appName, .correlationID, .correlationInterSystemID,
    .correlationIntraSystemID, .siteID, .siteWebID, .fileItemID, .fileListID,
    .emailNetworkMessageID, .fileSha256, .teamGroupID, .tenantName,
  ]

  /// Lists and objects whose members have types of their own.
  private static let unnameable: Set<EventField> = [
    .parseIssues, .policies, .dlpSensitiveTypes,
  ]
}
