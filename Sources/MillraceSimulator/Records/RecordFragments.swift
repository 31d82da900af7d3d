/// Parts that records repeat.
enum RecordFragments {
  static let named: [String: String] = [
    "mailfolder": mailFolder, "mailitem": mailItem, "modified": modifiedProperty,
    "entity": investigationEntity, "member": teamMember, "resource": copilotResource,
    "affected": affectedItem, "parameter": cmdletParameter,
  ]

  private static let mailFolder =
    #"{"FolderItems":[{{list:1-5:mailitem}}],"Id":"LgAAAAB{{hex:40}}AAAB","#
    + #""Path":"\\{{pick:Inbox|Sent Items|Drafts|Boîte de réception|Inbox\\Rechnungen|受信トレイ}}"}"#

  private static let mailItem =
    #"{"ClientRequestId":"{{newguid}}","Id":"RgAAAAB{{hex:48}}AAAJ","#
    + #""ImmutableId":"{{pick:ErrorDuringIdConversion|LgAAAA}}","#
    + #""InternetMessageId":"<{{hex:32}}@example.com>","SizeInBytes":{{number:2100-940000}}}"#

  private static let affectedItem =
    #"{"Id":"RgAAAAB{{hex:48}}","InternetMessageId":"<{{hex:24}}@example.net>","#
    + #""ParentFolder":{"Id":"LgAAAAB{{hex:32}}","Path":"\\Inbox"},"Subject":"{{subject}}"}"#

  private static let modifiedProperty =
    #"{"Name":"{{pick:AccountEnabled|Department|DisplayName|StrongAuthenticationRequirement|TargetId.DeviceId|Included Updated Properties}}","#
    + #""NewValue":"[\r\n  {\r\n    \"Value\": \"{{hex:24}}\",\r\n    \"Enabled\": {{pick:true|false}}\r\n  }\r\n]","#
    + #""OldValue":"{{pick:[]||[\r\n  \"before\"\r\n]}}"}"#

  private static let investigationEntity =
    #"{\"$id\":\"{{number:2-90}}\",\"Type\":\"{{pick:mail-message|ip|url|mailbox|file}}\",\"Recipient\":\"{{alias}}@{{domain}}\",\"P1Sender\":\"sender{{number:1-99}}@example.net\",\"SenderIP\":\"{{ip}}\",\"ReceivedDate\":\"{{time}}\",\"NetworkMessageId\":\"{{newguid}}\",\"ThreatIntelligence\":[],\"Urn\":\"urn:MailEntity:{{hex:32}}\",\"LastVerdict\":\"{{pick:Clean|Malicious|Suspicious}}\"}"#

  private static let teamMember =
    #"{"DisplayName":"{{name2}}","Role":{{number:0-2}},"UPN":"member{{number:1-400}}@{{domain}}"}"#

  private static let copilotResource =
    #"{"Action":"Read","Id":"https:\/\/{{org}}.sharepoint.com\/sites\/{{site}}\/Shared%20Documents\/{{hex:12}}.docx","#
    + #""listItemUniqueId":"{{newguid}}","Name":"{{file}}","SensitivityLabelId":"","#
    + #""SiteUrl":"https:\/\/{{org}}.sharepoint.com\/sites\/{{site}}","Type":"docx"}"#

  private static let cmdletParameter =
    #"{"Name":"{{pick:Identity|Confirm|Force|DisplayName|Enabled|Quota|Priority|AccessRights}}","#
    + #""Value":"{{pick:True|False|1156492.00|All Users|FullAccess|}}"}"#
}
