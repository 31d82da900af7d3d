/// What SharePoint and OneDrive tell: files, lists, sharing.
enum SharePointRecords {
  static let entries: [(weight: Int, text: String)] = [
    (640, file(workload: "SharePoint", root: "sharepoint.com/sites/{{site}}/")),
    (
      270,
      file(workload: "OneDrive", root: "-my.sharepoint.com/personal/{{alias}}_contoso_example/")
    ),
    (20, escapedSlashes), (30, sharing), (10, anonymousLink), (15, list), (10, page), (5, guest),
  ]

  /// Records of the service are not sorted by key all the way; these are, in their two parts.
  private static func file(workload: String, root: String) -> String {
    let host = root.hasPrefix("-") ? "{{org}}" + root : "{{org}}." + root
    return #"{"AppAccessContext":{"AADSessionId":"{{guid:session}}","CorrelationId":"#
      + #""{{guid:correlation}}","UniqueTokenId":"{{hex:22}}"},"CreationTime":"{{time}}","#
      + #""Id":"{{id}}","Operation":"{{pick:FileAccessed|FileAccessed|FileAccessed|FileDownloaded|FileModified|FileModified|FileUploaded|FilePreviewed|FileSyncDownloadedFull|FileSyncUploadedFull|FileDeleted|FileRenamed|FileModifiedExtended|FolderModified}}","#
      + #""OrganizationId":"{{tid}}","RecordType":6,"UserKey":"i:0h.f|membership|{{userkey}}@live.com","#
      + #""UserType":0,"Version":1,"Workload":"\#(workload)","ClientIP":"{{oddip}}","#
      + #""ObjectId":"https://\#(host){{folder}}/{{file}}","UserId":"{{alias}}@{{domain}}","#
      + #""ApplicationId":"{{guid:application}}","AuthenticationType":"{{pick:OAuth|FormsCookieAuth}}","#
      + #""BrowserName":"Edge","BrowserVersion":"131.0.0.0","CorrelationId":"{{guid:correlation}}","#
      + #""EventSource":"SharePoint","FileSizeBytes":{{number:900-88000000}},"#
      + #""HighPriorityMediaProcessing":{{pick:false|false|"True"}},"IsManagedDevice":false,"#
      + #""ItemType":"File","ListId":"{{guid:list}}","ListItemUniqueId":"{{guid:item}}","#
      + #""Platform":"WinDesktop","Site":"{{guid:site}}","UserAgent":"{{agent}}","#
      + #""WebId":"{{guid:web}}","DeviceDisplayName":"{{ip}}","SourceFileExtension":"{{ext}}","#
      + #""SiteUrl":"https://\#(host)","SourceFileName":"{{file}}","#
      + #""SourceRelativeUrl":"{{folder}}"}"#
  }

  /// As some paths deliver it: with the slash escaped, which JSON permits.
  private static let escapedSlashes =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"FileAccessedExtended","#
    + #""OrganizationId":"{{tid}}","RecordType":6,"UserKey":"{{userkey}}","UserType":0,"#
    + #""Version":1,"Workload":"SharePoint","ClientIP":"{{oddip}}","#
    + #""ObjectId":"https:\/\/{{org}}.sharepoint.com\/sites\/{{site}}\/{{folder}}\/{{file}}","#
    + #""UserId":"{{alias}}@{{domain}}","CorrelationId":"{{guid:correlation}}","#
    + #""CustomUniqueId":false,"EventSource":"SharePoint","ItemType":"File","#
    + #""ListId":"{{guid:list}}","Site":"{{guid:site}}","UserAgent":"Mozilla\/5.0","#
    + #""SourceFileExtension":"{{ext}}","SiteUrl":"https:\/\/{{org}}.sharepoint.com\/sites\/{{site}}\/","#
    + #""SourceFileName":"{{file}}","SourceRelativeUrl":"{{folder}}"}"#

