/// What the header field `Authorization` says.
package enum Authorization {
  /// A user and a password (RFC 7617).
  package static func basic(_ username: String, _ password: String) -> String {
    BodyText.basic(username, password)
  }

  /// A token (RFC 6750).
  package static func bearer(_ token: String) -> String { "Bearer " + token }

  /// A token of Splunk's HTTP Event Collector.
  package static func splunk(_ token: String) -> String { "Splunk " + token }

  /// An API key of Elasticsearch, in the encoded form in which it is given out.
  package static func apiKey(_ key: String) -> String { "ApiKey " + key }
}
