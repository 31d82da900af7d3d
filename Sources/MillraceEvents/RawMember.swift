/// The top-level members of audit records that normalization reads (Activity API schema, "Common
/// schema" and the schemas of the services). All others go to `ext` as they are.
///
/// Names match byte for byte: the service is steady about letter case at the top level.
enum RawMember: UInt8, CaseIterable {
  case id, creationTime, organizationId, organizationName, tenantName, effectiveOrganization,
    workload, recordType, scope, operation, resultStatus, errorNumber, errorCode, logonError,
    loginStatus, isSuccess, succeeded, userId, userKey, userType, actor, actorContextId, target,
    targetContextId, logonUserSid, logonUserDisplayName, tokenObjectId, tokenTenantId,
    externalAccess, clientIP, clientIPAddress, actorIpAddress, actorIP, userIp, objectId,
    modifiedProperties, extendedProperties, deviceProperties, applicationId,
    applicationDisplayName, appId, clientAppId, clientInfoString, userAgent, browserName,
    browserVersion, platform, isManagedDevice, machineId, client, sessionId, appAccessContext,
    interSystemsId, intraSystemId, intraSystemsId, supportTicketId, correlationId,
    clientRequestId, requestId, activityId, uniqueTokenIdentifier, location, clientRegion,
    severity, alertSeverity, riskLevel, authenticationType, operationCount, mailboxGuid,
    mailboxOwnerUPN, parameters, policyDetails, exchangeMetaData, sharePointMetaData, itemType,
    listItemUniqueId, sourceFileName, listId, listTitle, site, siteUrl, teamGuid, teamName,
    channelGuid, channelName, chatThreadId, alertId, alertEntityId, entityType, name

  /// The names as records spell them, in the order of the cases.
  static let names: [StaticString] = [
    "Id", "CreationTime", "OrganizationId", "OrganizationName", "TenantName",
    "EffectiveOrganization", "Workload", "RecordType", "Scope", "Operation", "ResultStatus",
    "ErrorNumber", "ErrorCode", "LogonError", "LoginStatus", "IsSuccess", "Succeeded", "UserId",
    "UserKey", "UserType", "Actor", "ActorContextId", "Target", "TargetContextId", "LogonUserSid",
    "LogonUserDisplayName", "TokenObjectId", "TokenTenantId", "ExternalAccess", "ClientIP",
    "ClientIPAddress", "ActorIpAddress", "ActorIP", "UserIp", "ObjectId", "ModifiedProperties",
    "ExtendedProperties", "DeviceProperties", "ApplicationId", "ApplicationDisplayName", "AppId",
    "ClientAppId", "ClientInfoString", "UserAgent", "BrowserName", "BrowserVersion", "Platform",
    "IsManagedDevice", "MachineId", "Client", "SessionId", "AppAccessContext", "InterSystemsId",
    "IntraSystemId", "IntraSystemsId", "SupportTicketId", "CorrelationId", "ClientRequestId",
    "RequestId", "ActivityId", "UniqueTokenIdentifier", "Location", "ClientRegion", "Severity",
    "AlertSeverity", "RiskLevel", "AuthenticationType", "OperationCount", "MailboxGuid",
    "MailboxOwnerUPN", "Parameters", "PolicyDetails", "ExchangeMetaData", "SharePointMetaData",
    "ItemType", "ListItemUniqueId", "SourceFileName", "ListId", "ListTitle", "Site", "SiteUrl",
    "TeamGuid", "TeamName", "ChannelGuid", "ChannelName", "ChatThreadId", "AlertId",
    "AlertEntityId", "EntityType", "Name",
  ]

  /// Finds a member by its name.
  static let table = NameTable<RawMember>(
    zip(RawMember.names, RawMember.allCases).map { (name: $0, value: $1) })
}