  private static let sharing =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:SharingSet|AddedToGroup|AddedToSecureLink|SharingInheritanceBroken|SecureLinkCreated}}","#
    + #""OrganizationId":"{{tid}}","RecordType":14,"UserKey":"i:0h.f|membership|{{userkey}}@live.com","#
    + #""UserType":0,"Version":1,"Workload":"SharePoint","ClientIP":"{{oddip}}","#
    + #""ObjectId":"https://{{org}}.sharepoint.com/sites/{{site}}/{{folder}}/{{file}}","#
    + #""UserId":"{{pick:SHAREPOINT\\system|app@sharepoint|someone@example.com}}","#
    + #""CorrelationId":"{{guid:correlation}}","EventSource":"SharePoint","ItemType":"File","#
    + #""ListId":"{{guid:list}}","ListItemUniqueId":"{{guid:item}}","Site":"{{guid:site}}","#
    + #""UserAgent":"{{agent}}","WebId":"{{guid:web}}","#
    + #""EventData":"<Permissions granted>{{pick:Contribute|Read|Full Control}}<\/Permissions granted><Group>Members<\/Group>","#
    + #""SiteUrl":"https://{{org}}.sharepoint.com/sites/{{site}}","SourceFileExtension":"{{ext}}","#
    + #""SourceFileName":"{{file}}","SourceRelativeUrl":"{{folder}}","#
    + #""TargetUserOrGroupName":"{{alias2}}@example.org","TargetUserOrGroupType":"{{pick:Guest|Member|SecurityGroup|SharePointGroup}}","#
    + #""UniqueSharingId":"{{guid:sharing}}"}"#

  private static let anonymousLink =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:AnonymousLinkCreated|AnonymousLinkUsed|CompanyLinkCreated}}","#
    + #""OrganizationId":"{{tid}}","RecordType":14,"UserKey":"{{userkey}}","UserType":0,"#
    + #""Version":1,"Workload":"OneDrive","ClientIP":"{{ip}}","#
    + #""ObjectId":"https://{{org}}-my.sharepoint.com/personal/{{alias}}/{{folder}}/{{file}}","#
    + #""UserId":"{{pick:urn:spo:anon#0f2a9d1c|anonymous}}","EventSource":"SharePoint","#
    + #""ItemType":"{{pick:File|Folder}}","Site":"{{guid:site}}","UserAgent":"{{agent}}","#
    + #""EventData":"<Type>{{pick:Edit|View}}</Type>","SourceFileName":"{{file}}","SiteUrl":"https://{{org}}-my.sharepoint.com/personal/{{alias}}"}"#

  private static let list =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:ListViewed|ListUpdated|ListItemCreated|ListColumnUpdated}}","#
    + #""OrganizationId":"{{tid}}","RecordType":{{pick:36|56}},"UserKey":"i:0h.f|membership|{{userkey}}@live.com","#
    + #""UserType":0,"Version":1,"Workload":"SharePoint","ClientIP":"{{oddip}}","#
    + #""ObjectId":"https://{{org}}.sharepoint.com/sites/{{site}}/Lists/Tasks","UserId":"{{alias}}@{{domain}}","#
    + #""AppAccessContext":{},"CorrelationId":"{{guid:correlation}}","#
    + #""DoNotDistributeEvent":{{pick:true|"True"}},"EventSource":"SharePoint","#
    + #""ItemType":"List","ListBaseTemplateType":"107","ListBaseType":"GenericList","#
    + #""ListId":"{{guid:list}}","ListName":"{{guid:list}}","ListTitle":"{{pick:Tasks|Aufgaben|タスク}}","#
    + #""ListUrl":"Lists/Tasks","Site":"{{guid:site}}","IsHiddenList":false,"FromApp":false}"#

  private static let page =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"{{pick:PageViewed|ClientViewSignaled|SearchQueryPerformed|ManagedSyncClientAllowed}}","#
    + #""OrganizationId":"{{tid}}","RecordType":4,"UserKey":"i:0h.f|membership|{{userkey}}@live.com","#
    + #""UserType":0,"Version":1,"Workload":"SharePoint","ClientIP":"{{oddip}}","#
    + #""ObjectId":"https://{{org}}.sharepoint.com/sites/{{site}}/SitePages/Home.aspx","#
    + #""UserId":"{{alias}}@{{domain}}","CorrelationId":"{{guid:correlation}}","#
    + #""CustomUniqueId":true,"EventSource":"SharePoint","ItemType":"Page","Site":"{{guid:site}}","#
    + #""UserAgent":"{{agent}}","WebId":"{{guid:web}}"}"#

  private static let guest =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"SharingInvitationAccepted","#
    + #""OrganizationId":"{{tid}}","RecordType":14,"UserKey":"i:0#.f|membership|urn%3aspo%3aguest#{{alias2}}@example.org","#
    + #""UserType":10,"Version":1,"Workload":"OneDrive","ClientIP":"{{ip}}","#
    + #""ObjectId":"https://{{org}}-my.sharepoint.com/personal/{{alias}}","#
    + #""UserId":"urn:spo:guest#{{alias2}}@example.org","EventSource":"SharePoint","#
    + #""ItemType":"Web","Site":"{{guid:site}}","UserAgent":"","TargetUserOrGroupName":"","#
    + #""TargetUserOrGroupType":"Guest","ModifiedProperties":[]}"#
}
