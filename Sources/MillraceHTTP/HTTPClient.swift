/// Sends requests and receives whole answers.
///
/// An answer of any status is a success here; what it means is for the caller to say. Redirects
/// are answers like others and never followed.
package protocol HTTPClient: Sendable {
  /// Sends a request and waits for its complete answer.
  ///
  /// Throws `HTTPError` when no complete answer came. Cancelling the calling task ends the
  /// transfer at once with `.cancelled`.
  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}
