/// What fields of the native event are made of, for explanations. Data: the members of the record
/// that may hold the value, in the order of precedence, and the rule where it is more than taking
/// one over. A field that is not here is looked for in the whole record.
enum EventFieldOrigins {
  /// One row: the field, its members, its rule.
  struct Origin: Sendable {
    let members: [String]
    let rule: String
  }

  static let table: [String: Origin] = {
    var table: [String: Origin] = [:]
    for row in rows {
      precondition(table[row.path] == nil, "\(row.path) has two rows")
      table[row.path] = Origin(
        members: row.members.split(separator: " ").map(String.init), rule: row.rule)
    }
    return table
  }()

  private static let rows: [(path: String, members: String, rule: String)] = [
    ("schema", "", "the version of the schema"),
    ("id", "Id", "lower case"),
    ("time", "CreationTime", "in UTC; else when the blob was available or fetched"),
    ("collected_time", "", "when the blob was fetched"),
    ("available_time", "", "when the service made the blob available"),
    ("tenant.id", "OrganizationId", "else the tenant that was asked"),
    ("tenant.name", "OrganizationName TenantName EffectiveOrganization", "else as configured"),
    ("content.type", "", "the feed of the blob"),
    ("content.id", "", "the name of the blob"),
    ("record.type_id", "RecordType", "a number, or a name from the table of record types"),
    ("record.type", "RecordType", "table of record types"),
    ("record.scope", "Scope", "0 is online, 1 is onprem"),
    ("workload", "Workload", ""),
    ("service", "RecordType Workload", "table of services"),
    ("operation", "Operation", ""),
    ("category", "Operation RecordType", "table of operations, else the words of the operation"),
    ("action", "Operation", "table of operations, else the words of the operation"),
    ("verb", "Operation", "table of operations, else the words of the operation"),
    (
      "severity", "Severity AlertSeverity RiskLevel PolicyDetails Data",
      "highest of the record's and the operation's"
    ),
    (
      "is_alert", "RecordType Operation PolicyDetails PolicyMatchInfo",
      "record types of alerts and policies"
    ),
    ("count", "OperationCount", ""),
    ("message", "", "who did what to what, of the other fields"),
    (
      "outcome.result",
      "ErrorNumber ErrorCode LoginStatus LogonError IsSuccess Succeeded ResultStatus Operation",
      "the first that counts for the record type; codes by the table of sign-in codes"
    ),
    ("outcome.status", "ResultStatus", ""),
    ("outcome.code", "ErrorNumber ErrorCode LoginStatus", ""),
    (
      "outcome.reason",
      "LogonError ExtendedProperties[LoginError] ErrorNumber"
        + " ModifiedProperties[MethodExecutionResult.]",
      "table of sign-in codes"
    ),
    ("outcome.detail", "ExtendedProperties[LoginError]", ""),
    ("outcome.is_implied", "RecordType", "no status: the service logs what was done only"),
    ("actor.type", "UserId UserType UserKey Actor", "forms of user names, then the user type"),
    ("actor.id", "Actor UserKey UserId TokenObjectId", "lower case"),
    ("actor.upn", "UserId ActorUserId Actor SharePointMetaData ExchangeMetaData", "lower case"),
    ("actor.home_upn", "UserId", "the address in a guest's name, before #EXT#"),
    ("actor.domain", "UserId Actor SharePointMetaData ExchangeMetaData", "what follows the @"),
    ("actor.name", "UserId LogonUserDisplayName Actor", ""),
    ("actor.puid", "Actor UserKey UserId", "upper case"),
    ("actor.sid", "UserId LogonUserSid UserKey", ""),
    ("actor.process", "UserId", "in brackets after a system's account"),
    ("actor.tenant_id", "ActorContextId TokenTenantId UserId UserKey Members", "lower case"),
    ("actor.user_type_id", "UserType", ""),
    ("actor.user_type", "UserType", "table of user types"),
    (
      "actor.is_external", "UserId ExternalAccess Members", "a guest's name, or access from outside"
    ),
    ("actor.is_admin", "UserType", "types of administrators"),
    ("actor.raw_id", "UserId", ""),
    ("actor.raw_key", "UserKey", ""),
    ("target.type", "Target ObjectId Operation ItemType EntityType", "what the record is about"),
    (
      "target.id",
      "Target AddOnGuid MailboxGuid ListItemUniqueId ListId Site ObjectId Parameters WorkspaceId"
        + " PolicyId ArtifactId ReportId TeamGuid ChannelGuid ChatThreadId InternetMessageId"
        + " ExchangeMetaData ExchangeDetails",
      "lower case"
    ),
    (
      "target.name",
      "Target AddOnName SourceFileName MailboxOwnerUPN ListTitle AlertEntityId Name ObjectId"
        + " Parameters WorkSpaceName PolicyName ReportName AdditionalInfo TeamName ChannelName"
        + " Subject ExchangeMetaData FileName CaseName EventData Url URL ExchangeDetails",
      "else the table of applications"
    ),
    (
      "target.upn",
      "Target MailboxOwnerUPN AlertEntityId ObjectId Data EventValue TargetUserId Parameters",
      "lower case"
    ),
    ("target.puid", "Target", "upper case"),
    ("target.tenant_id", "TargetContextId", "lower case"),
    (
      "targets",
      "Target ModifiedProperties Parameters Item Members TargetUserOrGroupName"
        + " MembershipInformation Data",
      "the target, then whom or what else the record names"
    ),
    ("object_id", "ObjectId", ""),
    (
      "roles",
      "ModifiedProperties[Role.DisplayName] ModifiedProperties[Role.WellKnownObjectName]"
        + " Target Parameters", ""
    ),
    ("source.ip", "ActorIpAddress ClientIPAddress ClientIP", "the first public one, canonical"),
    ("source.port", "ActorIpAddress ClientIPAddress ClientIP", "what follows the address"),
    ("source.address", "ActorIpAddress ClientIPAddress ClientIP", ""),
    ("source.kind", "ActorIpAddress ClientIPAddress ClientIP", "which address it is"),
    ("source.is_public", "ActorIpAddress ClientIPAddress ClientIP", "ranges of addresses"),
    ("source.geo.provider", "", "the operator's database, or the record"),
    ("user_agent.original", "UserAgent ExtendedProperties Client ClientInfoString", ""),
    ("user_agent.name", "BrowserName DeviceProperties[BrowserType]", ""),
    ("user_agent.version", "BrowserVersion", ""),
    (
      "device.trust_type", "DeviceProperties[TrustType] DeviceProperties[DeviceTrustType]",
      "0 registered, 1 joined, 2 hybrid"
    ),
    ("device.is_compliant", "DeviceProperties", "IsCompliant, IsCompliantAndManaged"),
    ("device.is_managed", "IsManagedDevice DeviceProperties", "IsCompliantAndManaged"),
    ("app.resource_name", "ObjectId Target", "table of applications"),
    ("app.host_id", "HostAppId", "lower case"),
    ("app.id", "ApplicationId ClientAppId AppId AppAccessContext", "lower case"),
    (
      "app.name", "ApplicationDisplayName ApplicationId ClientAppId AppId",
      "table of applications"
    ),
    ("app.resource_id", "ObjectId Target", "lower case"),
    ("app.client_info", "ClientInfoString", ""),
    ("session.id", "SessionId AppAccessContext DeviceProperties[SessionId]", ""),
    ("correlation.id", "CorrelationId", ""),
    ("correlation.inter_system_id", "InterSystemsId", ""),
    ("correlation.intra_system_id", "IntraSystemId IntraSystemsId", ""),
    ("correlation.ticket", "SupportTicketId", ""),
    ("auth.request_type", "ExtendedProperties[RequestType]", ""),
    ("auth.result_detail", "ExtendedProperties[ResultStatusDetail]", ""),
    ("auth.method_code", "ExtendedProperties[UserAuthenticationMethod]", ""),
    (
      "auth.protocol", "ExtendedProperties[RequestType] AuthenticationType",
      "what stands before the colon"
    ),
    ("auth.error_name", "LogonError", ""),
    ("auth.first_factor", "ErrorNumber ErrorCode LogonError", "table of sign-in codes"),
    ("auth.is_interactive", "ExtendedProperties[RequestType]", "a page, or the token endpoint"),
    ("auth.is_continuation", "ExtendedProperties[RequestType]", "a step in between"),
    (
      "auth.is_mfa", "ErrorNumber ExtendedProperties[RequestType]",
      "codes, steps and details that are of a second factor"
    ),
    ("auth.is_legacy", "UserAgent ExtendedProperties[UserAgent]", "user agents of old clients"),
    ("ext", "", "members that no field holds"),
    ("parse_issues", "", "what was odd about the record"),
    ("raw", "", "the record"),
  ]
}
