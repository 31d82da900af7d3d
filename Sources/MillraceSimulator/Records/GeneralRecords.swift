/// What everything else tells: Teams, alerts, investigations, Copilot, and types nobody knows.
enum GeneralRecords {
  static let entries: [(weight: Int, text: String)] = [
    (430, message), (200, chat), (120, team), (40, teamSession), (50, alert), (12, alertEntity),
    (10, investigation), (60, copilot), (20, powerBI), (12, cmdlet), (8, mailThreat),
    (8, cloudAppAlert), (8, urlClick), (12, unknownNumber), (10, unknownText),
  ]

  private static func teams(_ operation: String) -> String {
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"\#(operation)","#
      + #""OrganizationId":"{{tid}}","RecordType":25,"UserKey":"{{userguid}}","UserType":0,"#
      + #""Version":1,"Workload":"MicrosoftTeams","ClientIP":"{{oddip}}","#
      + #""UserId":"{{alias}}@{{domain}}","AADGroupId":"{{guid:group}}","#
  }

  private static let message =
    teams(
      "{{pick:MessageSent|MessageSent|MessageUpdated|MessageReadReceiptReceived|ReactedToMessage}}")
    + #""ChannelGuid":"19:{{hex:32}}@thread.tacv2","ChannelName":"{{pick:General|Général|Allgemein|雑談}}","#
    + #""ChannelType":"Standard","CommunicationType":"Team","ExtraProperties":[{"Key":"TimeZone","Value":"Europe/Berlin"},{"Key":"OsName","Value":"windows"}],"#
    + #""ItemName":"{{guid:item}}","MessageId":"{{epoch}}{{number:100-999}}","MessageSizeInBytes":{{number:20-40000}},"#
    + #""MessageURLs":["https://example.com/{{hex:10}}"],"MessageVersion":"{{epoch}}000","#
    + #""ParticipantInfo":{"HasForeignTenantUsers":false,"HasGuestUsers":{{pick:true|false}},"HasOtherGuestUsers":false,"HasUnauthenticatedUsers":false,"ParticipatingTenantIds":["{{tid}}"]},"#
    + #""ResourceTenantId":"{{tid}}","TeamGuid":"19:{{hex:32}}@thread.tacv2","TeamName":"{{site}} team"}"#

  private static let chat =
    teams("{{pick:ChatCreated|MessageSent|ChatRetrieved|MessageCreatedHasLink}}")
    + #""ChatThreadId":"19:{{userguid}}_{{userguid2}}@unq.gbl.spaces","CommunicationType":"{{pick:OneOnOne|GroupChat}}","#
    + #""ItemName":"19:{{userguid}}","MessageId":"{{epoch}}777","Members":[{{list:2-4:member}}],"ExtraProperties":[]}"#

  private static let team =
    teams(
      "{{pick:MemberAdded|MemberRoleChanged|TeamCreated|ChannelAdded|AppInstalled|TeamSettingChanged}}"
    )
    + #""AddOnGuid":"{{guid:addon}}","AddOnName":"{{pick:Planner|Polls|Wiki}}","AddOnType":{{number:1-3}},"#
    + #""Members":[{{list:1-6:member}}],"TeamGuid":"19:{{hex:32}}@thread.tacv2","TeamName":"Projekt „Öko“"}"#

  private static let teamSession =
    teams("TeamsSessionStarted")
    + #""ObjectId":"{{pick:Unknown (Unknown)|Windows (1.7.00.1864)}}","#
    + #""DeviceId":"","ExtraProperties":[]}"#

  /// An alert. Its data is JSON in a string, with line breaks and blanks.
  private static let alert =
    #"{"CreationTime":"{{time}}{{pick:||Z}}","Id":"{{id}}","Operation":"{{pick:AlertTriggered|AlertTriggered|AlertUpdated}}","#
    + #""OrganizationId":"{{tid}}","RecordType":40,"ResultStatus":"Succeeded","#
    + #""UserKey":"SecurityComplianceAlerts","UserType":4,"Version":1,"#
    + #""Workload":"SecurityComplianceCenter","ObjectId":"{{guid:alert}}","#
    + #""UserId":"SecurityComplianceAlerts","AlertId":"{{guid:alert}}","AlertLinks":[{"AlertLinkHref":""}],"#
    + #""AlertType":"{{pick:System|Custom}}","Category":"{{pick:ThreatManagement|DataLossPrevention|AccessGovernance|MailFlow}}","#
    + #""Comments":"New alert","Data":"{\r\n  \"etype\": \"User\",\r\n  \"eid\": \"{{alias}}@{{domain}}\",\r\n  \"op\": \"FileDownloaded\",\r\n  \"tid\": \"{{tid}}\",\r\n  \"ts\": \"{{portaltime}}\",\r\n  \"te\": \"{{time7}}\",\r\n  \"sip\": \"{{ip}}\",\r\n  \"trc\": \"{{number:1-90}}\",\r\n  \"sev\": \"High\"\r\n}","#
    + #""Name":"{{pick:Unusual volume of file deletion|Suspicious email sending patterns detected|Elevation of Exchange admin privilege|Malware campaign – détecté}}","#
    + #""PolicyId":"{{guid:policy}}","Severity":"{{pick:Low|Medium|High|Informational}}","#
    + #""Source":"Office 365 Security & Compliance","Status":"{{pick:Active|Investigating|Resolved}}"}"#

