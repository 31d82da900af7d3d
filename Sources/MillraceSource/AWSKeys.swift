import MillraceCore
import MillraceHTTP

/// The keys with which requests to Amazon's services are signed, looked for where Amazon's own
/// libraries look (AWS SDKs, "Standardized credential providers"): the environment, the container,
/// the machine.
struct AWSKeys: Sendable {
  /// Keys as they are now.
  struct Keys: Sendable {
    let id: String
    let secret: String
    /// Goes with keys that end.
    let sessionToken: String?

    /// The field that a session adds; it is signed like the others.
    var headers: [(name: String, value: String)] {
      sessionToken.map { [("X-Amz-Security-Token", $0)] } ?? []
    }

    func signature(region: String, service: String) -> AWSSignature {
      AWSSignature(region: region, service: service, accessKeyID: id, secretAccessKey: secret)
    }
  }

  private let environment: [String: String]
  private let endpoint: IdentityEndpoint

  init(environment: [String: String], http: any HTTPClient) {
    self.environment = environment.filter { !$0.value.isEmpty }
    endpoint = IdentityEndpoint(
      name: "AWS credentials",
      hint: "run it on AWS with a role attached, or set AWS_ACCESS_KEY_ID"
        + " and AWS_SECRET_ACCESS_KEY", http: http)
  }

  /// The keys as they are now.
  func current() async throws(CredentialError) -> Keys {
    if let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"]
    {
      return Keys(id: id, secret: secret, sessionToken: environment["AWS_SESSION_TOKEN"])
    }
    if let url = containerURL { return try await containerKeys(url) }
    return try await machineKeys()
  }

  // MARK: Containers

  private var containerURL: String? {
    if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      return "http://169.254.170.2" + path
    }
    return environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
  }

  private func containerKeys(_ url: String) async throws(CredentialError) -> Keys {
    var headers: [(name: String, value: String)] = []
    if let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
      let bytes = try CredentialFile.read(path, "container token")
      let line = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
      headers.append(("Authorization", line))
    } else if let token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] {
      headers.append(("Authorization", token))
    }
    return try keys(of: try await endpoint.ask("GET", url, headers: headers))
  }

  // MARK: Machines (EC2, "Instance Metadata Service Version 2")

  private func machineKeys() async throws(CredentialError) -> Keys {
    let stated = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
    let base = (stated.hasSuffix("/") ? String(stated.dropLast()) : stated) + "/latest/"
    let session = try await endpoint.ask(
      "PUT", base + "api/token", headers: [("X-aws-ec2-metadata-token-ttl-seconds", "60")])
    let headers = [
      (name: "X-aws-ec2-metadata-token", value: String(decoding: session.body, as: UTF8.self))
    ]
    let folder = base + "meta-data/iam/security-credentials/"
    let role = String(
      decoding: try await endpoint.ask("GET", folder, headers: headers).body.prefix { $0 > 0x20 },
      as: UTF8.self)
    guard !role.isEmpty else { throw endpoint.malformed("role") }
    return try keys(
      of: try await endpoint.ask("GET", folder + URLText.encoded(role), headers: headers))
  }

  private func keys(of response: HTTPResponse) throws(CredentialError) -> Keys {
    Keys(
      id: try endpoint.member("AccessKeyId", of: response),
      secret: try endpoint.member("SecretAccessKey", of: response),
      sessionToken: JSONValue(response.body)?["Token"]?.string)
  }
}
