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
}
