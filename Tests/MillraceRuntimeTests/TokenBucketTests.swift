import MillraceCore
import MillraceRuntime
import Testing

struct TokenBucketTests {
  @Test func `a burst is free, then tokens come at their pace`() {
    var bucket = TokenBucket(perMinute: 60, burst: 3)
    let now = Duration.seconds(1000)
    #expect(
      (0..<6).map { _ in bucket.take(at: now) } == [
        .zero, .zero, .zero, .seconds(1), .seconds(2), .seconds(3),
      ])
  }

  @Test func `who waits as told is never early and never late`() {
    var bucket = TokenBucket(perMinute: 600, burst: 1)
    var now = Duration.zero
    for number in 0..<100 {
      let wait = bucket.take(at: now)
      #expect(wait == (number == 0 ? .zero : .milliseconds(100)))
      now += wait
    }
    #expect(now == .milliseconds(9900))
  }

  @Test func `an idle bucket saves up a burst, not more`() {
    var bucket = TokenBucket(perMinute: 60, burst: 2)
    _ = bucket.take(at: .zero)
    let later = Duration.seconds(86_400)
    #expect(
      (0..<4).map { _ in bucket.take(at: later) } == [
        .zero, .zero, .seconds(1), .seconds(2),
      ])
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `in no minute more than the rate and a burst goes through`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var bucket = TokenBucket(perMinute: 120, burst: 5)
    var now = Duration.zero
    var uses: [Duration] = []
    for _ in 0..<2000 {
      now += .milliseconds(Int.random(in: 0...900, using: &generator))
      uses.append(now + bucket.take(at: now))
    }
    uses.sort()
    for (index, start) in uses.enumerated() {
      let inMinute = uses[index...].prefix { $0 < start + .seconds(60) }.count
      #expect(inMinute <= 120 + 5)
    }
  }
}
