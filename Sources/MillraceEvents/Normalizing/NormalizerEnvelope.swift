import MillraceCore

/// The envelope: ids, times, tenant, record type, operation (Activity API schema, "Common schema").
extension Normalizer {
  mutating func readEnvelope(_ context: EventContext) {
    event.set(.schema, "millrace/1.0")
    if let id = text(.id) {
      event.set(.id, arena.lowercase(id))
      members.lift(.id)
    } else {
      issues.add("Id", "missing")
    }
    readTenant(context)
    if !context.contentType.isEmpty { event.set(.contentType, arena.copy(context.contentType)) }
    if !context.contentID.isEmpty { event.set(.contentID, arena.copy(context.contentID)) }
    readRecordType()
    removeSecrets()
    lift(.workload, to: .workload)
    let workload = event.text(.workload).map { arena.lowercase($0) }
    event.set(
      .service, ServiceNames.slug(recordType: recordType, family: family, workload: workload))
    if let scope = text(.scope) {
      switch scope {
      case _ where LenientNumber.integer(scope) == 0 || scope.isAnyCase("online"):
        event.set(.recordScope, "online")
      case _ where LenientNumber.integer(scope) == 1 || scope.isAnyCase("onprem"):
        event.set(.recordScope, "onprem")
      default: return
      }
      members.lift(.scope)
    }
  }

  private mutating func readTenant(_ context: EventContext) {
    if let tenant = text(.organizationId) {
      event.set(.tenantID, arena.lowercase(tenant))
      members.lift(.organizationId)
    } else if !context.tenant.isEmpty {
      event.set(.tenantID, arena.copy(context.tenant))
    }
    // The name that the operator gave is in all events; an id given for want of one is no name.
    let given = context.tenantName.isEmpty ? nil : arena.copy(context.tenantName)
    if let given, !given.isGUID { event.set(.tenantName, given) }
    for member in [RawMember.organizationName, .tenantName, .effectiveOrganization] {
      if organization == nil { organization = text(member) }
      liftIfSame(member, .tenantName)
    }
    if let given {
      event.setIfAbsent(.tenantName, given)
      if organization == nil { organization = given }
    }
  }

  private mutating func readRecordType() {
    guard let text = text(.recordType) else {
      issues.add("RecordType", members.value(.recordType) == nil ? "missing" : "not a number")
      return
    }
    guard let number = LenientNumber.integer(text) ?? RecordTypeNames.byName[text] else {
      issues.add("RecordType", "not a number")
      return
    }
    recordType = number
    family = RecordFamily(recordType: number)
    event.set(.recordTypeID, number)
    if let name = RecordTypeNames.name(of: number) {
      event.set(.recordType, name)
    } else {
      scratch.removeAll()
      scratch.append("RecordType_")
      scratch.append(integer: number)
      event.set(.recordType, arena.copy(scratch.view))
    }
    members.lift(.recordType)
  }

  /// Sets the times; the event's own is `CreationTime`, or the next best that is known.
  mutating func readTimes(_ context: EventContext, _ known: Timestamp?) -> Timestamp {
    var time = context.available ?? context.collected ?? Timestamp(milliseconds: 0)
    if let text = text(.creationTime) {
      if let parsed = known ?? RecordTime.read(text) {
        time = parsed
        event.spelledTime = text
        members.lift(.creationTime)
      } else {
        issues.add("CreationTime", "not a time")
      }
    } else {
      issues.add("CreationTime", "missing")
    }
    event.set(.time, time)
    if let collected = context.collected {
      event.set(.collectedTime, .constant(collectedText.text(of: collected)))
    }
    if let available = context.available {
      event.set(.availableTime, .constant(availableText.text(of: available)))
    }
    return time
  }

  mutating func readOperation() {
    let category = family.category(recordType: recordType)
    if let value = members.value(.operation), let text = scalarText(value),
      !text.trimmed.isEmpty
    {
      operation = text
      operationKey = OperationWords.key(of: text, in: &arena)
      event.set(.operation, text)
      members.lift(.operation)
    } else {
      issues.add("Operation", "missing")
    }
    if let count = integer(.operationCount), count >= 0 {
      event.set(.count, count)
      members.lift(.operationCount)
    }
    if let found = OperationTables.find(operationKey, family: family, recordType: recordType) {
      return setMeaning(found)
    }
    let words = OperationWords.meaning(
      of: operation.map { OperationWords.spelled($0, in: &arena) } ?? ByteView(""),
      category: category, isOfCmdlets: family == .exchangeAdmin || recordType == 57,
      arena: &arena)
    event.set(.category, words.category.name)
    event.set(.action, family == .directory ? "directory.other" : words.action)
    event.set(.verb, words.verb.name)
  }

  /// Says what the record is about; a later step may know better.
  mutating func setMeaning(_ meaning: OperationMeaning) {
    self.meaning = meaning
    event.set(.category, meaning.category.name)
    event.set(.action, meaning.action)
    event.set(.verb, meaning.verb.name)
  }

  /// Session and correlation ids. Ids of tokens keep their letter case.
  mutating func readCorrelation() {
    for (member, field) in [
      (RawMember.sessionId, EventField.sessionID), (.correlationId, .correlationID),
      (.interSystemsId, .correlationInterSystemID),
      (.intraSystemId, .correlationIntraSystemID), (.intraSystemsId, .correlationIntraSystemID),
      (.supportTicketId, .correlationTicket),
    ] {
      liftIfSame(member, field)
    }
    // An id of a token is another one in another letter case.
    if let id = text(.uniqueTokenIdentifier) {
      event.setIfAbsent(.sessionTokenID, id)
      if event.text(.sessionTokenID).map({ $0 == id }) == true {
        members.lift(.uniqueTokenIdentifier)
      }
    }
    for member in [RawMember.clientRequestId, .requestId, .activityId] {
      guard let text = text(member) else { continue }
      let isWrapped = text.first == Ascii.openBrace && text.last == Ascii.closeBrace
      let id = isWrapped ? text.slice(1, text.count - 1).trimmed : text
      if !event.has(.correlationRequestID) { event.set(.correlationRequestID, id) }
      if let present = event.text(.correlationRequestID), present.equalsIgnoringCase(id) {
        members.lift(member)
      }
    }
  }
}
