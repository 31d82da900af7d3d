/// What data loss prevention tells.
enum LossPreventionRecords {
  static let entries: [(weight: Int, text: String)] = [(6, files), (3, mail), (1, endpoint)]

  private static let policy =
    #""PolicyDetails":[{"PolicyId":"{{guid:policy}}","PolicyName":"{{pick:Credit cards|Datenschutz (DSGVO)}}","#
    + #""Rules":[{"Actions":["{{pick:BlockAccess|NotifyUser}}"],"ConditionsMatched":{"ConditionMatchedInNewScheme":true,"#
    + #""OtherConditions":[{"Name":"SensitiveInformation","Value":"Access scope"}],"#
    + #""SensitiveInformation":[{"Confidence":{{number:65-100}},"Count":{{number:1-40}},"Location":"Message Body","#
    + #""SensitiveInformationDetections":{"DetectedValues":[{"Name":"4111 1111 1111 1111","Value":"card 4111 1111 1111 1111 exp 12/29"}],"ResultsTruncated":false},"#
    + #""SensitiveInformationTypeName":"Credit Card Number","SensitiveType":"50842eb7-edc8-4019-85dd-5a5c1f2bb085","UniqueCount":1}]},"#
    + #""ManagementRuleId":"{{guid:rule}}","RuleId":"{{guid:rule}}","RuleMode":"Enable","RuleName":"High volume","Severity":"{{pick:Low|Medium|High}}"}]}],"#
    + #""SensitiveInfoDetectionIsIncluded":true"#

  private static func record(_ operation: String, type: Int, workload: String) -> String {
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"\#(operation)","OrganizationId":"{{tid}}","#
      + #""RecordType":\#(type),"UserKey":"DlpAgent","UserType":4,"Version":1,"#
      + #""Workload":"\#(workload)","ObjectId":"https://{{org}}.sharepoint.com/sites/{{site}}/{{file}}","#
      + #""UserId":"{{alias}}@{{domain}}","IncidentId":"{{guid:incident}}","#
  }

  private static let files =
    record("{{pick:DLPRuleMatch|DlpRuleMatch|DLPRuleUndo}}", type: 11, workload: "SharePoint")
    + #""ExceptionInfo":{{pick:""|{"FalsePositive":false,"Reason":"Override"} }},"# + policy
    + #","SharePointMetaData":{"DocumentLastModifier":"{{name}}","DocumentSharer":"","FileName":"{{file}}","FileOwner":"{{name}}","FilePathUrl":"https://{{org}}.sharepoint.com/sites/{{site}}/{{file}}","From":"{{alias}}@{{domain}}","IsViewableByExternalUsers":{{pick:true|false}},"itemCreationTime":"{{time}}","SiteCollectionGuid":"{{guid:site}}","SiteCollectionUrl":"https://{{org}}.sharepoint.com","UniqueID":"{{guid:item}}"}}"#

  private static let mail =
    record("DlpRuleMatch", type: 13, workload: "Exchange")
    + #""ExceptionInfo":"{{pick:|Override}}","ExchangeMetaData":{"BCC":[],"CC":[],"From":"{{alias}}@{{domain}}","MessageID":"<{{hex:24}}@example.com>","RecipientCount":1,"Sent":"{{time}}","Subject":"{{subject}}","To":["{{alias2}}@example.org"]},"#
    + policy + "}"

  private static let endpoint =
    record("DLPRuleMatch", type: 63, workload: "Endpoint")
    + #""ClientIP":"{{oddip}}","EndpointMetaData":{"Application":"explorer.exe","DeviceName":"desktop-{{hex:6}}","EndpointOperation":"FileCopiedToRemovableMedia","EnforcementMode":4,"FileExtension":"{{ext}}","Sha256":"{{hex:64}}","TargetDomain":""},"#
    + policy + "}"
}
