package import MillraceCore

/// One field of a form, before encoding.
package struct FormField: Sendable {
  package let name: String
  /// The field's value, not yet encoded.
  package let value: String
  /// Whether the value must never be seen in a message.
  package let isSecret: Bool

  /// A field.
  package init(name: String, value: String, isSecret: Bool) {
    self.name = name
    self.value = value
    self.isSecret = isSecret
  }
}

/// A credential that cannot be had: its file is missing, its environment variable empty.
package struct CredentialError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was read, such as a file's path; never what it holds.
  package let subject: String
  /// What happened.
  package let message: String
  /// What the operator can do about it.
  package let hint: String
  /// What it means for the token request: a credential to be replaced, unless something on the way
  /// to it is in trouble.
  package let kind: ServiceFailure.Kind

  /// A credential that cannot be had.
  package init(
    subject: String, message: String, hint: String = "",
    kind: ServiceFailure.Kind = .credentialRefused
  ) {
    self.subject = subject
    self.message = message
    self.hint = hint
    self.kind = kind
  }

  package var description: String {
    "\(subject): \(message)" + (hint.isEmpty ? "" : " (\(hint))")
  }
}

/// What a credential has to know of the request it is for.
package struct ProofOrder: Sendable {
  /// The application that asks.
  package let clientID: String
  /// The URL asked, which is the audience of a signed assertion.
  package let tokenEndpoint: String
  /// The time, as far as can be told the login service's own.
  package let now: Timestamp

  /// An order.
  package init(clientID: String, tokenEndpoint: String, now: Timestamp) {
    self.clientID = clientID
    self.tokenEndpoint = tokenEndpoint
    self.now = now
  }
}

/// Proves to the login service who we are, by fields of the token request's form.
package protocol TokenCredential: Sendable {
  /// The fields that carry the credential, made anew for each token request.
  func formFields(_ order: ProofOrder) async throws(CredentialError) -> [FormField]
}

/// The credentials that are configured by value.
package enum Credential: TokenCredential {
  /// A client secret, read at each use so that a rotated one is picked up without a restart.
  case clientSecret(@Sendable () throws(CredentialError) -> String)

  package func formFields(_ order: ProofOrder) async throws(CredentialError) -> [FormField] {
    switch self {
    case .clientSecret(let read):
      let secret = try read()
      guard !secret.isEmpty else {
        throw CredentialError(
          subject: "client secret", message: "it is empty",
          hint: "put the secret's value, not its id, where the configuration says")
      }
      return [FormField(name: "client_secret", value: secret, isSecret: true)]
    }
  }
}
