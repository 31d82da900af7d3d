import MillraceCore
import MillraceHTTP
import MillraceRuntime
import Synchronization

/// How many requests the simulated service takes before it throttles (Activity API reference,
/// "API throttling").
package struct RequestQuota: Sendable, Hashable {
  /// The form of the refusal. The first is the documented one.
  package enum Refusal: String, CaseIterable, Sendable {
    /// Status 403 and AF429 in single quotes, without a time to wait.
    case forbidden = "403"
    /// Status 429 and AF429, without a time to wait.
    case tooMany = "429"
    /// Status 429 and AF429, with `Retry-After` in seconds.
    case tooManyWithWait = "429-retry-after"
  }

  /// Whose requests are counted together.
  package enum Bucket: String, CaseIterable, Sendable {
    /// Those to one tenant.
    case tenant
    /// Those with one `PublisherIdentifier`; those without one share a bucket.
    case publisher
  }

  /// How many requests to the API are answered in each span.
  package var requests: Int
  /// The span, which slides: at any moment the requests of the span before it count.
  package var per: Duration
  /// The form of the refusal.
  package var refusal: Refusal
  /// Whose requests are counted together.
  package var bucket: Bucket

  /// A quota; by default in the documented form.
  package init(
    requests: Int, per: Duration = .seconds(60), refusal: Refusal = .forbidden,
    bucket: Bucket = .tenant
  ) {
    self.requests = requests
    self.per = per
    self.refusal = refusal
    self.bucket = bucket
  }
}

/// Counts requests against a quota. Refused ones do not count.
final class QuotaBook: Sendable {
  private let quota: RequestQuota
  private let clock: any WallClock
  /// When the requests of the latest span came, by bucket, the oldest first.
  private let times = Mutex<[String: [Timestamp]]>([:])

  init(_ quota: RequestQuota, clock: any WallClock) {
    self.quota = quota
    self.clock = clock
  }

  /// Nil when the request may pass; else what it is answered.
  func refusal(of call: SimulatedCall) -> ServerResponse? {
    let publisher =
      call.request.queryValue("PublisherIdentifier") ?? "00000000-0000-0000-0000-000000000000"
    let name = quota.bucket == .tenant ? call.tenant.lowercased() : publisher.lowercased()
    let now = clock.now()
    let wait = times.withLock { times -> Duration? in
      var bucket = times[name] ?? []
      let old = bucket.prefix { $0 <= now - quota.per }.count
      bucket.removeFirst(old)
      defer { times[name] = bucket }
      guard bucket.count >= quota.requests else {
        bucket.append(now)
        return nil
      }
      return (bucket.first ?? now) + quota.per - now
    }
    guard let wait else { return nil }
    let text = "Too many requests. Method=\(FaultyAnswers.method(call)), PublisherId=\(publisher)"
    switch quota.refusal {
    case .forbidden:
      return Answers.json("{'error':{'code':'AF429','message':'\(text)'}}", status: 403)
    case .tooMany:
      return Answers.error("AF429", text, status: 429)
    case .tooManyWithWait:
      var answer = Answers.error("AF429", text, status: 429)
      answer.headers.append(("Retry-After", "\(wait.components.seconds + 1)"))
      return answer
    }
  }
}
