import MillraceEvents
import Testing

@Suite struct `Outcomes of events` {
  @Test(arguments: [
    ("\"ErrorNumber\":\"0\"", "UserLoggedIn", "success", "passed"),
    (
      "\"ErrorNumber\":\"50126\",\"ResultStatus\":\"Success\"", "UserLoginFailed", "failure",
      "failed"
    ),
    ("\"ErrorNumber\":50126", "UserLoginFailed", "failure", "failed"),
    ("\"ErrorCode\":\"53003\"", "UserLoginFailed", "failure", "passed"),
    (
      "\"ErrorNumber\":\"50140\",\"ResultStatus\":\"Succeeded\"", "UserLoggedIn", "interrupted",
      "passed"
    ),
    ("\"ErrorNumber\":\"50058\"", "UserLoginFailed", "interrupted", "unknown"),
    ("\"ErrorNumber\":\"500121\"", "UserLoginFailed", "failure", "passed"),
    ("\"ErrorNumber\":\"99999999\"", "UserLoginFailed", "failure", "unknown"),
    ("\"ErrorNumber\":\"99999999\"", "UserLoggedIn", "interrupted", "unknown"),
    ("\"LogonError\":\"InvalidUserNameOrPassword\"", "UserLoggedIn", "failure", "failed"),
    ("\"ResultStatus\":\"Success\"", "UserLoginFailed", "failure", "unknown"),
    ("\"ResultStatus\":\"Failed\"", "UserLoggedIn", "success", "passed"),
    ("\"ErrorNumber\":{\"x\":1}", "UserLoggedIn", "interrupted", "unknown"),
  ])
  func `of a sign-in the code decides`(
    _ members: String, _ operation: String, _ result: String, _ firstFactor: String
  ) throws {
    let event = try event(record(members, operation: operation))
    #expect(event["outcome.result"] == result)
    #expect(event["auth.first_factor"] == firstFactor)
    #expect(event["action"] == "user.login")
    #expect(event["severity"] == (result == "failure" ? "low" : "informational"))
  }

  @Test func `codes are named, by the record or by the table`() throws {
    let own = try event(
      record("\"ErrorNumber\":\"500121\",\"LogonError\":\"OwnName\"", operation: "UserLoginFailed"))
    #expect(own["outcome.reason"] == "OwnName")
    #expect(own["auth.error_name"] == "OwnName")
    #expect(own["outcome.code"] == "500121")
    let known = try event(record("\"ErrorNumber\":\"50140\""))
    #expect(known["outcome.reason"] == "KmsiInterrupt")
    #expect(!known.has("auth.error_name"))
  }

  @Test func `of the old sign-ins the status decides where the code says nothing`() throws {
    let members = """
      "ResultStatus":"failed","LoginStatus":-2147217390,"ExtendedProperties":[{"Name":"LoginError",\
      "Value":"-2147217390;PP_E_BAD_PASSWORD;The passwords do not match."}]
      """
    let event = try event(
      record(members, type: 9, operation: "PasswordLogonInitialAuthUsingPassword"))
    #expect(event["outcome.result"] == "failure")
    #expect(event["outcome.reason"] == "PP_E_BAD_PASSWORD")
    #expect(event["outcome.detail"] == "The passwords do not match.")
    #expect(event["outcome.code"] == "-2147217390")
  }

  @Test(arguments: [
    ("\"True\"", "success"), ("\"TRUE\"", "success"), ("true", "success"),
    ("\"Succeeded\"", "success"),
    ("\"Successful\"", "success"), ("\"ok\"", "success"), ("\"Completed\"", "success"),
    ("\"False\"", "failure"), ("false", "failure"), ("\"Failed\"", "failure"),
    ("\"Failure\"", "failure"),
    ("\"LogonFailed\"", "failure"), ("\"AuthorizationFailure\"", "failure"),
    ("\"Error\"", "failure"),
    ("\"PartiallySucceeded\"", "partial"), ("\"New\"", "unknown"), ("\"InProgress\"", "unknown"),
    ("1", "unknown"), ("{}", "unknown"), ("null", "unknown"), ("\"\"", "unknown"),
  ])
  func `status text is read in any letter case`(_ status: String, _ result: String) throws {
    let event = try event(record("\"ResultStatus\":\(status)", type: 1, operation: "Set-Mailbox"))
    #expect(event["outcome.result"] == result)
    let isText = !["{}", "null", "\"\""].contains(status)
    #expect(event["outcome.status"] == (isText ? status.filter { $0 != "\"" } : nil))
  }

  @Test(arguments: [
    ("1", "success"), ("2", "failure"), ("3", "failure"), ("\"1\"", "success"), ("9", "unknown"),
  ])
  func `numbers are a status of Planner alone`(_ status: String, _ result: String) throws {
    let event = try event(record("\"ResultStatus\":\(status)", type: 188, operation: "PlanRead"))
    #expect(event["outcome.result"] == result)
    #expect(event["outcome.status"] == status.filter { $0 != "\"" })
  }

  @Test(arguments: [
    ("true", "success"), ("false", "failure"), ("\"True\"", "success"), ("\"False\"", "failure"),
  ])
  func `a boolean counts for more than anything`(_ flag: String, _ result: String) throws {
    let event = try event(
      record(
        "\"IsSuccess\":\(flag),\"ResultStatus\":\"InProgress\"", type: 20, operation: "ViewReport"))
    #expect(event["outcome.result"] == result)
    #expect(!event.has("outcome.is_implied"))
  }

  @Test func `a missing status means success where only what was done is logged`() throws {
    let file = try event(record(type: 6, operation: "FileAccessed"))
    #expect(file["outcome.result"] == "success")
    #expect(file.flag("outcome.is_implied") == true)
    let other = try event(record(type: 1, operation: "Set-Mailbox"))
    #expect(other["outcome.result"] == "unknown")
    #expect(!other.has("outcome.is_implied"))
  }

  @Test func `operations may say failure in their name, unless the table knows better`() throws {
    #expect(
      try event(record(type: 6, operation: "FileUploadFailed"))["outcome.result"] == "failure")
    #expect(
      try event(record(type: 4, operation: "UnmanagedSyncClientBlocked"))["outcome.result"]
        == "failure")
    #expect(
      try event(record(type: 14, operation: "AccessRequestRejected"))["outcome.result"] == "success"
    )
  }

  @Test func `the status of an alert is no result`() throws {
    let event = try event(
      record(
        "\"ResultStatus\":\"New\",\"AlertSeverity\":\"High\"", type: 98, operation: "MCAS_ALERT"))
    #expect(event["outcome.result"] == "unknown")
    #expect(event["outcome.status"] == "New")
    #expect(event["severity"] == "high")
    #expect(event.flag("is_alert") == true)
    #expect(event["service"] == "defender_cloud_apps")
  }
}
