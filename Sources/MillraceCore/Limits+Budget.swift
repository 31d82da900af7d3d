extension Limits {
  // MARK: The budget of requests (Activity API reference, "Throttling and quotas")

  /// By how much of the ceiling a lowered limit rises in a minute.
  package static let budgetRisePerMinute = 0.01
  /// How long a limit stays where the first throttling brought it, before it rises. It may have
  /// been brought about by someone else's requests, so it must not last.
  package static let budgetPatience: Duration = .seconds(600)
  /// The longest it stays there, however often it was throttled: quotas are raised now and then.
  package static let budgetPatienceMax: Duration = .seconds(86_400)
  /// The least share of the ceiling that throttling brings a limit down to. A service that refuses
  /// at random must not bring collecting to a stop; pauses slow down what still is too much.
  package static let budgetFloor = 0.1
  /// Requests under way at the same time, over all tenants. A tenant has at most thirteen (eight
  /// fetches, five listings), so that one whose connections all hang leaves the others three
  /// quarters; and bodies in memory stay under 200 MB even if all are of the largest ordinary size.
  package static let requestsAtOnceMax = 48

  // MARK: Polling

  /// The least time between two polls of a feed, however often it is asked for.
  package static let hintedPollInterval: Duration = .seconds(5)

  // MARK: Settling

  /// How old a blob has to be to be taken for whole. The service has been seen to serve younger
  /// ones in part: one that was fetched earlier is fetched once more.
  package static let contentYouth: Duration = .seconds(15 * 60)
  /// How old such a blob is when it is fetched once more: well past its youth, and long before
  /// anything of it could be deleted here.
  package static let contentSettledAge: Duration = .seconds(20 * 60)
  /// How long a second fetch that failed waits: the blob was had once, so that this never stands in
  /// the way of one that was not.
  package static let settlingRetry: Duration = .seconds(600)
  /// Tries of a second fetch before it is given up; about a day.
  package static let settlingTriesMax = 144
}
