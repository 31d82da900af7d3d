# The same fields with jq, the record within.
def pairs: reduce ((. // [])[] | objects) as $pair ({}; .[$pair.Name // ""] //= $pair.Value);
def given: if . == null or . == "" then empty else . end;
def address:
  if startswith("[") then ltrimstr("[") | split("]")[0]
  elif (split(":") | length) == 2 then split(":")[0]
  else . end;
.[] | . as $record | (.ExtendedProperties | pairs) as $extended | (.DeviceProperties | pairs) as $device
| { time: .CreationTime, id: .Id, operation: .Operation, organization: .OrganizationId,
    record_type: .RecordType, result: .ResultStatus, workload: .Workload, user: .UserId,
    user_key: .UserKey, user_type: .UserType,
    ip: (first((.ClientIP, .ClientIPAddress, .ActorIpAddress) | given | address) // null),
    object: .ObjectId, app: (first((.ApplicationId, .AppId) | given) // null),
    user_agent: (first((.UserAgent, $extended.UserAgent, .ClientInfoString) | given) // null),
    site: .SiteUrl, file: .SourceFileName, item_type: .ItemType, mailbox: .MailboxOwnerUPN,
    inter_system: .InterSystemsId, intra_system: .IntraSystemId,
    result_detail: $extended.ResultStatusDetail, os: $device.OS, browser: $device.BrowserType,
    session: (first((.SessionId, $device.SessionId, .AppAccessContext.AADSessionId) | given) // null)
  }
| with_entries(select(.value != null and .value != ""))
| .raw = $record