  private static let alertEntity =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"AlertEntityGenerated","#
    + #""OrganizationId":"{{tid}}","RecordType":40,"ResultStatus":"New","#
    + #""UserKey":"SecurityComplianceAlerts","UserType":4,"Version":1,"#
    + #""Workload":"SecurityComplianceCenter","ObjectId":"{{alias}}@{{domain}}","#
    + #""UserId":"SecurityComplianceAlerts","AlertEntityId":"{{alias}}@{{domain}}","#
    + #""AlertId":"{{guid:alert}}","AlertType":"System","Data":"[[Id: {{hex:8}}, not JSON at all","#
    + #""EntityType":"User","Severity":"Low","Source":"Cloud App Security","Status":"Active"}"#

  /// An investigation: the largest records. Inside, one key stands twice, with two kinds of dates.
  private static let investigation =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"AirInvestigationData","#
    + #""OrganizationId":"{{tid}}","RecordType":64,"UserKey":"AirInvestigation","UserType":4,"#
    + #""Version":1,"Workload":"AirInvestigation","ObjectId":"{{guid:investigation}}","#
    + #""UserId":"AirInvestigation","Actions":["{\"$id\":\"1\",\"ActionId\":\"urn:EmailZapper:{{hex:32}}\",\"Status\":\"Pending\"}"],"#
    + #""Data":"{\"Version\":\"3.0\",\"VendorName\":\"Microsoft\",\"QueryTime\":\"{{time7}}\",\"QueryTime\":\"{{portaltime}}\",\"Entities\":[{{list:6-14:entity}}]}","#
    + #""DeepLinkUrl":"https:\/\/security.microsoft.com\/mtp-investigation\/{{guid:investigation}}","#
    + #""EndTimeUtc":"{{time}}","InvestigationId":"urn:ZappedUrlInvestigation:{{hex:32}}","#
    + #""InvestigationName":"Mail with malicious urls is zapped – urn:{{hex:16}}","#
    + #""InvestigationType":"ZappedUrlInvestigation","LastUpdateTimeUtc":"{{time}}","#
    + #""RunningTime":{{number:10-9000}},"StartTimeUtc":"{{time}}","Status":"{{pick:Running|Remediated|Threats Found|No threats found}}"}"#

  private static let copilot =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"CopilotInteraction","#
    + #""OrganizationId":"{{tid}}","RecordType":261,"UserKey":"{{userkey}}","UserType":0,"#
    + #""Version":1,"Workload":"Copilot","ClientIP":"{{pick:ffff:10.11.0.229|203.0.113.88|}}","#
    + #""UserId":"{{alias}}@{{domain}}","ClientRegion":"{{pick:de|us|jp}}","CopilotLogVersion":"1.0.0.0","#
    + #""CopilotEventData":{"AccessedResources":[{{list:0-3:resource}}],"AppHost":"{{pick:Word|Teams|Outlook|Excel|M365App}}","#
    + #""AISystemPlugin":[{"Id":"BingWebSearch","Name":"BuiltIn"}],"#
    + #""Contexts":[{"Id":"https:\/\/{{org}}-my.sharepoint.com\/personal\/{{alias}}\/{{hex:8}}.docx","Type":"docx"}],"#
    + #""MessageIds":[],"Messages":[{"Id":"{{epoch}}1","isPrompt":true},{"Id":"{{epoch}}2","isPrompt":false}],"#
    + #""ModelTransparencyDetails":[{"ModelName":"DEEP_LEO"}],"ThreadId":"19:{{hex:32}}@thread.v2"}}"#

  private static let powerBI =
    #"{"Id":"{{id}}","RecordType":20,"CreationTime":"{{time}}","Operation":"{{pick:ViewReport|CreateArtifact|ExportReport|GetDatasources}}","#
    + #""OrganizationId":"{{tid}}","UserType":0,"UserKey":"{{userkey}}","Workload":"PowerBI","#
    + #""UserId":"{{alias}}@{{domain}}","ClientIP":"{{oddip}}","UserAgent":"{{agent}}","#
    + #""Activity":"ViewReport","ItemName":"{{pick:Sales|Umsätze}}","WorkSpaceName":"{{site}}","#
    + #""DatasetName":"{{pick:Sales|Umsätze}}","WorkspaceId":"{{guid:workspace}}","#
    + #""ReportId":"{{guid:report}}","IsSuccess":{{pick:true|false}},"RequestId":"{{guid:request}}","#
    + #""ActivityId":"{{guid:activity}}","DistributionMethod":"Workspace","RefreshEnforcementPolicy":0}"#

