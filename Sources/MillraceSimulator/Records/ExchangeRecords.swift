/// What Exchange tells: mailboxes that were read, mail that was sent, cmdlets that were run.
enum ExchangeRecords {
  static let entries: [(weight: Int, text: String)] = [
    (760, access(items: "1-3", kind: "Bind")), (106, access(items: "0-1", kind: "Sync")),
    (24, sent), (20, deleted), (50, cmdlet), (14, inboxRule), (14, system), (6, permissions),
    (6, differentAddresses),
  ]

  private static func mailbox(_ operation: String, type: Int) -> String {
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"\#(operation)","#
      + #""OrganizationId":"{{tid}}","RecordType":\#(type),"ResultStatus":"{{pick:Succeeded|Succeeded|Succeeded|PartiallySucceeded}}","#
      + #""UserKey":"{{userkey}}","UserType":0,"Version":1,"Workload":"Exchange","#
      + #""UserId":"{{alias}}@{{domain}}","ClientIPAddress":"{{oddip}}","#
      + #""ClientInfoString":"Client={{pick:OWA;Action=ViaProxy|MSExchangeRPC|REST;Client=RESTSystem;;|ActiveSync;MSFT-WP/8.10|WebServices;ExchangeServicesClient/15.00}}","#
      + #""ExternalAccess":false,"InternalLogonType":0,"LogonType":{{pick:0|0|0|0|2|1|"0"}},"#
      + #""LogonUserSid":"S-1-5-21-1{{number:100000000-999999999}}-2{{number:100000000-999999999}}-{{number:1000-99999}}","#
      + #""MailboxGuid":"{{guid:mailbox}}","MailboxOwnerSid":"S-1-5-21-1004336348-1177238915-{{number:1000-99999}}","#
      + #""MailboxOwnerUPN":"{{alias}}@{{domain}}","OrganizationName":"{{org}}.onmicrosoft.com","#
      + #""OriginatingServer":"{{server}}{{pick:\r\n||}}","SessionId":"{{guid:session}}","#
  }

  private static func access(items: String, kind: String) -> String {
    mailbox("MailItemsAccessed", type: 50)
      + #""AppId":"{{guid:application}}","ClientAppId":"","ClientRequestId":"{{guid:request}}","#
      + #""OperationProperties":[{"Name":"MailAccessType","Value":"\#(kind)"},{"Name":"IsThrottled","Value":"{{pick:False|False|False|True}}"}],"#
      + #""Folders":[{{list:\#(items):mailfolder}}],"OperationCount":{{number:1-9}}}"#
  }

  private static let sent =
    mailbox("{{pick:Send|SendAs|Create|Update|SendOnBehalf}}", type: 2)
    + #""ClientProcessName":"OUTLOOK.EXE","ClientVersion":"16.0.18129.20158","#
    + #""Item":{"Attachments":"{{file}} ({{number:900-99000}}b); ","Id":"RgAAAAB{{hex:64}}","#
    + #""InternetMessageId":"<{{hex:32}}@example.com>","IsRecord":false,"#
    + #""ParentFolder":{"Id":"LgAAAAB{{hex:40}}","Path":"\\{{pick:Sent Items|Drafts|Gesendete Elemente}}"},"#
    + #""SizeInBytes":{{pick:1156492.00|48211|"1e9"}},"Subject":"{{subject}}"},"#
    + #""ModifiedProperties":["RecipientsTo","Subject"],"SaveToSentItems":true}"#

  private static let deleted =
    mailbox("{{pick:SoftDelete|HardDelete|MoveToDeletedItems|Move}}", type: 3)
    + #""AffectedItems":[{{list:1-6:affected}}],"CrossMailboxOperation":false,"#
    + #""DestFolder":{"Id":"LgAAAAB{{hex:40}}","Path":"\\Deleted Items"},"#
    + #""Folder":{"Id":"LgAAAAB{{hex:40}}","Path":"\\Inbox"}}"#

