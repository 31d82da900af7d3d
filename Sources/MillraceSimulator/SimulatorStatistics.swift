/// What a simulated tenant was asked and what it did, counted since its start.
package struct SimulatorStatistics: Sendable, Equatable {
  /// The kinds of requests.
  package enum Request: String, CaseIterable, Sendable {
    case token
    case listSubscriptions = "list subscriptions"
    case startSubscription = "start subscription"
    case stopSubscription = "stop subscription"
    case listContent = "list content"
    case fetchContent = "fetch content"
    case other
  }

  /// Requests by kind, refused and sabotaged ones included.
  package var requests: [Request: Int] = [:]
  /// Answers spoiled by a fault, by fault. Faults that spoil blobs for good are in the oracle.
  package var faults: [SimulatedFault: Int] = [:]
  /// Blobs of all feeds, those that cannot be had included.
  package var blobsOffered = 0
  /// The records of those blobs.
  package var recordsOffered = 0
  /// Tokens handed out.
  package var tokensIssued = 0
  /// Token requests refused for what they said.
  package var tokensRefused = 0
  /// Calls of the API refused with status 401.
  package var unauthorized = 0
  /// Calls of the API without `PublisherIdentifier`.
  package var requestsWithoutPublisher = 0
  /// Calls of the API that came when the tenant's quota was used up.
  package var requestsBeyondQuota = 0
  /// Listings of a time that had not come by the service's clock.
  package var listingsInFuture = 0
  /// Requests that arrived at the foreign origin.
  package var foreignRequests = 0
  /// Of those, the ones that brought an Authorization header: the bearer token leaked.
  package var foreignRequestsWithToken = 0
  /// Pages of listings that were answered.
  package var pagesServed = 0
  /// Blobs answered with their records, repeats included.
  package var blobsServed = 0
  /// The records of those blobs.
  package var recordsServed = 0
  /// The bytes of those blobs before compression; those of a huge blob are not counted.
  package var bytesServed = 0

  /// All requests to the tenant's own origin.
  package var requestCount: Int { requests.values.reduce(0, +) }
  /// All spoiled answers.
  package var faultCount: Int { faults.values.reduce(0, +) }
}
