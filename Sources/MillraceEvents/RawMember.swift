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
    channelGuid, channelName, chatThreadId, alertId, alertEntityId, entityType, name,
    mailboxOwnerSid, logonType, operationProperties, folder, item, destFolder, destMailboxOwnerUPN,
    affectedItems, folders, messages, sendAsUserSmtp, sendOnBehalfOfUserSmtp, clientProcessName,
    clientVersion, p1Sender, p2Sender, recipients, subject, internetMessageId, networkMessageId,
    directionality, deliveryAction, senderIp, verdict, attachmentData, sender, receivers,
    messageTime, sourceFileExtension, sourceRelativeUrl, destinationRelativeUrl,
    destinationFileName, destinationFileExtension, fileSizeBytes, fileSyncBytesCommitted, webId,
    sensitivityLabelId, destinationLabel, sourceLabel, virusInfo, deviceDisplayName, fileData,
    targetUserOrGroupName, targetUserOrGroupType, uniqueSharingId, eventData, userSharedWith,
    incidentId, exceptionInfo, alertType, policyId, status, category, source, comments, alertLinks,
    data, alertDisplayName, alertCategory, alertUri, riskEventType, riskState, riskDetail,
    detectionTimingType, aadGroupId, channelType, communicationType, members, participantInfo,
    copilotEventData, clientMachineName, deviceId, deviceName, activity, itemName, artifactId,
    artifactName, reportId, reportName, datasetId, datasetName, dashboardId, dashboardName, message,
    entityName, urlClickAction, investigationId, investigationName,
    investigationType, hostAppId

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
    "AlertEntityId", "EntityType", "Name", "MailboxOwnerSid", "LogonType", "OperationProperties",
    "Folder", "Item", "DestFolder", "DestMailboxOwnerUPN", "AffectedItems", "Folders", "Messages",
    "SendAsUserSmtp", "SendOnBehalfOfUserSmtp", "ClientProcessName", "ClientVersion", "P1Sender",
    "P2Sender", "Recipients", "Subject", "InternetMessageId", "NetworkMessageId", "Directionality",
    "DeliveryAction", "SenderIp", "Verdict", "AttachmentData", "Sender", "Receivers", "MessageTime",
    "SourceFileExtension", "SourceRelativeUrl", "DestinationRelativeUrl", "DestinationFileName",
    "DestinationFileExtension", "FileSizeBytes", "FileSyncBytesCommitted", "WebId",
    "SensitivityLabelId", "DestinationLabel", "SourceLabel", "VirusInfo", "DeviceDisplayName",
    "FileData", "TargetUserOrGroupName", "TargetUserOrGroupType", "UniqueSharingId", "EventData",
    "UserSharedWith", "IncidentId", "ExceptionInfo", "AlertType", "PolicyId", "Status", "Category",
    "Source", "Comments", "AlertLinks", "Data", "AlertDisplayName", "AlertCategory", "AlertUri",
    "RiskEventType", "RiskState", "RiskDetail", "DetectionTimingType", "AADGroupId", "ChannelType",
    "CommunicationType", "Members", "ParticipantInfo", "CopilotEventData", "ClientMachineName",
    "DeviceId", "DeviceName", "Activity", "ItemName", "ArtifactId", "ArtifactName", "ReportId",
    "ReportName", "DatasetId", "DatasetName", "DashboardId", "DashboardName", "Message",
    "EntityName", "UrlClickAction", "InvestigationId",
    "InvestigationName", "InvestigationType", "HostAppId",
  ]

  /// Finds a member by its name.
  static let table = NameTable<RawMember>(
    zip(RawMember.names, RawMember.allCases).map { (name: $0, value: $1) })
}