  private static let cmdlet =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:Set-Mailbox|Set-MailboxPlan|Set-User|Set-TransportConfig|Set-OwaMailboxPolicy|New-Mailbox|Remove-UnifiedGroup|Set-AdminAuditLogConfig}}","#
    + #""OrganizationId":"{{tid}}","RecordType":1,"ResultStatus":"{{pick:True|True|TRUE|False}}","#
    + #""UserKey":"{{userkey}}","UserType":2,"Version":1,"Workload":"Exchange","#
    + #""ClientIP":"{{oddip}}","ObjectId":"EURPR07A010.PROD.OUTLOOK.COM\/Microsoft Exchange Hosted Organizations\/{{org}}.onmicrosoft.com\/{{alias2}}","#
    + #""UserId":"{{alias}}@{{domain}}","AppId":"","ClientAppId":"","ExternalAccess":{{pick:false|false|"False"}},"#
    + #""OrganizationName":"{{org}}.onmicrosoft.com","OriginatingServer":"{{server}}","#
    + #""Parameters":[{{list:1-6:parameter}}],"SessionId":"{{guid:session}}","#
    + #""ModifiedProperties":[{"Name":"ExtensionCustomAttribute1","NewValue":"","OldValue":null}]}"#

  private static let inboxRule =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:New-InboxRule|Set-InboxRule|UpdateInboxRules|New-TransportRule}}","#
    + #""OrganizationId":"{{tid}}","RecordType":1,"ResultStatus":"True","UserKey":"{{userkey}}","#
    + #""UserType":2,"Version":1,"Workload":"Exchange","ClientIP":"{{oddip}}","#
    + #""ObjectId":"{{alias}}\\{{pick:.|..|move to rss|Règle 1}}","UserId":"{{alias}}@{{domain}}","#
    + #""ExternalAccess":false,"OrganizationName":"{{org}}.onmicrosoft.com","#
    + #""OriginatingServer":"{{server}}","Parameters":[{"Name":"AlwaysDeleteOutlookRulesBlob","Value":"False"},{"Name":"Name","Value":"{{pick:.|rss|Règle 1}}"},{"Name":"SubjectOrBodyContainsWords","Value":"invoice;payment;überweisung"},{"Name":"ForwardTo","Value":"{{alias2}}@example.org"},{"Name":"DeleteMessage","Value":"True"}],"SessionId":""}"#

  /// What the datacenter does by itself, with an actor that is no person and no address.
  private static let system =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:Install-AdminAuditLogConfig|Set-TenantObjectVersion|Enable-AddressListPaging|New-ExchangeAssistanceConfig}}","#
    + #""OrganizationId":"{{tid}}","RecordType":1,"ResultStatus":"True","#
    + #""UserKey":"NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)","UserType":3,"Version":1,"#
    + #""Workload":"Exchange","ObjectId":"{{org}}.onmicrosoft.com","#
    + #""UserId":"NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)","ExternalAccess":true,"#
    + #""OrganizationName":"{{org}}.onmicrosoft.com","OriginatingServer":"{{server}}\r\n","#
    + #""Parameters":[{{list:1-4:parameter}}]}"#

  private static let permissions =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:Add-MailboxPermission|Add-RecipientPermission|ModifyFolderPermissions}}","#
    + #""OrganizationId":"{{tid}}","RecordType":1,"ResultStatus":"True","UserKey":"{{userkey}}","#
    + #""UserType":2,"Version":1,"Workload":"Exchange","ClientIP":"{{oddip}}","#
    + #""ObjectId":"CN={{alias2}},OU={{org}}.onmicrosoft.com,OU=Microsoft Exchange Hosted Organizations,DC=EURPR07A010","#
    + #""UserId":"{{alias}}@{{domain}}","ExternalAccess":false,"OriginatingServer":"{{server}}","#
    + #""Parameters":[{"Name":"Identity","Value":"{{alias2}}"},{"Name":"User","Value":"{{alias}}@{{domain}}"},{"Name":"AccessRights","Value":"FullAccess"},{"Name":"AccessRights","Value":"ReadPermission"}]}"#

  /// A record in which two members name different addresses of the client.
  private static let differentAddresses =
    mailbox("MailboxLogin", type: 2)
    + #""ClientIP":"198.51.100.254","ActorIP":"{{ip}}","ActorInfoString":"{{agent}}","#
    + #""AuthType":"Bearer","TokenObjectId":"{{userguid}}","TokenTenantId":"{{tid}}"}"#
}
