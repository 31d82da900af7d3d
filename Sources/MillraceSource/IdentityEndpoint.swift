import MillraceCore
import MillraceHTTP

/// One question to an identity endpoint of a platform, and the reading of its refusals.
struct IdentityEndpoint: Sendable {
  /// How errors call it, such as "Google metadata server".
  let name: String
  /// What it takes to be on that platform.
  let hint: String
  let http: any HTTPClient

  /// Asks, and gives back an answer with status 200. Tokens of platforms are of this machine: no
  /// proxy stands between, unless the endpoint is on the network.
  func ask(
    _ method: String, _ url: String, headers: [(name: String, value: String)],
    body: [UInt8]? = nil, signature: AWSSignature? = nil, isLocal: Bool = true
  ) async throws(CredentialError) -> HTTPResponse {
    let request = HTTPRequest(
      method: method, url: url, headers: headers, body: body,
      timeouts: HTTPTimeouts(
        connect: isLocal ? Limits.identityConnectTimeout : Limits.requestConnectTimeout,
        total: Limits.tokenRequestTimeout),
      bodyBytesMax: Limits.errorBodyBytesMax, route: isLocal ? .direct : nil, signature: signature)
    let response: HTTPResponse
    do throws(HTTPError) {
      response = try await http.send(request)
    } catch {
      let kind: ServiceFailure.Kind =
        switch error.kind {
        case .cancelled: .cancelled
        case .protocol: .misconfigured
        default: .unreachable
        }
      throw CredentialError(subject: name, message: error.message, hint: hint, kind: kind)
    }
    guard response.status == 200 else { throw refusal(response) }
    return response
  }

  /// A refusal: those of trouble and of a service being updated pass, others do not.
  private func refusal(_ response: HTTPResponse) -> CredentialError {
    let isPassing = [404, 408, 410, 429].contains(response.status) || response.status >= 500
    let excerpt = AnswerExcerpt.make(response.body, redacting: [])
    return CredentialError(
      subject: name,
      message: "HTTP \(response.status): " + (excerpt.isEmpty ? "an empty answer" : excerpt),
      hint: hint, kind: isPassing ? .serviceTrouble : .credentialRefused)
  }

  /// An answer that is not what the endpoint promises.
  func malformed(_ what: String) -> CredentialError {
    CredentialError(
      subject: name, message: "the answer holds no \(what)", hint: hint, kind: .malformed)
  }

  /// The text behind a name in a JSON object.
  func member(_ name: String, of response: HTTPResponse) throws(CredentialError) -> String {
    guard let value = JSONValue(response.body)?[name]?.string, !value.isEmpty else {
      throw malformed(name)
    }
    return value
  }
}
