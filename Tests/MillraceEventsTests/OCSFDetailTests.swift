import Foundation
import MillraceEvents
import Testing

/// People, entities, states and places in OCSF.
@Suite struct `Details of OCSF` {
  // MARK: People

  @Test(arguments: ["Not Available", "Unknown", "Certificate"])
  func `a sign-in of nobody is one all the same`(_ user: String) throws {
    let signIn = try event(
      record(
        #""UserId":"\#(user)","UserType":0,"UserKey":"k","ErrorNumber":"50034","#
          + #""LogonError":"UserAccountNotFound","Workload":"AzureActiveDirectory""#,
        operation: "UserLoginFailed"), in: .ocsf)
    #expect(signIn.meaning == "3002/1")
    #expect(signIn.number("status_id") == 2)
    #expect(signIn["user.name"] == user && signIn.number("user.type_id") == 0)
    #expect(!signIn.has("user.type") && !signIn.has("actor"))
    #expect(signIn.objects("observables").isEmpty)
  }

  // MARK: Entities

  @Test(arguments: [
    ("Update device.", #""Target":[{"ID":"Device_%","Type":2}]"#, 1, "Device"),
    ("Update policy.", #""Target":[{"ID":"Policy_%","Type":2}]"#, 5, "Policy"),
    ("Set Company Information.", #""Target":[{"ID":"Company_%","Type":2}]"#, 4, "Organization"),
    ("Update application.", #""Target":[{"ID":"Application_%","Type":2}]"#, 99, "Application"),
  ])
  func `what is managed has a number for its kind, or a name`(
    _ operation: String, _ target: String, _ id: Int, _ name: String
  ) throws {
    let target = target.replacing("%", with: "33333333-0000-4000-8000-000000000045")
    let changed = try event(record(target, type: 8, operation: operation), in: .ocsf)
    #expect(changed.number("class_uid") == 3004)
    #expect(changed.number("entity.type_id") == id && changed["entity.type"] == name)
  }
}
