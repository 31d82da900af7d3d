/// What the codes of Entra sign-ins mean (`ErrorNumber`; Microsoft Entra authentication and
/// authorization error codes). Data with a version: Microsoft changes numbers and texts.
struct SignInCode: Sendable {
  /// What became of the sign-in.
  enum Outcome: Sendable {
    case success
    case failure
    /// A step of a sign-in that goes on: a prompt, a renewal, a consent page.
    case interrupt
  }

  /// Whether the password, or another primary credential, was accepted.
  enum FirstFactor: Sendable {
    case passed, failed, unknown
  }

  let number: Int
  /// The symbolic name, as `LogonError` has it.
  let name: StaticString?
  let outcome: Outcome
  let firstFactor: FirstFactor

  init(_ number: Int, _ name: StaticString?, _ outcome: Outcome, _ firstFactor: FirstFactor) {
    self.number = number
    self.name = name
    self.outcome = outcome
    self.firstFactor = firstFactor
  }

  /// The state of the table, for release notes and bug reports.
  static let tableVersion = "2026-06-24"

  /// All known codes, in ascending order.
  static let all: [SignInCode] = [
    .init(0, nil, .success, .passed),
    .init(16000, "SelectUserAccount", .interrupt, .unknown),
    .init(16001, "UserAccountSelectionInvalid", .interrupt, .unknown),
    .init(16003, "SsoUserAccountNotFoundInResourceTenant", .failure, .unknown),
    .init(50002, "NotAllowedTenant", .failure, .unknown),
    .init(50005, "DevicePolicyError", .failure, .passed),
    .init(50011, "InvalidReplyTo", .failure, .unknown),
    .init(50020, "UserUnauthorized", .failure, .unknown),
    .init(50034, "UserAccountNotFound", .failure, .failed),
    .init(50053, "IdsLocked", .failure, .unknown),
    .init(50055, "InvalidPasswordExpiredPassword", .failure, .passed),
    .init(50056, nil, .failure, .failed),
    .init(50057, "UserDisabled", .failure, .unknown),
    .init(50058, "UserInformationNotProvided", .interrupt, .unknown),
    .init(50059, "MissingTenantRealmAndNoUserInformationProvided", .failure, .unknown),
    .init(50064, "CredentialAuthenticationError", .failure, .failed),
    .init(50072, "UserStrongAuthEnrollmentRequiredInterrupt", .interrupt, .passed),
    .init(50074, "UserStrongAuthClientAuthNRequiredInterrupt", .interrupt, .passed),
    .init(50076, "UserStrongAuthClientAuthNRequired", .interrupt, .passed),
    .init(50078, "UserStrongAuthExpired", .interrupt, .passed),
    .init(50079, "UserStrongAuthEnrollmentRequired", .interrupt, .passed),
    .init(50088, nil, .failure, .passed),
    .init(50089, "FlowTokenExpired", .interrupt, .unknown),
    .init(50097, "DeviceAuthenticationRequired", .interrupt, .passed),
    .init(50105, "EntitlementGrantsNotFound", .failure, .passed),
    .init(50125, "PasswordResetRegistrationRequiredInterrupt", .interrupt, .passed),
    .init(50126, "InvalidUserNameOrPassword", .failure, .failed),
    .init(50129, "DeviceIsNotWorkplaceJoined", .failure, .passed),
    .init(50131, "ConditionalAccessFailed", .failure, .passed),
    .init(50132, "SsoArtifactInvalidOrExpired", .interrupt, .unknown),
    .init(50133, "SsoArtifactRevoked", .interrupt, .unknown),
    .init(50135, "PasswordChangeCompromisedPassword", .interrupt, .passed),
    .init(50140, "KmsiInterrupt", .interrupt, .passed),
    .init(50144, "InvalidPasswordExpiredOnPremPassword", .failure, .passed),
    .init(50155, "DeviceAuthenticationFailed", .failure, .unknown),
    .init(50158, "ExternalSecurityChallenge", .interrupt, .passed),
    .init(50173, "FreshTokenNeeded", .interrupt, .unknown),
    .init(50196, "LoopDetected", .failure, .unknown),
    .init(50199, "CmsiInterrupt", .interrupt, .passed),
    .init(51004, "UserAccountNotInDirectory", .failure, .failed),
    .init(53000, "DeviceNotCompliant", .failure, .passed),
    .init(53001, "DeviceNotDomainJoined", .failure, .passed),
    .init(53002, "ApplicationUsedIsNotAnApprovedApp", .failure, .passed),
    .init(53003, "BlockedByConditionalAccess", .failure, .passed),
    .init(53004, "ProofUpBlockedDueToRisk", .failure, .passed),
    .init(53011, nil, .failure, .unknown),
    .init(65001, "DelegationDoesNotExist", .interrupt, .passed),
    .init(65004, "UserDeclinedConsent", .failure, .passed),
    .init(70008, "ExpiredOrRevokedGrant", .interrupt, .unknown),
    .init(70016, "AuthorizationPending", .interrupt, .unknown),
    .init(70043, "BadTokenDueToSignInFrequency", .interrupt, .unknown),
    .init(80012, "OnPremisePasswordValidationAccountLogonInvalidHours", .failure, .unknown),
    .init(81010, "DesktopSsoAuthTokenInvalid", .interrupt, .unknown),
    .init(90072, "PassThroughUserMfaError", .failure, .unknown),
    .init(90094, "AdminConsentRequired", .interrupt, .passed),
    .init(90095, "AdminConsentRequiredRequestAccess", .interrupt, .passed),
    .init(135011, nil, .failure, .unknown),
    .init(500121, "AuthenticationFailedSasError", .failure, .passed),
    .init(500133, nil, .failure, .unknown),
    .init(530032, "BlockedByConditionalAccessOnSecurityPolicy", .failure, .passed),
    .init(530034, "DelegatedAdminBlockedDueToSuspiciousActivity", .failure, .unknown),
    .init(530035, "BlockedBySecurityDefaults", .failure, .unknown),
    .init(700016, "UnauthorizedClient_DoesNotMatchRequest", .failure, .unknown),
    .init(700082, "ExpiredOrRevokedGrantInactiveToken", .interrupt, .unknown),
    .init(900941, "AdminConsentRequiredDueToRiskyApp", .interrupt, .passed),
    .init(1_000_000, "UserNotBoundError", .interrupt, .unknown),
    .init(7_000_215, nil, .failure, .failed),
    .init(7_000_222, "InvalidClientSecretExpiredKeysProvided", .failure, .failed),
  ]

  /// The entry of a code; nil when it is unknown.
  static func find(_ number: Int) -> SignInCode? {
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < all.count && all[low].number == number ? all[low] : nil
  }

  /// The entry of a symbolic name; nil when it is unknown.
  static func find(named name: ByteView) -> SignInCode? {
    all.first { entry in entry.name.map { name.equalsIgnoringCase(ByteView($0)) } ?? false }
  }
}
