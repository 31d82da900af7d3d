/// What Entra ID tells: sign-ins, and changes of the directory.
enum DirectoryRecords {
  static let entries: [(weight: Int, text: String)] = [
    (650, signIn("UserLoggedIn", status: "Success", error: "0", reason: nil, user: person)),
    (
      70,
      signIn(
        "UserLoginFailed", status: "Success", error: "50126",
        reason: "InvalidUserNameOrPassword", user: person)
    ),
    (
      50,
      signIn(
        "UserLoginFailed", status: "Success", error: "50140",
        reason: "KeepMeSignedInInterrupt", user: person)
    ),
    (
      35,
      signIn(
        "UserLoginFailed", status: "Failed", error: "50053", reason: "IdsLocked", user: person)
    ),
    (
      15,
      signIn(
        "UserLoginFailed", status: "Success", error: "50034",
        reason: "UserAccountNotFound", user: "{{guid:unknown}}")
    ),
    (10, signIn("UserLoggedIn", status: "Success", error: "0", reason: nil, user: "Not Available")),
    (100, change), (40, application), (15, certificates), (10, accountLogon), (5, company),
  ]

  private static let person = "{{alias}}@{{domain}}"

  /// A sign-in. Its status speaks of the HTTP exchange: a failed one mostly says success.
  private static func signIn(
    _ operation: String, status: String, error: String, reason: String?, user: String
  ) -> String {
    let reason = reason.map { #","LogonError":"\#($0)""# } ?? ""
    let detail = error == "0" ? "{{pick:Success|Redirect}}" : "UserError"
    return #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"\#(operation)","#
      + #""OrganizationId":"{{tid}}","RecordType":15,"ResultStatus":"\#(status)","#
      + #""UserKey":"{{userguid}}","UserType":0,"Version":1,"Workload":"AzureActiveDirectory","#
      + #""ClientIP":"{{ip}}","ObjectId":"{{same:00000003-0000-0000-c000-000000000000|5f09333a-842c-47da-a157-57da27fcbca5|Unknown}}","#
      + #""UserId":"\#(user)","AzureActiveDirectoryEventType":1,"ExtendedProperties":["#
      + #"{"Name":"ResultStatusDetail","Value":"\#(detail)"},{"Name":"UserAgent","Value":"{{client}}"},"#
      + #"{"Name":"UserAuthenticationMethod","Value":"{{pick:1|8|19|262160}}"},"#
      + #"{"Name":"RequestType","Value":"{{pick:OAuth2:Authorize|Login:login|SAS:EndAuth|Kmsi:kmsi|OAuth2:Token}}"}],"#
      + #""ModifiedProperties":[],"Actor":[{"ID":"{{userguid}}","Type":0},{"ID":"\#(user)","Type":5}],"#
      + #""ActorContextId":"{{tid}}","ActorIpAddress":"{{ip}}","InterSystemsId":"{{guid:inter}}","#
      + #""IntraSystemId":"{{id}}","SupportTicketId":"","#
      + #""Target":[{"ID":"{{same:00000003-0000-0000-c000-000000000000|5f09333a-842c-47da-a157-57da27fcbca5|Unknown}}","Type":0}],"#
      + #""TargetContextId":"{{tid}}","ApplicationId":"{{guid:application}}","DeviceProperties":["#
      + #"{"Name":"OS","Value":"{{os}}"},{"Name":"BrowserType","Value":"{{browser}}"},"#
      + #"{"Name":"IsCompliantAndManaged","Value":"{{pick:True|False}}"},{"Name":"SessionId","Value":"{{guid:session}}"}],"#
      + #""ErrorNumber":"\#(error)"\#(reason)}"#
  }

  private static func directory(
    _ operation: String, actor: String, target: String, properties: String
  ) -> String {
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"\#(operation)","#
      + #""OrganizationId":"{{tid}}","RecordType":8,"ResultStatus":"{{pick:Success|Success|Success|success|Failure|Failed}}","#
      + #""UserKey":"{{userkey}}@{{domain}}","UserType":0,"Version":1,"#
      + #""Workload":"AzureActiveDirectory","ClientIP":"{{pick:<null>|<null>|}}","#
      + #""ObjectId":"\#(target)","UserId":"\#(actor)","AzureActiveDirectoryEventType":1,"#
      + #""ExtendedProperties":[{"Name":"additionalDetails","Value":"{\"UserType\":\"Member\",\"User-Agent\":\"{{pick:EvoSTS|Mozilla\/5.0}}\"}"},{"Name":"extendedAuditEventCategory","Value":"User"}],"#
      + #""ModifiedProperties":[\#(properties)],"Actor":[{"ID":"\#(actor)","Type":5},"#
      + #"{"ID":"{{userkey}}","Type":3},{"ID":"User_{{userguid}}","Type":2},{"ID":"{{userguid}}","Type":2},{"ID":"User","Type":2}],"#
      + #""ActorContextId":"{{tid}}","InterSystemsId":"{{guid:inter}}","IntraSystemId":"{{guid:intra}}","#
      + #""SupportTicketId":"","Target":[{"ID":"User_{{userguid2}}","Type":2},{"ID":"{{userguid2}}","Type":2},"#
      + #"{"ID":"User","Type":2},{"ID":"\#(target)","Type":5},{"ID":"{{name2}}","Type":1}],"TargetContextId":"{{tid}}"}"#
  }

  private static let change = directory(
    "{{pick:Update user.|Update user.|Add user.|Add member to group.|Change user password.|Reset user password.|Add member to role.|Update StsRefreshTokenValidFrom Timestamp.|Change user license.|Delete user.}}",
    actor: person, target: "{{alias2}}@{{domain}}", properties: "{{list:1-7:modified}}")

  private static let application = directory(
    "{{pick:Add service principal.|Consent to application.|Add delegated permission grant.|Add app role assignment to service principal.|Update application.|Add owner to application.}}",
    actor: "ServicePrincipal_{{guid:principal}}", target: "{{guid:target}}",
    properties: "{{list:2-10:modified}}")

  /// An operation with a dash that is no hyphen, and a blank at its end.
  private static let certificates = directory(
    "Update application – Certificates and secrets management ", actor: person,
    target: "Application_{{guid:target}}", properties: "{{list:2-4:modified}}")

  private static let company = directory(
    "Set Company Information.", actor: "{{userkey}}", target: "Not Available", properties: "")

  private static let accountLogon =
    #"{"CreationTime":"{{time}}","Id":"{{id}}","Operation":"PasswordLogonInitialAuthUsingPassword","#
    + #""OrganizationId":"{{tid}}","RecordType":9,"ResultStatus":"{{pick:success|failed}}","#
    + #""UserKey":"{{userkey}}@{{domain}}","UserType":0,"Workload":"AzureActiveDirectory","#
    + #""ClientIP":"{{oddip}}","ObjectId":"Unknown","UserId":"{{alias}}@{{domain}}","#
    + #""AzureActiveDirectoryEventType":0,"ExtendedProperties":[{"Name":"LoginError","Value":"-2147217390;PP_E_BAD_PASSWORD;The entered and stored passwords do not match."}],"#
    + #""Client":"Exchange","LoginStatus":-2147217390,"UserDomain":"{{domain}}"}"#
}
