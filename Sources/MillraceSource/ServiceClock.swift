package import MillraceCore
package import MillraceHTTP

/// The service's time, as far as an answer tells it.
package enum ServiceClock {
  /// The `Date` of an answer, in whole seconds; nil when it has none, or came from a cache, whose
  /// date is of another time.
  package static func time(of response: HTTPResponse) -> Timestamp? {
    guard response.header("Age") == nil else { return nil }
    return response.header("Date").flatMap(HTTPDate.parse)
  }
}