  /// A cmdlet of the compliance centre, whose parameters are one string.
  private static let cmdlet =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:Get-DlpSiDetectionsReport|Get-RetentionCompliancePolicy|New-DlpCompliancePolicy}}","#
    + #""OrganizationId":"{{tid}}","RecordType":18,"ResultStatus":"Success","UserKey":"{{userkey}}","#
    + #""UserType":2,"Version":1,"Workload":"SecurityComplianceCenter","ObjectId":"","#
    + #""UserId":"{{alias}}@{{domain}}","ClientApplication":"EMC","CmdletVersion":"","#
    + #""EffectiveOrganization":"{{org}}.onmicrosoft.com","NonPIIParameters":"","#
    + #""Parameters":"{{pick:|-StartDate \"11/02/2026 0:00\" -Flag \"True\"}}","StartTime":"{{time}}","UserServicePlan":""}"#

  private static let mailThreat =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"TIMailData","OrganizationId":"{{tid}}","#
    + #""RecordType":"28","UserKey":"ThreatIntel","UserType":4,"Version":1,"#
    + #""Workload":"ThreatIntelligence","ObjectId":"{{guid:message}}","UserId":"ThreatIntel","#
    + #""AttachmentData":[{"FileName":"{{file}}","FileType":"{{ext}}","FileVerdict":1,"MalwareFamily":"Trojan:Win32\/Example","SHA256":"{{hex:64}}"}],"#
    + #""DetectionMethod":"{{pick:Advanced filter|URL detonation reputation}}","DetectionType":"Inline","#
    + #""EventDeepLink":"https:\/\/security.microsoft.com\/?id={{hex:16}}","InternetMessageId":"<{{hex:24}}@example.net>","#
    + #""MessageTime":"{{time}}","NetworkMessageId":"{{guid:message}}","P1Sender":"bounce@example.net","#
    + #""P2Sender":"ceo@example.net","Policy":"Phish","PolicyAction":"Quarantine","#
    + #""Recipients":["{{alias}}@{{domain}}"],"SenderIp":"{{ip}}","Subject":"{{subject}}","#
    + #""ThreatsAndDetectionTech":["Phish: [URL detonation reputation]"],"Verdict":"Phish"}"#

  private static let cloudAppAlert =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"MCASAlert","OrganizationId":"{{tid}}","#
    + #""RecordType":98,"ResultStatus":"New","UserKey":"{{alias}}@{{domain}}","UserType":0,"#
    + #""Version":1,"Workload":"MCAS","UserId":"{{alias}}@{{domain}}","AlertCategory":"ALERT_CABINET_EVENT_MATCH_AUDIT","#
    + #""AlertDisplayName":"Impossible travel","AlertSeverity":"Medium","#
    + #""Applications":["Office 365"],"ClientIPs":["{{ip}}","2001:DB8::C0DE","203.0.113.200"],"#
    + #""ItemCount":"{{number:1-20}}","LastUpdatedTime":"{{time7}}"}"#

  private static let urlClick =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"TIUrlClickData","OrganizationId":"{{tid}}","#
    + #""RecordType":41,"UserKey":"ThreatIntel","UserType":4,"Version":1,"#
    + #""Workload":"ThreatIntelligence","UserId":"{{alias}}@{{domain}}","AppName":"Mail","AppVersion":"0.0.0000","#
    + #""EventDeepLink":"","SourceId":"{{guid:source}}","TimeOfClick":"{{time}}","#
    + #""URLClickAction":{{number:2-5}},"Url":"https:\/\/phish.example.net\/{{hex:12}}","UserIp":"{{oddip}}"}"#

  /// A record type that no table lists, with members that nobody knows.
  private static let unknownNumber =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:GoalUpdated|AgentPublished|QuantumSync}}","#
    + #""OrganizationId":"{{tid}}","RecordType":{{pick:395|412|471|9001}},"UserKey":"{{userkey}}","#
    + #""UserType":11,"Version":1,"Workload":"{{pick:NovelWorkload|Ämter}}","ClientIP":"{{oddip}}","#
    + #""UserId":"{{alias}}@{{domain}}","Scope":[{"Type":"Site","Id":"{{guid:scope}}"}],"#
    + #""NewMember":{"Deep":{"Deeper":[1,2.50,-3e2,true,null,{"Text":"\u00e9\ud83d\ude00 \\u"}]}}}"#

  /// A record type that is a name, numbers that are strings, an object where a string is usual.
  private static let unknownText =
    #"{"CreationTime":"{{time7}}","Id":"{{id}}","Operation":"SyntheticOperation","OrganizationId":"{{tid}}","#
    + #""RecordType":"SyntheticProbe","UserKey":"","UserType":"0","Version":1,"Workload":"Probe","#
    + #""ClientIP":null,"UserId":"","Message":{"Text":"{{subject}}"},"Sender":{"Address":"a@example.com"},"#
    + #""Size":"1e9","ExceptionInfo":{"Reason":"Override"}}"#
}
