/// The leaf fields of the native event in the order in which they are written. Every other format
/// is a function of these (Schemas/event.schema.json says what each one means).
enum EventField: UInt8, CaseIterable {
  case schema, id, time, timeStart, timeEnd, collectedTime, availableTime, tenantID, tenantName,
    contentType, contentID, recordTypeID, recordType, recordScope, workload, service, operation,
    category, action, verb, severity, isAlert, count, message, outcomeResult, outcomeStatus,
    outcomeCode, outcomeReason, outcomeDetail, outcomeIsImplied, actorType, actorID, actorUpn,
    actorHomeUpn, actorDomain, actorName, actorPuid, actorSid, actorProcess, actorTenantID,
    actorUserTypeID, actorUserType, actorIsExternal, actorIsAdmin, actorRawID, actorRawKey,
    targetType, targetID, targetName, targetUpn, targetPuid, targetTenantID, targets, objectID,
    roles, permissions, consentIsAdmin, consentForAll, sourceIP, sourcePort, sourceAddress,
    sourceDomain, sourceKind, sourceIsPublic, sourceIsAnonymous, sourceIsHosting,
    sourceGeoCountryIso, sourceGeoCountry, sourceGeoRegionIso, sourceGeoRegion, sourceGeoCity,
    sourceGeoTimezone, sourceGeoLat, sourceGeoLon, sourceGeoAccuracyKm, sourceGeoProvider,
    sourceAsNumber, sourceAsOrg, userAgentOriginal, userAgentName, userAgentVersion, userAgentOs,
    deviceID, deviceName, deviceOs, deviceBrowser, devicePlatform, deviceMachineID,
    deviceTrustType, deviceIsCompliant, deviceIsManaged, appID, appName, appResourceID,
    appResourceName, appApiID, appHostID, appClientInfo, appVersion, appProcess, sessionID,
    sessionTokenID, sessionTokenIssuedTime, correlationID, correlationInterSystemID,
    correlationIntraSystemID, correlationRequestID, correlationTicket, authRequestType,
    authResultDetail, authErrorName, authProtocol, authMethodCode, authTokenType, authFirstFactor,
    authIsMfa, authIsInteractive, authIsContinuation, authIsLegacy, authKeepSignedIn, ext, labels,
    isTruncated, parseIssues, raw

  /// Where each field stands in the event, in the order of the cases: at most three levels.
  static let paths: [StaticString] = [
    "schema", "id", "time", "time_start", "time_end", "collected_time", "available_time",
    "tenant.id", "tenant.name", "content.type", "content.id", "record.type_id", "record.type",
    "record.scope", "workload", "service", "operation", "category", "action", "verb", "severity",
    "is_alert", "count", "message", "outcome.result", "outcome.status", "outcome.code",
    "outcome.reason", "outcome.detail", "outcome.is_implied", "actor.type", "actor.id",
    "actor.upn", "actor.home_upn", "actor.domain", "actor.name", "actor.puid", "actor.sid",
    "actor.process", "actor.tenant_id", "actor.user_type_id", "actor.user_type",
    "actor.is_external", "actor.is_admin", "actor.raw_id", "actor.raw_key", "target.type",
    "target.id", "target.name", "target.upn", "target.puid", "target.tenant_id", "targets",
    "object_id", "roles", "permissions", "consent.is_admin", "consent.for_all", "source.ip",
    "source.port", "source.address", "source.domain", "source.kind", "source.is_public",
    "source.is_anonymous", "source.is_hosting", "source.geo.country_iso", "source.geo.country",
    "source.geo.region_iso", "source.geo.region", "source.geo.city", "source.geo.timezone",
    "source.geo.lat", "source.geo.lon", "source.geo.accuracy_km", "source.geo.provider",
    "source.as_number", "source.as_org", "user_agent.original", "user_agent.name",
    "user_agent.version", "user_agent.os", "device.id", "device.name", "device.os",
    "device.browser", "device.platform", "device.machine_id", "device.trust_type",
    "device.is_compliant", "device.is_managed", "app.id", "app.name", "app.resource_id",
    "app.resource_name", "app.api_id", "app.host_id", "app.client_info", "app.version",
    "app.process", "session.id", "session.token_id", "session.token_issued_time",
    "correlation.id", "correlation.inter_system_id", "correlation.intra_system_id",
    "correlation.request_id", "correlation.ticket", "auth.request_type", "auth.result_detail",
    "auth.error_name", "auth.protocol", "auth.method_code", "auth.token_type",
    "auth.first_factor", "auth.is_mfa", "auth.is_interactive", "auth.is_continuation",
    "auth.is_legacy", "auth.keep_signed_in", "ext", "labels", "is_truncated", "parse_issues",
    "raw",
  ]

  /// Where the field stands in the event, its names joined by dots.
  var path: StaticString { EventField.paths[Int(rawValue)] }
}
