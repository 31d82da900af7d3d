import MillraceEvents
import Testing

/// Outcomes, words of operations and names that are spelled in an unusual way.
@Suite(.timeLimit(.minutes(10))) struct `Details of meaning` {
  private func done(
    _ operation: String, _ type: Int, _ members: String = "", in format: EventFormat = .native
  ) throws -> Event {
    try event(record(members, type: type, operation: operation), in: format)
  }

  @Test func `a name without its code says what the code says`() throws {
    let failed = try done(
      "UserLoginFailed", 15, #""ResultStatus":"Success","LogonError":"InvalidUserNameOrPassword""#)
    #expect(failed["outcome.result"] == "failure" && failed["auth.first_factor"] == "failed")
    let prompt = try done("UserLoginFailed", 15, #""LogonError":"KmsiInterrupt""#)
    #expect(prompt["outcome.result"] == "interrupted" && prompt["auth.first_factor"] == "passed")
    let other = try done("UserLoginFailed", 15, #""LogonError":"Unheard""#)
    #expect(other["outcome.result"] == "failure" && other["auth.first_factor"] == "unknown")
  }

  @Test func `a code that cannot be read is no success`() throws {
    let prefixed = try done("UserLoggedIn", 15, #""ErrorNumber":"AADSTS50126""#)
    #expect(prefixed["outcome.result"] == "failure" && prefixed["outcome.code"] == "50126")
    for code in [#"["50126"]"#, #""fifty""#, "1.5"] {
      let odd = try done("UserLoggedIn", 15, #""ErrorNumber":\#(code)"#)
      #expect(odd["outcome.result"] == "interrupted" && odd["auth.first_factor"] == "unknown")
      #expect(odd.list("parse_issues") == ["ErrorNumber: not a number"], "\(code)")
      #expect(odd.has("ext.ErrorNumber"))
    }
    for none in [#""""#, "null"] {
      let silent = try done("UserLoggedIn", 15, #""ErrorNumber":\#(none)"#)
      #expect(silent["outcome.result"] == "success" && !silent.has("parse_issues"), "\(none)")
    }
  }

  @Test func `the status of a sign-in is no reason`() throws {
    let members = #""ResultStatus":"Success","ErrorNumber":"99999""#
    let ecs = try done("UserLoggedIn", 15, members, in: .ecs)
    #expect(ecs["event.outcome"] == "unknown" && !ecs.has("event.reason"))
  }

  @Test(arguments: [
    ("PDFDownloaded", "read"), ("URLRemoved", "delete"), ("AIPDelete", "delete"),
    ("XViewed", "read"), ("ReportPDF", "other"),
  ])
  func `a word begins behind an acronym`(operation: String, verb: String) throws {
    #expect(try done(operation, 99_999)["verb"] == verb)
  }

  @Test func `what is enabled by an unknown cmdlet is a change`() throws {
    let enabled = try done("Enable-Foo", 1)
    #expect(enabled["action"] == "cmdlet.create" && enabled["verb"] == "enable")
    let ocsf = try done("Enable-Foo", 1, in: .ocsf)
    #expect(ocsf.number("class_uid") == 6003 && ocsf.number("activity_id") == 3)
    #expect(try done("Disable-Foo", 1)["action"] == "cmdlet.update")
    #expect(try done("New-Foo", 1, in: .ocsf).number("activity_id") == 1)
  }

  @Test func `a domain of Exchange is a setting, one of the directory is of identities, too`()
    throws
  {
    let exchange = try done("New-AcceptedDomain", 1, in: .ecs)
    #expect(exchange.list("event.category") == ["configuration"])
    let directory = try done("Set domain authentication.", 8, in: .ecs)
    #expect(directory.list("event.category") == ["configuration", "iam"])
  }

  @Test func `protocols by their names`() throws {
    let openID =
      #""UserId":"a@b.example","ExtendedProperties":[{"Name":"RequestType","Value":"OpenId:x"}]"#
    #expect(try done("UserLoggedIn", 15, openID)["auth.protocol"] == "other")
    let ocsf = try done("UserLoggedIn", 15, openID, in: .ocsf)
    #expect(ocsf.number("auth_protocol_id") == 4 && ocsf["auth_protocol"] == "OpenID")
    let federation = openID.replacing("OpenId:x", with: "OrgIdWsFederation:federation")
    #expect(try done("UserLoggedIn", 15, federation)["auth.protocol"] == "wsfed")
  }

  @Test func `a service is known by its records`() throws {
    for (type, service) in [
      (22, "viva_engage"), (23, "teams"), (40, "purview"), (188, "planner"), (294, "entra_id"),
    ] {
      #expect(try done("Anything", type)["service"] == service)
    }
    let skype = try done("Set-CsUser", 23, #""Workload":"SkypeForBusiness""#)
    #expect(skype["service"] == "teams")
  }

  @Test func `names of Elastic's integration are told apart as they are read`() throws {
    let ecs = try done(
      "Set-Mailbox", 1,
      #"""
      "Parameters":[{"Name":"a","Value":"1"},{"Name":"\u0061","Value":"2"},\#
      {"Name":"b c","Value":"1"},{"Name":"b\u0020c","Value":"2"}]
      """#, in: .ecsO365)
    #expect(ecs.line.contains(#""Parameters":{"a":["1","2"],"b_c":["1","2"]}"#))
  }

  @Test func `a name that is longer than a summary leaves what was done`() throws {
    let name = String(repeating: "n", count: 300) + "@example.com"
    let long = try done("FileDeleted", 6, #""UserId":"\#(name)","SourceFileName":"f.docx""#)
    #expect(long["message"] == "somebody deleted f.docx")
  }

  @Test(arguments: [
    (4, "SearchCenterUrlSet", "update"), (4, "PreviewModeEnabledSet", "update"),
    (4, "NewsFeedEnabledSet", "update"), (4, "SetSearchCenter", "update"),
    (6, "SyncGetChanges", "read"), (99_999, "NewsRead", "read"),
    (99_999, "DeleteDataSet", "delete"), (24, "RemovedCasePreviewed", "delete"),
    (24, "ViewedHoldRemoved", "read"), (99_999, "RestrictedFileDeleted", "delete"),
    (22, "MessageDeletion", "delete"),
  ])
  func `of several words the one that tells what was done is the verb`(
    type: Int, operation: String, verb: String
  ) throws {
    #expect(try done(operation, type)["verb"] == verb)
  }
}
