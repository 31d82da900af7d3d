/// What the operations of sign-ins mean (record types 9, 15 and 275).
enum SignInOperations {
  /// The rows.
  static let rows: [OperationRow] = [
    .init("userloggedin", .authentication, "user.login", .login),
    .init("userloginfailed", .authentication, "user.login", .login),
    .init("userloggedoff", .authentication, "user.logout", .logout),
    .init("userloggedout", .authentication, "user.logout", .logout),
    .init("userlogoff", .authentication, "user.logout", .logout),
    .init("userlogout", .authentication, "user.logout", .logout),
    .init("usersignedout", .authentication, "user.logout", .logout),
    // Record type 9 names the step.
    .init("passwordlogoninitialauthusingpassword", .authentication, "user.login", .login),
    .init("passwordlogoninitialauthusingadfsfederatedtoken", .authentication, "user.login", .login),
    .init("passwordlogoncookiecopyusingdatoken", .authentication, "user.login", .login),
    .init(
      "foreignrealmindexlogoninitialauthusingadfsfederatedtoken", .authentication, "user.login",
      .login),
    .init("foreignrealmindexlogoncookiecopyusingdatoken", .authentication, "user.login", .login),
  ]
}
